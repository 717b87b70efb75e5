// SPDX-License-Identifier: Apache-2.0
// verity FILE: enables fs-verity on it, with SHA-256 and no salt, and prints the digest as a policy
// lists it.
#include "attack.h"

#include <fcntl.h>
#include <linux/fsverity.h>
#include <sys/ioctl.h>

#define SHA256_LENGTH 32

static void print_digest(int fd)
{
	union {
		struct fsverity_digest digest;
		unsigned char bytes[sizeof(struct fsverity_digest) + SHA256_LENGTH];
	} measured = {.digest.digest_size = SHA256_LENGTH};
	unsigned int i;

	if (ioctl(fd, FS_IOC_MEASURE_VERITY, &measured.digest))
		setup_failed("measuring");
	printf("fsverity-sha256:");
	for (i = 0; i < measured.digest.digest_size; i++)
		printf("%02x", measured.digest.digest[i]);
	printf("\n");
}

int main(int argc, char **argv)
{
	const struct fsverity_enable_arg enable = {
		.version = 1,
		.hash_algorithm = FS_VERITY_HASH_ALG_SHA256,
		.block_size = 4096,
	};
	int fd;

	if (argc != 2)
		setup_failed("usage: verity FILE");
	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		setup_failed("%s", argv[1]);
	if (ioctl(fd, FS_IOC_ENABLE_VERITY, &enable))
		setup_failed("enabling fs-verity on %s", argv[1]);
	print_digest(fd);
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
/*
 * hash FILE: what the kernel's own sha256 costs over the bytes of FILE, through
 * AF_ALG, with buffers of 64 KiB. The bytes are in memory before the clock
 * starts. Prints `NANOSECONDS BYTES DIGEST`.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_alg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"

#define BUFFER (64 * 1024)

static void fail(const char *what)
{
	fprintf(stderr, "hash: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int open_sha256(void)
{
	struct sockaddr_alg address = {
		.salg_family = AF_ALG,
		.salg_type = "hash",
		.salg_name = "sha256",
	};
	int algorithm = socket(AF_ALG, SOCK_SEQPACKET, 0);
	int operation;

	if (algorithm < 0 || bind(algorithm, (struct sockaddr *)&address, sizeof(address)))
		fail("AF_ALG sha256");
	operation = accept(algorithm, NULL, 0);
	if (operation < 0)
		fail("accept");
	return operation;
}

int main(int argc, char **argv)
{
	unsigned char digest[32];
	unsigned long began, ended;
	struct stat status;
	unsigned char *bytes;
	size_t done, part;
	int file, operation;

	if (argc != 2)
		return 2;
	file = open(argv[1], O_RDONLY);
	if (file < 0 || fstat(file, &status))
		fail(argv[1]);
	bytes = malloc((size_t)status.st_size);
	if (!bytes)
		fail("malloc");
	for (done = 0; done < (size_t)status.st_size; done += part) {
		ssize_t got = read(file, bytes + done, (size_t)status.st_size - done);

		if (got <= 0)
			fail("read");
		part = (size_t)got;
	}
	operation = open_sha256();
	began = bench_now();
	for (done = 0; done < (size_t)status.st_size; done += part) {
		part = (size_t)status.st_size - done;
		if (part > BUFFER)
			part = BUFFER;
		if (send(operation, bytes + done, part, MSG_MORE) != (ssize_t)part)
			fail("send");
	}
	if (read(operation, digest, sizeof(digest)) != sizeof(digest))
		fail("digest");
	ended = bench_now();
	printf("%lu %lu ", ended - began, (unsigned long)status.st_size);
	for (done = 0; done < sizeof(digest); done++)
		printf("%02x", digest[done]);
	putchar('\n');
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
/*
 * handover FILE SHA256: puts the packed access policy FILE in force, enforcing, and prints what the
 * kernel takes for it: `staging N` and `commit N`, in nanoseconds. SHA256 is the file's, in
 * hexadecimal.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <moor.h>

#include "clock.h"

#define PIECE 4096 /* sysfs takes no more at once */

static void fail(const char *what)
{
	fprintf(stderr, "handover: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int open_node(const char *name, int flags)
{
	char path[128];
	int node;

	snprintf(path, sizeof(path), "%s/%s", MOOR_ACCESS_PATH, name);
	node = open(path, flags);
	if (node < 0)
		fail(path);
	return node;
}

static void stage(const char *bytes, size_t length)
{
	int data = open_node("data", O_WRONLY);
	size_t offset, piece;

	for (offset = 0; offset < length; offset += piece) {
		piece = length - offset < PIECE ? length - offset : PIECE;
		if (pwrite(data, bytes + offset, piece, (off_t)offset) != (ssize_t)piece)
			fail("data");
	}
	close(data);
}

int main(int argc, char **argv)
{
	struct moor_access_begin begin = {.header = {sizeof(begin), MOOR_ABI_VERSION}};
	struct moor_access_commit commit = {
		.header = {sizeof(commit), MOOR_ABI_VERSION},
		.flags = MOOR_COMMIT_ENFORCING,
		.version = 1,
		.name = "bench",
	};
	unsigned long before, staged;
	struct stat status;
	char *bytes;
	int file, node, i;

	if (argc != 3 || strlen(argv[2]) != 2 * sizeof(commit.digest))
		return 2;
	for (i = 0; i < (int)sizeof(commit.digest); i++)
		if (sscanf(argv[2] + 2 * i, "%2hhx", &commit.digest[i]) != 1)
			return 2;
	file = open(argv[1], O_RDONLY);
	if (file < 0 || fstat(file, &status))
		fail(argv[1]);
	/* Read whole before: the file is not what is measured. */
	bytes = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
	if (bytes == MAP_FAILED)
		fail(argv[1]);
	begin.byte_count = status.st_size;

	before = bench_now();
	node = open_node("begin", O_RDWR);
	if (pwrite(node, &begin, sizeof(begin), 0) != sizeof(begin) ||
	    pread(node, &commit.token, sizeof(commit.token), 0) != sizeof(commit.token))
		fail("begin");
	close(node);
	stage(bytes, status.st_size);
	staged = bench_now();
	node = open_node("commit", O_WRONLY);
	if (pwrite(node, &commit, sizeof(commit), 0) != sizeof(commit))
		fail("commit");
	close(node);
	printf("staging %lu\ncommit %lu\n", staged - before, bench_now() - staged);
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
// writer FILE: maps FILE shared and writable, closes its descriptor, says "ready", and when it is
// sent a line makes the code in FILE (mov eax, N; ret) return 66. The mapping alone keeps it a
// writer.
#include "attack.h"

#include <fcntl.h>
#include <sys/mman.h>

int main(int argc, char **argv)
{
	unsigned char *bytes;
	char byte;
	int descriptor;

	if (argc != 2)
		setup_failed("usage: writer FILE");
	descriptor = open(argv[1], O_RDWR | O_CLOEXEC);
	if (descriptor < 0)
		attack_ends("open for writing", -1);
	bytes = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
	if (bytes == MAP_FAILED)
		setup_failed("mmap");
	close(descriptor);
	puts("ready");
	fflush(stdout);
	if (read(STDIN_FILENO, &byte, 1) != 1)
		setup_failed("nobody asked for the write");
	bytes[1] = 66;
	attack_ends("write", msync(bytes, 4096, MS_SYNC));
}

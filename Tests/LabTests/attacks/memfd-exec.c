// SPDX-License-Identifier: Apache-2.0
// memfd-exec PROGRAM ARGS...: copies PROGRAM into a memfd and executes that.
#include "attack.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

int main(int argc, char **argv)
{
	struct stat status;
	off_t offset = 0;
	int from, to;

	if (argc < 2)
		setup_failed("usage: memfd-exec PROGRAM ARGS...");
	from = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (from < 0 || fstat(from, &status))
		setup_failed("%s", argv[1]);
	to = memfd_create("program", MFD_CLOEXEC);
	if (to < 0)
		setup_failed("memfd_create");
	while (offset < status.st_size)
		if (sendfile(to, from, &offset, status.st_size - offset) <= 0)
			setup_failed("copying %s", argv[1]);
	attack_ends("exec of a memfd", execveat(to, "", argv + 1, environ, AT_EMPTY_PATH));
}

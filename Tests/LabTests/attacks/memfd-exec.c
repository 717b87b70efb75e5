// SPDX-License-Identifier: Apache-2.0
// memfd-exec [--vm NAME] [--by WAY] PROGRAM ARGS...: executes a copy of PROGRAM that has no name in
// any file system.
//   --vm NAME   as the emulator of that VM
//   --by WAY    execveat (the default) and fexecve of a memfd; link: a memfd by its name in /proc;
//               nameless: an O_TMPFILE on disk; unlinked: a file whose name was removed
#include "bind.h"

#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

static int open_copy(const char *way)
{
	char path[] = "/opt/moor/unlinked.XXXXXX";
	int copy;

	if (!strcmp(way, "nameless"))
		return open("/opt/moor", O_TMPFILE | O_RDWR, 0700);
	if (strcmp(way, "unlinked"))
		return memfd_create("program", 0);
	copy = mkstemp(path);
	if (copy >= 0 && (fchmod(copy, 0700) || unlink(path)))
		return -1;
	return copy;
}

/* A file that is open for writing cannot be executed by anyone: opened again for reading. */
static int copy_of(const char *program, const char *way)
{
	char path[64];
	struct stat status;
	off_t offset = 0;
	int from = open(program, O_RDONLY | O_CLOEXEC), to, readable;

	if (from < 0 || fstat(from, &status))
		setup_failed("%s", program);
	to = open_copy(way);
	if (to < 0)
		setup_failed("the copy");
	while (offset < status.st_size)
		if (sendfile(to, from, &offset, status.st_size - offset) <= 0)
			setup_failed("copying %s", program);
	close(from);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", to);
	readable = open(path, O_RDONLY);
	if (readable < 0)
		setup_failed("%s", path);
	close(to);
	return readable;
}

int main(int argc, char **argv)
{
	const char *vm = NULL, *way = "execveat";
	char path[64];
	int copy;

	for (; argc > 2 && !strncmp(argv[1], "--", 2); argv += 2, argc -= 2) {
		if (!strcmp(argv[1], "--vm"))
			vm = argv[2];
		else
			way = argv[2];
	}
	if (argc < 2)
		setup_failed("usage: memfd-exec [--vm NAME] [--by WAY] PROGRAM ARGS...");
	copy = copy_of(argv[1], way);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", copy);
	if (vm)
		bind_vm(vm);
	if (!strcmp(way, "link"))
		attack_ends("exec", execv(path, argv + 1));
	if (!strcmp(way, "fexecve"))
		attack_ends("exec", fexecve(copy, argv + 1, environ));
	attack_ends("exec", execveat(copy, "", argv + 1, environ, AT_EMPTY_PATH));
}

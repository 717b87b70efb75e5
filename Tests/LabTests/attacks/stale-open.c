// SPDX-License-Identifier: Apache-2.0
// stale-open WAY FILE GOOD: opens FILE, writes the bytes of GOOD to it by its name, and executes
// what it opened. In an overlay the open file stays in the lower layer while its name has moved to
// a copy above.
//   mmap       maps the open file executable
//   mprotect   maps it for reading only, maps the copy executable, and then makes the first mapping
//   executable
#include "attack.h"

#include <fcntl.h>
#include <sys/mman.h>

#define PAGE 4096

static int open_file(const char *path, int flags)
{
	int descriptor = open(path, flags | O_CLOEXEC);

	if (descriptor < 0)
		setup_failed("%s", path);
	return descriptor;
}

static void *map(int descriptor, int protection)
{
	void *memory = mmap(NULL, PAGE, protection, MAP_PRIVATE, descriptor, 0);

	if (memory == MAP_FAILED)
		attack_ends("mapping", -1);
	return memory;
}

int main(int argc, char **argv)
{
	unsigned char good[PAGE];
	int (*function)(void);
	void *memory = NULL;
	int stale, name;

	if (argc != 4)
		setup_failed("usage: stale-open WAY FILE GOOD");
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (read(open_file(argv[3], O_RDONLY), good, PAGE) != PAGE)
		setup_failed("%s", argv[3]);
	stale = open_file(argv[2], O_RDONLY);
	if (!strcmp(argv[1], "mprotect"))
		memory = map(stale, PROT_READ);
	name = open_file(argv[2], O_WRONLY);
	if (write(name, good, PAGE) != PAGE)
		setup_failed("writing %s", argv[2]);
	close(name);
	if (pread(stale, good, PAGE, 0) != PAGE)
		setup_failed("reading");
	printf("read: %d\n", good[1]);
	if (memory) {
		map(open_file(argv[2], O_RDONLY), PROT_READ | PROT_EXEC);
		if (mprotect(memory, PAGE, PROT_READ | PROT_EXEC))
			attack_ends("mprotect", -1);
	} else {
		memory = map(stale, PROT_READ | PROT_EXEC);
	}
	*(void **)&function = memory;
	printf("returned: %d\n", function());
	attack_ends("stale file", 0);
}

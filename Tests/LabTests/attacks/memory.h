/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What attacks on executable memory share: each tries to have bytes executed that nobody measured,
 * which are a function that returns 66, and ends with what calling it gives.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include "attack.h"

#include <fcntl.h>
#include <sys/mman.h>

#define PAGE	   4096
#define READ_WRITE (PROT_READ | PROT_WRITE)
#define READ_EXEC  (PROT_READ | PROT_EXEC)

static const unsigned char evil[] = {0xb8, 66, 0, 0, 0, 0xc3};
static const char *file;

static inline _Noreturn void call(const char *what, void *code)
{
	int (*function)(void);

	*(void **)&function = code;
	printf("returned: %d\n", function());
	attack_ends(what, 0);
}

static inline void *map(const char *what, int protection, int flags, int descriptor)
{
	void *memory = mmap(NULL, PAGE, protection, flags, descriptor, 0);

	if (memory == MAP_FAILED)
		attack_ends(what, -1);
	return memory;
}

static inline void protect(const char *what, void *memory, int protection)
{
	if (mprotect(memory, PAGE, protection))
		attack_ends(what, -1);
}

static inline int open_file(int flags)
{
	int descriptor = open(file ? file : "", flags | O_CLOEXEC);

	if (descriptor < 0)
		setup_failed("%s", file ? file : "no FILE");
	return descriptor;
}

struct verb {
	const char *name;
	void (*attack)(void);
};

/* PROGRAM VERB [FILE] */
static inline _Noreturn void run_verb(int argc, char **argv, const struct verb *verbs, size_t count)
{
	size_t i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	file = argc > 2 ? argv[2] : NULL;
	for (i = 0; argc > 1 && i < count; i++)
		if (!strcmp(argv[1], verbs[i].name))
			verbs[i].attack();
	setup_failed("no such attack");
}

#endif

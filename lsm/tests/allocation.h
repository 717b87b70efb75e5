/* SPDX-License-Identifier: GPL-2.0-only */
/* The allocator behind portable.h: it counts, and fails when it is told to. */
#ifndef MOOR_ALLOCATION_H
#define MOOR_ALLOCATION_H

#include <stddef.h>

struct allocation_counts {
	size_t calls;  /* since allocation_reset() */
	size_t blocks; /* not given back yet */
	size_t bytes;  /* in those blocks */
	size_t peak;   /* most bytes at once since allocation_reset() */
};

/* Starts counting anew. Call number @fail (from 1) fails, and only that; 0: none. */
void allocation_reset(size_t fail);
struct allocation_counts allocation_counts(void);

#endif /* MOOR_ALLOCATION_H */

// SPDX-License-Identifier: GPL-2.0-only
/* See allocation.h. A header of 16 bytes before each block keeps its size. */
#include "allocation.h"
#include "portable.h"

#include <stdlib.h>

#define HEADER ((size_t)16)

static struct allocation_counts counts;
static size_t failing_call;

void allocation_reset(size_t fail)
{
	counts.calls = 0;
	counts.peak = counts.bytes;
	failing_call = fail;
}

struct allocation_counts allocation_counts(void)
{
	return counts;
}

void *moor_test_allocate(size_t count, size_t size)
{
	size_t bytes;
	char *block;

	if (++counts.calls == failing_call)
		return NULL;
	if (__builtin_mul_overflow(count, size, &bytes))
		return NULL;
	block = calloc(1, HEADER + bytes);
	if (!block)
		return NULL;
	memcpy(block, &bytes, sizeof(bytes));
	counts.blocks++;
	counts.bytes += bytes;
	if (counts.bytes > counts.peak)
		counts.peak = counts.bytes;
	return block + HEADER;
}

void moor_test_release(const void *memory)
{
	char *block;
	size_t bytes;

	if (!memory)
		return;
	block = (char *)memory - HEADER;
	memcpy(&bytes, block, sizeof(bytes));
	counts.blocks--;
	counts.bytes -= bytes;
	free(block);
}

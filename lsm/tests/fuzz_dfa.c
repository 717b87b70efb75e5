// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as a packed automaton: what opens must answer for every path within
 * its bounds, and the same when asked twice. The end of the input is a path too.
 */
#include "dfa_make.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define REQUIRE(condition)                                                                         \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

/* An opened automaton refuses to be one once a start leads out of it. */
static void spoil(u8 *bytes, u32 length)
{
	struct moor_dfa_header *header = (struct moor_dfa_header *)bytes;
	struct moor_dfa dfa;
	u32 offset;

	header->starts[0] = header->state_count;
	REQUIRE(moor_dfa_open(&dfa, bytes, length, &offset) == -EINVAL && offset == 0);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u32 length = (u32)size, offset = 0, tail = length < 256 ? length : 256;
	u8 *bytes = malloc(size ? size : 1);
	struct moor_dfa dfa;
	int error;

	REQUIRE(bytes);
	memcpy(bytes, data, size);
	error = moor_dfa_open(&dfa, bytes, length, &offset);
	if (error) {
		REQUIRE(error == -EINVAL && offset <= length);
	} else {
		struct moor_dfa_answer one = {0}, two = {0};
		const char *path = (const char *)data + length - tail;

		look_up_everything(&dfa);
		moor_dfa_look(&dfa, MOOR_DFA_ROOT_PATH, path, tail, &one);
		moor_dfa_look(&dfa, MOOR_DFA_ROOT_PATH, path, tail, &two);
		REQUIRE(memcmp(&one, &two, sizeof(one)) == 0);
		spoil(bytes, length);
	}
	free(bytes);
	return 0;
}

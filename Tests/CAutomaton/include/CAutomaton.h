/* SPDX-License-Identifier: Apache-2.0 */
/* The module's own lookup of paths, for the tests of what user space compiles. */
#ifndef MOOR_CAUTOMATON_H
#define MOOR_CAUTOMATON_H

#include <stdint.h>

struct moor_test_answer {
	uint32_t allow;
	uint32_t audit;
	uint32_t deny;
	uint32_t quiet;
	uint32_t helper;
	uint32_t commands[4];
	uint32_t command_count;
	int parent;
};

/* Checks the packed automaton and adds to the answer what it says; 0 or -errno,
 * and where the first thing stands that is wrong. */
int moor_test_look(const void *automaton, uint32_t length, uint32_t root, const void *path,
		   uint32_t path_length, struct moor_test_answer *answer, uint32_t *error_offset);

#endif /* MOOR_CAUTOMATON_H */

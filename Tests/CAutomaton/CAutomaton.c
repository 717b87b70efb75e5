/* SPDX-License-Identifier: Apache-2.0 */
/* See CAutomaton.h: the source of the kernel module itself, compiled for user space. */
#include "answer.h"

#include "../../lsm/dfa.c"

_Static_assert(MOOR_DFA_PER_DOMAIN == 4, "the answer has room for all sets of commands");

int moor_test_look(const void *automaton, uint32_t length, uint32_t root, const void *path,
		   uint32_t path_length, struct moor_test_answer *answer, uint32_t *error_offset)
{
	struct moor_dfa_answer found = {
		.allow = answer->allow,
		.audit = answer->audit,
		.deny = answer->deny,
		.quiet = answer->quiet,
		.helper = answer->helper,
		.command_count = answer->command_count,
		.parent = answer->parent,
	};
	struct moor_dfa dfa;
	int error = moor_dfa_open(&dfa, automaton, length, error_offset);

	if (error)
		return error;
	memcpy(found.commands, answer->commands, sizeof(found.commands));
	moor_dfa_look(&dfa, (enum moor_dfa_root)root, path, path_length, &found);
	tell(answer, &found);
	return 0;
}

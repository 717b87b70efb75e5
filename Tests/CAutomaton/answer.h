/* SPDX-License-Identifier: Apache-2.0 */
/* An answer of the module's, as the tests have it. */
#ifndef ANSWER_H
#define ANSWER_H

#include "../../lsm/dfa.h"
#include "CAutomaton.h"

static inline void tell(struct moor_test_answer *answer, const struct moor_dfa_answer *found)
{
	answer->allow = found->allow;
	answer->audit = found->audit;
	answer->deny = found->deny;
	answer->quiet = found->quiet;
	answer->helper = found->helper;
	answer->command_count = found->command_count;
	answer->parent = found->parent;
	memcpy(answer->commands, found->commands, sizeof(found->commands));
}

#endif /* ANSWER_H */

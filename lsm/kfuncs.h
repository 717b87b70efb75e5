/* SPDX-License-Identifier: GPL-2.0-only */
/* What stands in front of the kfuncs: is anything to be decided here at all? */
#ifndef MOOR_KFUNCS_H
#define MOOR_KFUNCS_H

#include "attach.h"

#include <linux/jump_label.h>

/* Runs in front of every kfunc; true when the hook is to decide. */
static __always_inline bool entered(enum moor_hook hook)
{
	if (static_branch_unlikely(&moor_proving))
		moor_attach_proved(hook);
	return static_branch_likely(&moor_armed);
}

/* Is the current task perhaps held to rules of access? Nobody is while none are in force. */
static __always_inline bool maybe_held_to_rules(void)
{
	return static_branch_unlikely(&moor_access_in_force) &&
	       unlikely(moor_task_maybe_known(current)) && moor_called_by_own_program();
}

/*
 * The domain whose rules of access the current task is held to; NULL for everybody else, and while
 * no access policy is in force.
 */
static __always_inline struct moor_domain *held_to_rules(void)
{
	return maybe_held_to_rules() ? moor_task_domain() : NULL;
}

/* Likewise, in front of the kfuncs that ask nothing else. */
static __always_inline struct moor_domain *entered_held_to_rules(enum moor_hook hook)
{
	return entered(hook) ? held_to_rules() : NULL;
}

#endif /* MOOR_KFUNCS_H */

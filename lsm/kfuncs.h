/* SPDX-License-Identifier: GPL-2.0-only */
/* What stands in front of every kfunc, without a call. */
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

/*
 * The domain whose rules of access the current task is held to; NULL for everybody else, and while
 * no access policy is in force.
 */
static __always_inline struct moor_domain *held_to_rules(void)
{
	if (!static_branch_unlikely(&moor_access_in_force) ||
	    likely(!moor_task_maybe_known(current)) || !moor_called_by_own_program())
		return NULL;
	return moor_task_domain();
}

/* Likewise, in front of the kfuncs that ask nothing else. */
static __always_inline struct moor_domain *entered_held_to_rules(enum moor_hook hook)
{
	return entered(hook) ? held_to_rules() : NULL;
}

#endif /* MOOR_KFUNCS_H */

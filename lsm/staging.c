// SPDX-License-Identifier: GPL-2.0-only
/*
 * A task's way into a domain: a VM is bound to its next exec, each hop of that exec
 * is staged, and what was staged is entered when the exec cannot fail any more.
 */
#include "task.h"

#include <linux/binfmts.h>
#include <linux/err.h>
#include <linux/spinlock.h>

/**
 * moor_task_bind - bind a VM to the current task's next exec
 * @vm: the VM's name
 *
 * A second binding replaces the first.
 *
 * Return: 0; -EACCES inside a domain, -EAGAIN while the hooks are given back,
 * -ENOMEM.
 */
int moor_task_bind(const char *vm)
{
	struct moor_task *known = moor_task_know_current();

	if (IS_ERR(known))
		return PTR_ERR(known);
	if (known->domain)
		return -EACCES;
	strscpy(known->vm, vm, sizeof(known->vm));
	return 0;
}

/* The VM bound to the current task's next exec, or NULL. */
const char *moor_task_bound(void)
{
	const struct moor_task *known = moor_task_find_current();

	return known && known->vm[0] ? known->vm : NULL;
}

/* Drops what the current task's exec has come to. */
static void drop_exec(struct moor_task *known)
{
	struct moor_domain *domain;
	unsigned long flags;

	if (!known->exec)
		return;
	spin_lock_irqsave(&moor_tasks_lock, flags);
	domain = known->exec->domain;
	known->exec = NULL;
	moor_domain_tasks -= !!domain;
	spin_unlock_irqrestore(&moor_tasks_lock, flags);
	moor_domain_put(domain);
}

/**
 * moor_task_exec - what the earlier hops of this exec came to
 * @bprm: the exec
 *
 * No hook tells that an exec failed. What a failed one staged is dropped by
 * the next hook that looks, and with the task at the latest.
 *
 * Return: what was staged for @bprm, or NULL.
 */
const struct moor_exec *moor_task_exec(const struct linux_binprm *bprm)
{
	struct moor_task *known = moor_task_find_current();

	if (!known || !known->exec)
		return NULL;
	if (current->in_execve && known->exec->bprm == bprm)
		return known->exec;
	drop_exec(known);
	return NULL;
}

/**
 * moor_task_stage - remember what this hop of an exec came to
 * @bprm: the exec
 * @staged: what moor_decide_exec() said
 * @domain: the domain it will start, whose reference is taken over; or NULL
 * @helper: the child domain that it will run in, 0: the VM's own
 *
 * The last hop wins. Nothing holds before moor_task_commit(), which cannot
 * fail: all that could is done here.
 *
 * Return: 0; -ENOMEM or -EAGAIN, and then @domain is still the caller's.
 */
int moor_task_stage(const struct linux_binprm *bprm, const struct moor_staged *staged,
		    struct moor_domain *domain, u32 helper)
{
	struct moor_task *known = moor_task_know_current();
	unsigned long flags;

	if (IS_ERR(known))
		return PTR_ERR(known);
	drop_exec(known);

	spin_lock_irqsave(&moor_tasks_lock, flags);
	if (domain && moor_entry_closed) {
		spin_unlock_irqrestore(&moor_tasks_lock, flags);
		return -EAGAIN;
	}
	known->staging = (struct moor_exec){
		.bprm = bprm, .staged = *staged, .domain = domain, .helper = helper};
	known->exec = &known->staging;
	if (domain)
		moor_domain_tasks++;
	spin_unlock_irqrestore(&moor_tasks_lock, flags);
	return 0;
}

/**
 * moor_task_commit - the exec cannot fail any more: enter what was staged
 * @bprm: the exec
 *
 * The binding is used up here, whatever was started.
 *
 * Return: the domain the task is in now, or NULL.
 */
struct moor_domain *moor_task_commit(const struct linux_binprm *bprm)
{
	struct moor_task *known = moor_task_find_current();

	if (!known)
		return NULL;
	known->vm[0] = '\0';
	if (moor_task_exec(bprm)) {
		unsigned long flags;

		spin_lock_irqsave(&moor_tasks_lock, flags);
		known->exec = NULL;
		if (known->staging.domain)
			WRITE_ONCE(known->domain, known->staging.domain);
		known->memory_exec = known->staging.staged.memory_exec;
		known->helper = known->staging.helper;
		spin_unlock_irqrestore(&moor_tasks_lock, flags);
	}
	return known->domain;
}

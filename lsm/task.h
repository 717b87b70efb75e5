/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of tasks, shared by what keeps it and what an exec writes into it. */
#ifndef MOOR_TASK_H
#define MOOR_TASK_H

#include "moor.h"

#include <linux/cred.h>
#include <linux/sched.h>

/**
 * struct moor_commanded - an ioctl that passed, and will again
 * @object: what it was sent to, as access_ioctl.c numbers it; 0: nothing
 * @epoch: moor_access_epoch when it passed
 * @command: which
 * @helper: child domain that the task ran in
 */
struct moor_commanded {
	u64 object;
	u32 epoch;
	u32 command;
	u32 helper;
};

/**
 * struct moor_task - what is known of a task
 * @node: in the table
 * @task: the key; not a reference, the entry goes with the task
 * @domain: it runs in, holding one of the domain's references; or NULL
 * @exec: @staging, when an exec is under way, or NULL
 * @staging: the exec that is under way
 * @helper: child domain that it runs in, by its number in the access policy; 0: the VM's own
 * @memory_exec: its program may have anonymous executable memory
 * @measuring: it reads a file in order to hash it; only the task itself looks
 * @vm: bound for its next exec, or empty; only the task itself looks
 * @commanded: the last ioctl that passed; only the task itself looks
 * @rcu: readers walk the table without the lock
 */
struct moor_task {
	struct hlist_node node;
	const struct task_struct *task;
	struct moor_domain *domain;
	struct moor_exec *exec;
	struct moor_exec staging;
	u32 helper;
	bool memory_exec;
	bool measuring;
	char vm[MOOR_VM_NAME_MAX + 1];
	struct moor_commanded commanded;
	struct rcu_head rcu;
};

extern spinlock_t moor_tasks_lock; /* of the table; the two below are under it */
extern u32 moor_domain_tasks;
extern bool moor_entry_closed;

struct moor_task *moor_task_find_current(void);
struct moor_task *moor_task_find_under_rcu(void);
struct moor_task *moor_task_know_current(void);

/*
 * Does the current task act with credentials that the kernel lent it, as an overlay does with those
 * of its mounter? Through io_uring a task can borrow some as well: who has a ring is never taken
 * for that.
 */
static inline bool moor_under_lent_credentials(void)
{
	return unlikely(current_cred() != current_real_cred()) && !current->io_uring &&
	       !(current->flags & PF_IO_WORKER);
}

#endif /* MOOR_TASK_H */

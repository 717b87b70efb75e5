// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which task is in which domain, or on its way into one.
 *
 * Keyed by the task_struct, never by pid: pids change at exec from another
 * thread and are the parent's while a child is made. An entry lives from the
 * first thing known of a task until task_free. A small table of counters over
 * the pointer's hash stands in front, so that a task nobody knows of leaves
 * after one load.
 */
#include "task.h"

#include <linux/hashtable.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

u16 moor_task_front[1 << MOOR_FRONT_BITS];
static DEFINE_HASHTABLE(tasks, 10);
/* Taken from task_free, which runs wherever the last reference went. */
DEFINE_SPINLOCK(moor_tasks_lock);
u32 moor_domain_tasks;	/* entries with a domain or an exec towards one */
bool moor_entry_closed; /* the hooks are being given back */

static struct moor_task *find(const struct task_struct *task)
{
	struct moor_task *known;

	hash_for_each_possible_rcu (tasks, known, node, (unsigned long)task,
				    lockdep_is_held(&moor_tasks_lock))
		if (known->task == task)
			return known;
	return NULL;
}

/**
 * moor_task_find_current - the current task's entry
 *
 * It stays while a hook runs: the task's end removes it, or moor_tasks_clear() when
 * no hook runs any more.
 *
 * Return: the entry, or NULL when nothing is known of the task.
 */
struct moor_task *moor_task_find_current(void)
{
	struct moor_task *known;

	if (!moor_task_maybe_known(current))
		return NULL;
	rcu_read_lock();
	known = find(current);
	rcu_read_unlock();
	return known;
}

/**
 * moor_task_find_under_rcu - as moor_task_find_current(), for hooks that count every instruction
 *
 * Context: under rcu_read_lock(), as is a program that may not sleep; where
 * moor_task_maybe_known() was asked already.
 */
struct moor_task *moor_task_find_under_rcu(void)
{
	return find(current);
}

static void front_add(const struct task_struct *task, int by)
{
	u16 *counter = &moor_task_front[hash_ptr(task, MOOR_FRONT_BITS)];

	lockdep_assert_held(&moor_tasks_lock);
	WRITE_ONCE(*counter, *counter + by);
}

static int insert(struct moor_task *known)
{
	unsigned long flags;
	int err = 0;

	spin_lock_irqsave(&moor_tasks_lock, flags);
	if (moor_entry_closed) {
		err = -EAGAIN;
	} else {
		hash_add_rcu(tasks, &known->node, (unsigned long)known->task);
		front_add(known->task, 1);
		if (known->domain)
			moor_domain_tasks++;
	}
	spin_unlock_irqrestore(&moor_tasks_lock, flags);
	return err;
}

/**
 * moor_task_know_current - the current task's entry, made when there is none
 *
 * Return: the entry; ERR_PTR(-ENOMEM), or -EAGAIN while the hooks are given back.
 */
struct moor_task *moor_task_know_current(void)
{
	struct moor_task *known = moor_task_find_current();
	int err;

	if (known)
		return known;
	known = kzalloc(sizeof(*known), GFP_KERNEL_ACCOUNT);
	if (!known)
		return ERR_PTR(-ENOMEM);
	known->task = current;
	err = insert(known);
	if (err) {
		kfree(known);
		return ERR_PTR(err);
	}
	return known;
}

/**
 * moor_task_domain - the domain the current task runs in
 *
 * Return: the domain, which lives as long as the task stays in it, or NULL.
 */
struct moor_domain *moor_task_domain(void)
{
	struct moor_domain *domain = NULL;
	const struct moor_task *known;

	if (!moor_task_maybe_known(current))
		return NULL;
	/* Also asked outside of hooks. */
	rcu_read_lock();
	known = find(current);
	if (known)
		domain = known->domain;
	rcu_read_unlock();
	return domain;
}

/**
 * moor_task_memory_exec - may the current task's program have anonymous
 * executable memory?
 */
bool moor_task_memory_exec(void)
{
	const struct moor_task *known = moor_task_find_current();

	return known && known->memory_exec;
}

/* The child domain of the VM that the current task runs in, 0: the VM's own. */
u32 moor_task_helper(void)
{
	const struct moor_task *known = moor_task_find_current();

	return known ? known->helper : 0;
}

/* Only for a task in a domain, which has an entry. */
void moor_task_set_measures(bool measures)
{
	struct moor_task *known = moor_task_find_current();

	if (!WARN_ON_ONCE(!known))
		known->measuring = measures;
}

/**
 * moor_task_relation - are these two tasks in domains, and in the same one?
 * @tracer: one task
 * @target: the other
 * @trace: out: where they are
 *
 * Context: any; takes no lock.
 */
void moor_task_relation(const struct task_struct *tracer, const struct task_struct *target,
			struct moor_trace *trace)
{
	const struct moor_domain *of_tracer = NULL, *of_target = NULL;
	const struct moor_task *known;

	rcu_read_lock();
	known = find(tracer);
	if (known)
		of_tracer = READ_ONCE(known->domain);
	known = find(target);
	if (known)
		of_target = READ_ONCE(known->domain);
	rcu_read_unlock();
	trace->tracer_in_domain = of_tracer;
	trace->target_in_domain = of_target;
	trace->same_domain = of_tracer == of_target;
}

/**
 * moor_task_place - where does this task run?
 * @task: any
 * @place: out
 *
 * Context: under rcu_read_lock(), which keeps the domain.
 */
void moor_task_place(const struct task_struct *task, struct moor_place *place)
{
	const struct moor_task *known = find(task);

	place->domain = known ? READ_ONCE(known->domain) : NULL;
	place->helper = known ? known->helper : 0;
}

/**
 * moor_task_inherit - a child is being made: it enters the current domain
 * @child: not yet visible to anybody
 *
 * Return: 0; -ENOMEM or -EAGAIN, on which the kernel makes no child.
 */
int moor_task_inherit(const struct task_struct *child)
{
	const struct moor_task *parent = moor_task_find_current();
	struct moor_domain *domain = parent ? parent->domain : NULL;
	struct moor_task *known;
	int err;

	if (!domain)
		return 0;
	known = kzalloc(sizeof(*known), GFP_KERNEL_ACCOUNT);
	if (!known)
		return -ENOMEM;
	known->task = child;
	known->domain = domain;
	known->memory_exec = parent->memory_exec;
	known->helper = parent->helper;
	refcount_inc(&domain->references);
	err = insert(known);
	if (err) {
		moor_domain_put(domain);
		kfree(known);
	}
	return err;
}

/**
 * moor_task_forget - the last reference to this task is gone
 * @task: about to be freed
 *
 * Context: any, also softirq with interrupts off.
 */
void moor_task_forget(const struct task_struct *task)
{
	struct moor_task *known;
	unsigned long flags;

	spin_lock_irqsave(&moor_tasks_lock, flags);
	known = find(task);
	if (known) {
		hash_del_rcu(&known->node);
		front_add(task, -1);
		moor_domain_tasks -= !!known->domain + (known->exec && known->exec->domain);
	}
	spin_unlock_irqrestore(&moor_tasks_lock, flags);
	if (!known)
		return;
	if (known->exec)
		moor_domain_put(known->exec->domain);
	moor_domain_put(known->domain);
	kfree_rcu(known, rcu);
}

/**
 * moor_task_lives_in - does a task of this domain still run?
 * @domain: which one
 *
 * A task that is exiting does not count: the domain's last reference goes only
 * when the kernel frees its last task, some time after the parent has seen it end.
 */
bool moor_task_lives_in(const struct moor_domain *domain)
{
	const struct moor_task *known;
	bool lives = false;
	unsigned long flags;
	int bucket;

	spin_lock_irqsave(&moor_tasks_lock, flags);
	hash_for_each(tasks, bucket, known, node)
	{
		lives = (known->domain == domain && !(known->task->flags & PF_EXITING)) ||
			(known->exec && known->exec->domain == domain);
		if (lives)
			break;
	}
	spin_unlock_irqrestore(&moor_tasks_lock, flags);
	return lives;
}

/**
 * moor_tasks_close - let no task into a domain any more
 *
 * Return: 0; -EBUSY when one is in a domain, and nothing has changed.
 */
int moor_tasks_close(void)
{
	unsigned long flags;
	int err = 0;

	spin_lock_irqsave(&moor_tasks_lock, flags);
	if (moor_domain_tasks)
		err = -EBUSY;
	else
		moor_entry_closed = true;
	spin_unlock_irqrestore(&moor_tasks_lock, flags);
	return err;
}

/* The hooks are held again. */
void moor_tasks_open(void)
{
	unsigned long flags;

	spin_lock_irqsave(&moor_tasks_lock, flags);
	moor_entry_closed = false;
	spin_unlock_irqrestore(&moor_tasks_lock, flags);
}

/* Forgets everybody: without task_free nobody would say when an entry is stale. */
void moor_tasks_clear(void)
{
	struct moor_task *known;
	struct hlist_node *next;
	unsigned long flags;
	int bucket;

	spin_lock_irqsave(&moor_tasks_lock, flags);
	hash_for_each_safe(tasks, bucket, next, known, node)
	{
		hash_del_rcu(&known->node);
		front_add(known->task, -1);
		/* moor_tasks_close() has seen that none holds a domain. */
		kfree_rcu(known, rcu);
	}
	spin_unlock_irqrestore(&moor_tasks_lock, flags);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who looks into whom: tracing, the memory and the descriptors of another process, and
 * what /proc shows only to those who may look. Without a rule nobody looks out of a domain
 * that is held to rules, and nobody into it; its own processes are free to each other here.
 */
#include "access_load.h"
#include "access_record.h"

#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/limits.h>
#include <linux/nsproxy.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>

#include "compat.h"

/*
 * Paths of programs are the host's: in a mount namespace of its own, or where a user is root who is
 * not, a path leads to whatever somebody has put there.
 */
static bool sees_the_hosts_paths(void)
{
	return current_user_ns() == &init_user_ns && current->nsproxy &&
	       current->nsproxy->mnt_ns == init_task.nsproxy->mnt_ns;
}

/* The path of the program that the current task runs, in @buffer; NULL when it has none. */
static const char *own_program(char *buffer)
{
	struct file *program;
	const char *name;

	if (!buffer || !sees_the_hosts_paths())
		return NULL;
	program = moor_current_program();
	if (!program)
		return NULL;
	name = moor_path(&program->f_path, buffer, PATH_MAX);
	fput(program);
	return IS_ERR(name) ? NULL : name;
}

/* Holds rcu_read_lock(), as the caller of what calls this does, so that domains stay. */
static int answer(const struct moor_access_trace *trace, struct moor_access_event *event,
		  struct moor_access_peer peer, const char *program, bool *granted)
{
	const struct moor_access_policy *policy = moor_access_policy();
	struct moor_access_finding finding;

	if (!policy)
		return 0;
	finding = moor_access_judge_trace(
		policy->access, moor_access_domain_of(policy->access, event->vm, event->helper),
		trace->attach, peer, program, program ? (u32)strlen(program) : 0);
	*granted = !finding.missing;
	if (trace->asks)
		return finding.missing && finding.enforced ? -EPERM : 0;
	return moor_access_settle(event, &finding) ? -EPERM : 0;
}

/* A task of a domain looks into one of another, or of none. */
static int look_out(const struct moor_access_trace *trace, const struct moor_place *from,
		    const struct moor_place *to, bool *granted)
{
	struct moor_access_peer peer = moor_access_peer_of(from->domain, to, trace->target);
	struct moor_access_event event = {
		.vm = from->domain,
		.helper = from->helper,
		.class = "ptrace",
		.peer = &peer,
		.kind = "to",
		.act = trace->attach ? "attach" : "read",
		.target = trace->target,
		.target_vm = to->domain ? to->domain->vm : "",
	};

	return answer(trace, &event, peer, NULL, granted);
}

/* A task of no domain looks into one of a domain; or that one asks it to, which no rule allows. */
static int look_in(const struct moor_access_trace *trace, const struct moor_place *to,
		   bool *granted)
{
	struct moor_access_event event = {
		.vm = to->domain,
		.helper = to->helper,
		.class = "ptrace",
		.kind = "by",
		.act = trace->attach ? "attach" : "read",
		.target = trace->target,
		.target_vm = to->domain->vm,
	};
	struct moor_access_peer peer = {MOOR_PEER_NONE, 0};
	const char *program = NULL;
	char *buffer = NULL;
	int err;

	if (trace->tracer == current) {
		buffer = kmalloc(PATH_MAX, GFP_ATOMIC | __GFP_NOWARN);
		program = own_program(buffer);
	}
	if (program)
		peer.kind = MOOR_PEER_PROGRAM;
	err = answer(trace, &event, peer, program, granted);
	kfree(buffer);
	return err;
}

/**
 * moor_access_traced - one task looks into another, and one of them may be in a domain
 * @trace: who looks into whom; one of them is the current task
 * @granted: out: a rule names both and allows it; else it stays as it is
 *
 * Return: 0 or -EPERM.
 *
 * Context: does not sleep; the target's lock is held, or that of the list of tasks.
 */
int moor_access_traced(const struct moor_access_trace *trace, bool *granted)
{
	struct moor_place from, to;
	int err = 0;

	rcu_read_lock();
	moor_task_place(trace->tracer, &from);
	moor_task_place(trace->target, &to);
	if (from.domain && (from.domain != to.domain || from.helper != to.helper))
		err = look_out(trace, &from, &to, granted);
	else if (!from.domain && to.domain)
		err = look_in(trace, &to, granted);
	rcu_read_unlock();
	return err;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a domain does that is about no path: files without one that it makes, capabilities
 * it uses, processes it signals or changes, and what no VM needs and no rule allows.
 */
#include "access_load.h"
#include "access_record.h"
#include "names.h"

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/fcntl.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>

/* Holds rcu_read_lock() between the two, so that the policy stays. */
static const struct moor_access *access_begin(const struct moor_access_event *event, u32 *domain)
	__acquires(RCU)
{
	const struct moor_access_policy *policy;

	rcu_read_lock();
	policy = moor_access_policy();
	if (!policy)
		return NULL;
	*domain = moor_access_domain_of(policy->access, event->vm, event->helper);
	return policy->access;
}

static int access_end(const struct moor_access_event *event,
		      const struct moor_access_finding *finding, int error) __releases(RCU)
{
	rcu_read_unlock();
	return moor_access_settle(event, finding) ? error : 0;
}

/**
 * moor_access_made - a domain makes a file without a path
 * @vm: the current task's domain
 * @kind: which kind
 * @name: of the kind, as policies have it
 *
 * Return: 0 or -EPERM. Context: does not sleep; so do all of this file.
 */
int moor_access_made(struct moor_domain *vm, enum moor_anonymous kind, const char *name)
{
	const struct moor_access_event event = {
		.vm = vm,
		.helper = moor_task_helper(),
		.class = "anonymous",
		.kind = name,
	};
	struct moor_access_finding finding = {0};
	const struct moor_access *access;
	u32 domain;

	access = access_begin(&event, &domain);
	if (access)
		finding = moor_access_judge_anonymous(access, domain, kind);
	return access_end(&event, &finding, -EPERM);
}

/**
 * moor_access_used - a domain uses a capability that it has
 * @vm: the current task's domain
 * @capability: which
 * @asks: the kernel only asks, and would not tell of a refusal: neither is this one told, or
 * learned
 *
 * Return: 0 or -EPERM.
 */
int moor_access_used(struct moor_domain *vm, u32 capability, bool asks)
{
	const struct moor_access_event event = {
		.vm = vm,
		.helper = moor_task_helper(),
		.class = "capability",
		.kind = moor_capability_name((u8)capability),
	};
	struct moor_access_finding finding = {0};
	const struct moor_access *access;
	u32 domain;

	access = access_begin(&event, &domain);
	if (access)
		finding = moor_access_judge_capability(access, domain, capability);
	if (asks) {
		rcu_read_unlock();
		return finding.missing && finding.enforced ? -EPERM : 0;
	}
	return access_end(&event, &finding, -EPERM);
}

/**
 * moor_access_peer_of - whom a rule could name
 * @vm: whose rules
 * @place: of @target
 * @target: a process
 *
 * A helper, the VM behind a helper, or who started the VM; else MOOR_PEER_NONE.
 */
struct moor_access_peer moor_access_peer_of(const struct moor_domain *vm,
					    const struct moor_place *place,
					    struct task_struct *target)
{
	if (place->domain == vm)
		return place->helper ? (struct moor_access_peer){MOOR_PEER_HELPER, place->helper}
				     : (struct moor_access_peer){MOOR_PEER_VM, 0};
	if (!place->domain && vm->starter && task_tgid(target) == vm->starter)
		return (struct moor_access_peer){MOOR_PEER_HYPERVISOR, 0};
	return (struct moor_access_peer){MOOR_PEER_NONE, 0};
}

/**
 * moor_access_signalled - a domain signals a process
 * @vm: the current task's domain
 * @target: the process
 * @signal: which; 0: it asks whether the process is there
 *
 * Return: 0 or -EPERM.
 */
int moor_access_signalled(struct moor_domain *vm, struct task_struct *target, int signal)
{
	struct moor_access_event event = {
		.vm = vm,
		.helper = moor_task_helper(),
		.class = "signal",
		.kind = moor_signal_name((u8)signal),
		.target = target,
	};
	struct moor_access_finding finding = {0};
	const struct moor_access *access;
	struct moor_access_peer peer;
	struct moor_place place;
	u32 domain;
	int err;

	/* Also keeps the target's domain while the line is written. */
	rcu_read_lock();
	moor_task_place(target, &place);
	if (place.domain == vm && place.helper == event.helper) {
		rcu_read_unlock();
		return 0;
	}
	event.target_vm = place.domain ? place.domain->vm : "";
	peer = moor_access_peer_of(vm, &place, target);
	event.peer = &peer;
	access = access_begin(&event, &domain);
	if (access)
		finding = moor_access_judge_signal(access, domain, (u32)signal, peer);
	err = access_end(&event, &finding, -EPERM);
	rcu_read_unlock();
	return err;
}

/**
 * moor_access_memory - a domain makes executable memory without a file
 * @vm: the current task's domain
 *
 * Also what trust says of its program must allow it: see moor_check_anonymous_memory().
 *
 * Return: 0 or -EPERM.
 */
int moor_access_memory(struct moor_domain *vm)
{
	const struct moor_access_event event = {
		.vm = vm,
		.helper = moor_task_helper(),
		.class = "memory",
		.kind = "exec",
	};
	struct moor_access_finding finding = {0};
	const struct moor_access *access;
	u32 domain;

	access = access_begin(&event, &domain);
	if (access)
		finding = moor_access_judge_memory(access, domain);
	return access_end(&event, &finding, -EPERM);
}

/* What no rule allows. */
static int forbid(struct moor_access_event *event, int error)
{
	struct moor_access_finding finding = {0};
	const struct moor_access *access;
	u32 domain;

	access = access_begin(event, &domain);
	if (access)
		finding = moor_access_judge_unnamed(access, domain);
	return access_end(event, &finding, error);
}

/**
 * moor_access_influenced - a domain changes how a process runs
 * @vm: the current task's domain
 * @target: the process
 * @class: process, or signal for what makes it get some
 * @kind: what is changed
 *
 * Its own processes are free to it, a helper's are another's.
 *
 * Return: 0 or -EPERM.
 */
int moor_access_influenced(struct moor_domain *vm, struct task_struct *target, const char *class,
			   const char *kind)
{
	struct moor_access_event event = {
		.vm = vm,
		.helper = moor_task_helper(),
		.class = class,
		.kind = kind,
		.target = target,
	};
	struct moor_place place;
	int err = 0;

	rcu_read_lock();
	moor_task_place(target, &place);
	if (place.domain != vm || place.helper != event.helper) {
		event.target_vm = place.domain ? place.domain->vm : "";
		err = forbid(&event, -EPERM);
	}
	rcu_read_unlock();
	return err;
}

/**
 * moor_access_owned - a domain says who gets the signals of a file
 * @vm: the current task's domain
 * @command: of fcntl(2)
 * @argument: of it: a process, or, below zero, a process group
 *
 * Only the process itself can be made one: whoever else it is, it is signalled later, when it can
 * be in another domain. F_SETOWN_EX has its argument in memory that can change after this, so
 * nobody may use it. What signal comes is said later by another command, so no rule about signals
 * allows it.
 *
 * Return: 0 or -EPERM.
 */
int moor_access_owned(struct moor_domain *vm, u32 command, unsigned long argument)
{
	int who = (int)argument, err = 0;
	struct task_struct *target = NULL;
	struct pid *pid;

	if (command == F_SETOWN_EX)
		return moor_access_forbidden(vm, "signal", "owner", -EPERM);
	if (command != F_SETOWN || !who || who == INT_MIN)
		return 0;
	if (who < 0)
		return moor_access_forbidden(vm, "signal", "owner", -EPERM);
	rcu_read_lock();
	pid = find_vpid(who);
	if (pid == task_tgid(current)) {
		rcu_read_unlock();
		return 0;
	}
	/* The number of any thread leads to its whole process. */
	target = pid ? pid_task(pid, PIDTYPE_PID) : NULL;
	if (target)
		err = moor_access_influenced(vm, target, "signal", "owner");
	rcu_read_unlock();
	/* One of the VM's own may be another domain's by the time that the signal comes. */
	return err ?: moor_access_forbidden(vm, "signal", "owner", -EPERM);
}

/**
 * moor_access_forbidden - a domain does what no rule can allow
 * @vm: the current task's domain
 * @class: of act
 * @kind: which of the class, or NULL
 * @error: that it fails with
 *
 * Return: 0 or @error.
 */
int moor_access_forbidden(struct moor_domain *vm, const char *class, const char *kind, int error)
{
	struct moor_access_event event = {
		.vm = vm,
		.helper = moor_task_helper(),
		.class = class,
		.kind = kind,
	};

	return forbid(&event, error);
}

static int check_identity(struct moor_domain *vm, const char *kind, u32 capability)
{
	const struct moor_access_event event = {
		.vm = vm,
		.helper = moor_task_helper(),
		.class = "identity",
		.kind = kind,
	};
	struct moor_access_finding finding = {0};
	const struct moor_access *access;
	u32 domain;

	access = access_begin(&event, &domain);
	if (access)
		finding = moor_access_judge_capability(access, domain, capability);
	return access_end(&event, &finding, -EPERM);
}

/**
 * moor_access_user - a domain takes another user's identity
 * @vm: the current task's domain
 * @new: what it would be
 * @old: what it is
 *
 * Also one that it has set aside, which the kernel asks no capability for.
 *
 * Return: 0 or -EPERM.
 */
int moor_access_user(struct moor_domain *vm, const struct cred *new, const struct cred *old)
{
	if (uid_eq(new->uid, old->uid) && uid_eq(new->euid, old->euid) &&
	    uid_eq(new->suid, old->suid) && uid_eq(new->fsuid, old->fsuid))
		return 0;
	return check_identity(vm, "user", CAP_SETUID);
}

/* Likewise, another group's. */
int moor_access_group(struct moor_domain *vm, const struct cred *new, const struct cred *old)
{
	if (gid_eq(new->gid, old->gid) && gid_eq(new->egid, old->egid) &&
	    gid_eq(new->sgid, old->sgid) && gid_eq(new->fsgid, old->fsgid))
		return 0;
	return check_identity(vm, "group", CAP_SETGID);
}

/* A domain sets its capabilities; to give some up is free. Return: 0 or -EPERM. */
int moor_access_capabilities(struct moor_domain *vm, const struct cred *new, const struct cred *old)
{
	if (cap_issubset(new->cap_effective, old->cap_effective) &&
	    cap_issubset(new->cap_permitted, old->cap_permitted) &&
	    cap_issubset(new->cap_inheritable, old->cap_inheritable))
		return 0;
	return check_identity(vm, "capabilities", CAP_SETPCAP);
}

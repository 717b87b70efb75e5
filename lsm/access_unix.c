// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unix sockets of a domain. Rules are about the name that a socket was bound to, which
 * its own end has, and not about what led to it: a link or another mount is no way around.
 * A socket whose path is gone, or is not from the VM's root, has no name.
 */
#include "access_load.h"
#include "access_record.h"

#include <linux/net.h>
#include <linux/un.h>
#include <net/af_unix.h>

/* As policies have it, which write @ for the NUL before it. */
static int check_abstract(struct moor_domain *vm, const char *name, u32 length, u32 need)
{
	char shown[sizeof_field(struct sockaddr_un, sun_path)];
	const struct moor_access_event event = {
		.vm = vm,
		.helper = moor_task_helper(),
		.class = "unix",
		.act = moor_access_unix_word(need),
		.path = shown,
		.path_length = length + 1,
	};
	const struct moor_access_policy *policy;
	struct moor_access_finding finding = {0};
	struct moor_dfa_answer answer = {0};
	u32 domain;

	if (length >= sizeof(shown))
		return -EINVAL;
	shown[0] = '@';
	memcpy(shown + 1, name, length);
	rcu_read_lock();
	policy = moor_access_policy();
	if (policy) {
		domain = moor_access_helper(policy->access,
					    moor_access_find(policy->access, vm->vm), event.helper);
		/* A NUL stands for something else in automata; no rule has it in a name. */
		if (!memchr(name, 0, length))
			moor_access_look(policy->access, domain, MOOR_DFA_ROOT_ABSTRACT, name,
					 length, &answer);
		finding = moor_access_judge(policy->access, domain, &answer, need);
	}
	rcu_read_unlock();
	return moor_access_settle(&event, &finding) ? -EACCES : 0;
}

/* By the name of a socket, which neither changes nor goes while the caller keeps it from being
 * released. */
static int check_bound(struct moor_domain *vm, const struct sock *sk, u32 need)
{
	const struct unix_sock *bound = unix_sk(sk);
	const struct unix_address *address = smp_load_acquire(&bound->addr);

	if (!address)
		return moor_access_unix_path(vm, NULL, NULL, need);
	if (address->name->sun_path[0])
		return moor_access_unix_path(vm, bound->path.dentry ? &bound->path : NULL, NULL,
					     need);
	return check_abstract(vm, address->name->sun_path + 1,
			      (u32)(address->len - offsetof(struct sockaddr_un, sun_path) - 1),
			      need);
}

/**
 * moor_access_unix_bound - a domain gives a unix socket a name
 * @vm: the current task's domain
 * @address: in the kernel
 * @length: of it
 *
 * Only an abstract one is looked at: a path is made by path_mknod, which is asked about it. One
 * that the kernel chooses is given to sockets without bind(2), too; it counts when somebody
 * listens.
 *
 * Return: 0, -EACCES or -ENOMEM. Context: does not sleep.
 */
int moor_access_unix_bound(struct moor_domain *vm, const struct sockaddr *address, int length)
{
	const struct sockaddr_un *name = (const struct sockaddr_un *)address;
	const int before = offsetof(struct sockaddr_un, sun_path);

	/* What is too short or too long the kernel does not take. */
	if (length <= before || length > (int)sizeof(*name) || name->sun_path[0])
		return 0;
	return check_abstract(vm, name->sun_path + 1, (u32)(length - before - 1),
			      MOOR_PERM_UNIX_LISTEN);
}

/**
 * moor_access_unix_listens - a domain lets others connect to a unix socket
 * @vm: the current task's domain
 * @sk: the socket, which may have its name from elsewhere
 *
 * Return: as moor_access_unix_bound().
 */
int moor_access_unix_listens(struct moor_domain *vm, const struct sock *sk)
{
	return check_bound(vm, sk, MOOR_PERM_UNIX_LISTEN);
}

/**
 * moor_access_unix_connected - a domain connects a unix socket of streams or packets
 * @vm: the current task's domain
 * @sk: the socket
 * @other: to this one
 *
 * Return: as moor_access_unix_bound(). Context: @other is locked by a spin lock.
 */
int moor_access_unix_connected(struct moor_domain *vm, const struct sock *sk,
			       const struct sock *other)
{
	return sk->sk_kern_sock ? 0 : check_bound(vm, other, MOOR_PERM_UNIX_CONNECT);
}

/**
 * moor_access_unix_sends - a domain sends a datagram, or connects a socket of datagrams
 * @vm: the current task's domain
 * @sk: the socket
 * @other: to this one
 *
 * What it is connected to already was looked at then; the ends of a socketpair are, too.
 *
 * Return: as moor_access_unix_bound(). Context: @other is locked by a spin lock.
 */
int moor_access_unix_sends(struct moor_domain *vm, const struct sock *sk, const struct sock *other)
{
	if (sk->sk_kern_sock || READ_ONCE(unix_peer(sk)) == other)
		return 0;
	return check_bound(vm, other, MOOR_PERM_UNIX_CONNECT);
}

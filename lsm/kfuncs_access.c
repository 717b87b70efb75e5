// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the programs call on hooks that only rules of access need, and that are about no path: see
 * kfuncs.c, which also has their BTF ids, as a module has one set of them.
 */
#include "kfuncs.h"
#include "task.h"

#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/preempt.h>
#include <linux/security.h>
#include <linux/socket.h>

#include "compat.h"

__bpf_kfunc_start_defs();

__bpf_kfunc int moor_socket_create(int family, int type, int protocol, int kern)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_socket_create);

	return vm && !kern ? moor_access_socket_created(vm, family, type, protocol) : 0;
}

__bpf_kfunc int moor_socket_bind(struct socket *sock, struct sockaddr *address, int length)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_socket_bind);

	return vm ? moor_access_socket_bound(vm, sock, address, length) : 0;
}

__bpf_kfunc int moor_socket_connect(struct socket *sock, struct sockaddr *address, int length)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_socket_connect);

	return vm ? moor_access_socket_connected(vm, sock, address, length) : 0;
}

__bpf_kfunc int moor_socket_listen(struct socket *sock)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_socket_listen);

	return vm ? moor_access_socket_listens(vm, sock) : 0;
}

/* Most of what is sent goes to where the socket is connected, and names nobody. */
__bpf_kfunc int moor_socket_sendmsg(struct socket *sock, struct msghdr *message)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_socket_sendmsg);

	return vm && message->msg_name ? moor_access_socket_sends(vm, sock, message) : 0;
}

__bpf_kfunc int moor_unix_stream_connect(struct sock *sk, struct sock *other)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_unix_stream_connect);

	return vm ? moor_access_unix_connected(vm, sk, other) : 0;
}

__bpf_kfunc int moor_unix_may_send(struct socket *sock, struct socket *other)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_unix_may_send);

	return vm ? moor_access_unix_sends(vm, sock->sk, other->sk) : 0;
}

/*
 * An interrupt asks on nobody's behalf, whatever task it came upon; and an overlay on its
 * mounter's: refused, it would take what it reads below for something else, and keep that for
 * everybody.
 */
__bpf_kfunc int moor_capable(int capability, unsigned int options)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_capable);

	if (!vm || !in_task() || moor_under_lent_credentials())
		return 0;
	return moor_access_used(vm, capability, options & CAP_OPT_NOAUDIT);
}

/* For each KVM_RUN: the task's entry is looked up once, and that behind the fast exit. */
__bpf_kfunc int moor_file_ioctl(struct file *file, unsigned int command)
{
	if (!entered(MOOR_HOOK_file_ioctl) || !maybe_held_to_rules())
		return 0;
	return moor_access_ioctl(file, command);
}

/* The only hook of ioctl(2) as 32-bit programs have it, which every process can call. */
__bpf_kfunc int moor_file_ioctl_compat(struct file *file, unsigned int command)
{
	if (!entered(MOOR_HOOK_file_ioctl_compat) || !maybe_held_to_rules())
		return 0;
	return moor_access_ioctl(file, command);
}

/* What io_uring hands to a device or a socket by itself. */
__bpf_kfunc int moor_uring_cmd(struct io_uring_cmd *command)
{
	if (!entered(MOOR_HOOK_uring_cmd) || !maybe_held_to_rules())
		return 0;
	return moor_access_uring_command(command->file, command->cmd_op);
}

__bpf_kfunc int moor_task_kill(struct task_struct *target, int signal)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_task_kill);

	/* Who ends tells those that asked to be told (PR_SET_PDEATHSIG). */
	return vm && in_task() && !(current->flags & PF_EXITING)
		       ? moor_access_signalled(vm, target, signal)
		       : 0;
}

__bpf_kfunc int moor_file_fcntl(unsigned int command, unsigned long argument)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_file_fcntl);

	return vm ? moor_access_owned(vm, command, argument) : 0;
}

__bpf_kfunc int moor_task_setrlimit(struct task_struct *target)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_task_setrlimit);

	return vm ? moor_access_influenced(vm, target, "process", "limits") : 0;
}

__bpf_kfunc int moor_task_setnice(struct task_struct *target)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_task_setnice);

	return vm ? moor_access_influenced(vm, target, "process", "nice") : 0;
}

__bpf_kfunc int moor_task_setscheduler(struct task_struct *target)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_task_setscheduler);

	return vm ? moor_access_influenced(vm, target, "process", "scheduler") : 0;
}

__bpf_kfunc int moor_task_setioprio(struct task_struct *target)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_task_setioprio);

	return vm ? moor_access_influenced(vm, target, "process", "ioprio") : 0;
}

__bpf_kfunc int moor_task_movememory(struct task_struct *target)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_task_movememory);

	return vm ? moor_access_influenced(vm, target, "process", "memory") : 0;
}

__bpf_kfunc int moor_userns_create(void)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_userns_create);

	return vm ? moor_access_forbidden(vm, "namespace", "user", -EPERM) : 0;
}

__bpf_kfunc int moor_bpf(void)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_bpf);

	return vm ? moor_access_forbidden(vm, "kernel", "bpf", -EPERM) : 0;
}

__bpf_kfunc int moor_perf_event_open(void)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_perf_event_open);

	return vm ? moor_access_forbidden(vm, "kernel", "perf", -EACCES) : 0;
}

__bpf_kfunc int moor_syslog(void)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_syslog);

	return vm ? moor_access_forbidden(vm, "kernel", "syslog", -EPERM) : 0;
}

__bpf_kfunc int moor_key_permission(void)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_key_permission);

	return vm ? moor_access_forbidden(vm, "kernel", "key", -EACCES) : 0;
}

__bpf_kfunc int moor_ipc_permission(void)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_ipc_permission);

	return vm ? moor_access_forbidden(vm, "ipc", NULL, -EACCES) : 0;
}

__bpf_kfunc int moor_shm_shmctl(void)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_shm_shmctl);

	return vm ? moor_access_forbidden(vm, "ipc", "memory", -EPERM) : 0;
}

__bpf_kfunc int moor_msg_queue_msgctl(void)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_msg_queue_msgctl);

	return vm ? moor_access_forbidden(vm, "ipc", "messages", -EPERM) : 0;
}

__bpf_kfunc int moor_sem_semctl(void)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_sem_semctl);

	return vm ? moor_access_forbidden(vm, "ipc", "semaphores", -EPERM) : 0;
}

__bpf_kfunc int moor_task_fix_setuid(const struct cred *new, const struct cred *old)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_task_fix_setuid);

	return vm ? moor_access_user(vm, new, old) : 0;
}

__bpf_kfunc int moor_task_fix_setgid(const struct cred *new, const struct cred *old)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_task_fix_setgid);

	return vm ? moor_access_group(vm, new, old) : 0;
}

__bpf_kfunc int moor_capset(const struct cred *new, const struct cred *old)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_capset);

	return vm ? moor_access_capabilities(vm, new, old) : 0;
}

__bpf_kfunc_end_defs();

// SPDX-License-Identifier: GPL-2.0-only
/* What the programs of those hooks call that ask for rules of access alone. Its ids stand in
 * kfuncs.c: a module has one set of them. */
#include "kfuncs.h"

#include <linux/module.h>
#include <linux/net.h>
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

__bpf_kfunc_end_defs();

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a domain does with sockets: makes them, takes addresses, connects, sends.
 * The address is the kernel's copy of it, which user space cannot change any more.
 *
 * Sockets that came in are judged by what is done with them: by their own family and
 * protocol, whoever made them. What is connected already sends without being asked.
 */
#include "access_load.h"
#include "access_network.h"
#include "access_record.h"

#include <linux/net.h>
#include <linux/socket.h>
#include <net/inet_sock.h>
#include <net/sock.h>

static u8 class_of(const struct sock *sk)
{
	return moor_network_class(sk->sk_family, sk->sk_type, sk->sk_protocol);
}

/* The rule's word, where rules are about the class. */
static const char *word_of(u8 class, u8 way, const char *act)
{
	if (!class || !way)
		return act;
	if (way == MOOR_WAY_CONNECT)
		return "connect";
	return class == MOOR_ACCESS_TCP ? "listen" : "bind";
}

static const char *name_of(u8 class)
{
	switch (class) {
	case MOOR_ACCESS_TCP:
		return "tcp";
	case MOOR_ACCESS_UDP:
		return "udp";
	default:
		return "socket";
	}
}

/*
 * @class is what the socket is, @way what is done with it, or 0 where it is made; @act the word for
 * it where no rule has one. An end without an address is granted nothing.
 */
static int check(struct moor_domain *vm, u8 class, u8 way, const struct moor_endpoint *endpoint,
		 const char *act)
{
	const struct moor_access_event event = {
		.vm = vm,
		.helper = moor_task_helper(),
		.class = name_of(class),
		.act = word_of(class, way, act),
		.endpoint = endpoint,
	};
	u8 asked = way && !endpoint->address_class ? 0 : class;
	const struct moor_access_policy *policy;
	struct moor_access_finding finding = {0};

	rcu_read_lock();
	policy = moor_access_policy();
	if (policy)
		finding = moor_access_judge_network(
			policy->access,
			moor_access_helper(policy->access, moor_access_find(policy->access, vm->vm),
					   event.helper),
			asked, way, endpoint);
	rcu_read_unlock();
	return moor_access_settle(&event, &finding) ? -EACCES : 0;
}

/* Of unix sockets it is their names that rules are about, see access_unix.c; the kernel's own are
 * nobody's. */
static bool exempt(const struct sock *sk)
{
	return sk->sk_family == AF_UNIX || sk->sk_kern_sock;
}

static int check_address(struct moor_domain *vm, const struct sock *sk, u8 way,
			 const struct sockaddr *address, int length, const char *act)
{
	struct moor_endpoint endpoint = {.family = (u8)sk->sk_family};
	u8 class = class_of(sk);

	if (class && length > 0)
		moor_endpoint_read(&endpoint, address, (u32)length);
	return check(vm, class, way, &endpoint, act);
}

/**
 * moor_access_socket_created - a domain makes a socket
 * @vm: the current task's domain
 * @family: AF_*
 * @type: SOCK_*
 * @protocol: of the family
 *
 * One of TCP or UDP takes a rule about some address; one of unix does nothing yet, and
 * socketpair(2) needs two; no other kind is made, as no rule is about what it reaches.
 *
 * Return: 0 or -EACCES. Context: does not sleep.
 */
int moor_access_socket_created(struct moor_domain *vm, int family, int type, int protocol)
{
	const struct moor_endpoint endpoint = {.family = (u8)family};

	if (family == AF_UNIX)
		return 0;
	return check(vm, moor_network_class(family, type, protocol), 0, &endpoint, "create");
}

/**
 * moor_access_socket_bound - a domain gives a socket an address
 * @vm: the current task's domain
 * @sock: the socket
 * @address: in the kernel
 * @length: of it
 *
 * Return: as moor_access_socket_created().
 */
int moor_access_socket_bound(struct moor_domain *vm, const struct socket *sock,
			     const struct sockaddr *address, int length)
{
	if (sock->sk->sk_family == AF_UNIX)
		return moor_access_unix_bound(vm, address, length);
	if (exempt(sock->sk))
		return 0;
	return check_address(vm, sock->sk, MOOR_WAY_LISTEN, address, length, "bind");
}

/**
 * moor_access_socket_connected - a domain connects a socket
 * @vm: the current task's domain
 * @sock: the socket
 * @address: in the kernel
 * @length: of it
 *
 * An address of no family takes the connection away.
 *
 * Return: as moor_access_socket_created().
 */
int moor_access_socket_connected(struct moor_domain *vm, const struct socket *sock,
				 const struct sockaddr *address, int length)
{
	if (exempt(sock->sk))
		return 0;
	if (length >= (int)sizeof(address->sa_family) && address->sa_family == AF_UNSPEC)
		return 0;
	return check_address(vm, sock->sk, MOOR_WAY_CONNECT, address, length, "connect");
}

/**
 * moor_access_socket_listens - a domain lets others connect to a socket
 * @vm: the current task's domain
 * @sock: the socket
 *
 * It may have its address from elsewhere, or none: then the kernel chooses a port, which stands as
 * port 0 here, as it did in bind(2).
 *
 * Return: as moor_access_socket_created().
 */
int moor_access_socket_listens(struct moor_domain *vm, const struct socket *sock)
{
	const struct sock *sk = sock->sk;
	struct moor_endpoint endpoint = {.family = (u8)sk->sk_family};
	u8 class = class_of(sk);
	u16 port;

	if (sk->sk_family == AF_UNIX)
		return moor_access_unix_listens(vm, sk);
	if (exempt(sk))
		return 0;
	if (class) {
		port = sk->sk_userlocks & SOCK_BINDPORT_LOCK ? sk->sk_num : 0;
		if (sk->sk_family == AF_INET)
			moor_endpoint_set(&endpoint, 4, &sk->sk_rcv_saddr, port);
		else
			moor_endpoint_set(&endpoint, 6, &sk->sk_v6_rcv_saddr, port);
	}
	return check(vm, class, MOOR_WAY_LISTEN, &endpoint, "listen");
}

/**
 * moor_access_socket_sends - a domain sends to an address
 * @vm: the current task's domain
 * @sock: the socket
 * @message: that names the address
 *
 * TCP takes no notice of it, but when it is to connect with the first bytes.
 *
 * Return: as moor_access_socket_created().
 */
int moor_access_socket_sends(struct moor_domain *vm, const struct socket *sock,
			     const struct msghdr *message)
{
	const struct sock *sk = sock->sk;

	if (exempt(sk))
		return 0;
	if (class_of(sk) == MOOR_ACCESS_TCP && !(message->msg_flags & MSG_FASTOPEN))
		return 0;
	return check_address(vm, sk, MOOR_WAY_CONNECT, message->msg_name, message->msg_namelen,
			     "send");
}

// SPDX-License-Identifier: Apache-2.0
// sockets VERB ARGS...: what a program does with sockets, one thing a run. Addresses are IPv4 or
// IPv6.
#include "attack.h"

#include <arpa/inet.h>
#include <linux/if_alg.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/wait.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

struct address {
	union {
		struct sockaddr any;
		struct sockaddr_in four;
		struct sockaddr_in6 six;
	} is;
	socklen_t length;
};

static struct address address_of(const char *text, const char *port)
{
	struct address address = {0};

	if (inet_pton(AF_INET, text, &address.is.four.sin_addr) == 1) {
		address.is.four.sin_family = AF_INET;
		address.is.four.sin_port = htons((uint16_t)atoi(port));
		address.length = sizeof(address.is.four);
	} else if (inet_pton(AF_INET6, text, &address.is.six.sin6_addr) == 1) {
		address.is.six.sin6_family = AF_INET6;
		address.is.six.sin6_port = htons((uint16_t)atoi(port));
		address.length = sizeof(address.is.six);
	} else {
		setup_failed("%s is no address", text);
	}
	return address;
}

/* Fails the attack itself: a rule may be about this already. */
static int made(int family, int type, int protocol)
{
	int made = socket(family, type | SOCK_CLOEXEC, protocol);

	if (made < 0)
		attack_ends("socket", -1);
	return made;
}

static void allow_again(int fd)
{
	int yes = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
}

static int tcp_connect(const struct address *to)
{
	return connect(made(to->is.any.sa_family, SOCK_STREAM, 0), &to->is.any, to->length);
}

static int tcp_bind(const struct address *at)
{
	int fd = made(at->is.any.sa_family, SOCK_STREAM, 0);

	allow_again(fd);
	return bind(fd, &at->is.any, at->length);
}

static int tcp_listen(const struct address *at)
{
	int fd = made(at->is.any.sa_family, SOCK_STREAM, 0);

	allow_again(fd);
	return bind(fd, &at->is.any, at->length) ?: listen(fd, 1);
}

/* No bind: the kernel chooses a port. */
static int tcp_listen_unbound(const struct address *at)
{
	return listen(made(at->is.any.sa_family, SOCK_STREAM, 0), 1);
}

/* The first bytes go with the connection; the address is in no connect(2). */
static int tcp_fast_open(const struct address *to)
{
	int fd = made(to->is.any.sa_family, SOCK_STREAM, 0);

	return sendto(fd, "moor", 4, MSG_FASTOPEN | MSG_NOSIGNAL, &to->is.any, to->length) < 0 ? -1
											       : 0;
}

static int udp_bind(const struct address *at)
{
	return bind(made(at->is.any.sa_family, SOCK_DGRAM, 0), &at->is.any, at->length);
}

static int udp_connect(const struct address *to)
{
	return connect(made(to->is.any.sa_family, SOCK_DGRAM, 0), &to->is.any, to->length);
}

static int udp_send(const struct address *to)
{
	int fd = made(to->is.any.sa_family, SOCK_DGRAM, 0);

	return sendto(fd, "moor", 4, 0, &to->is.any, to->length) < 0 ? -1 : 0;
}

/* IPv4 addresses are taken from one that says it is of no family. */
static int udp_send_unspecified(const struct address *to)
{
	struct address nowhere = *to;
	int fd = made(AF_INET, SOCK_DGRAM, 0);

	nowhere.is.any.sa_family = AF_UNSPEC;
	return sendto(fd, "moor", 4, 0, &nowhere.is.any, nowhere.length) < 0 ? -1 : 0;
}

/* An IPv6 socket sends to an address of IPv4. */
static int udp_send_over_six(const struct address *to)
{
	int fd = made(AF_INET6, SOCK_DGRAM, 0);

	return sendto(fd, "moor", 4, 0, &to->is.any, to->length) < 0 ? -1 : 0;
}

static int udp_connect_over_six(const struct address *to)
{
	return connect(made(AF_INET6, SOCK_DGRAM, 0), &to->is.any, to->length);
}

/* Two messages in one call: to the loopback's port 5555, which the rules allow, and then to TO. */
static int udp_send_two(const struct address *to)
{
	struct address first = address_of("127.0.0.1", "5555"), second = *to;
	struct iovec data = {"moor", 4};
	struct mmsghdr messages[2] = {
		{.msg_hdr = {.msg_name = &first.is,
			     .msg_namelen = first.length,
			     .msg_iov = &data,
			     .msg_iovlen = 1}},
		{.msg_hdr = {.msg_name = &second.is,
			     .msg_namelen = second.length,
			     .msg_iov = &data,
			     .msg_iovlen = 1}},
	};
	int fd = made(AF_INET, SOCK_DGRAM, 0);
	int sent = sendmmsg(fd, messages, 2, 0);

	if (sent != 1)
		return sent == 2 ? 0 : -1;
	/* What stopped it comes with the next call. */
	return sendmmsg(fd, messages + 1, 1, 0) == 1 ? 0 : -1;
}

/* What was connected is let go, and then connected elsewhere. */
static int udp_connect_again(const struct address *to)
{
	struct address first = address_of("127.0.0.1", "5555");
	struct sockaddr none = {.sa_family = AF_UNSPEC};
	int fd = made(AF_INET, SOCK_DGRAM, 0);

	if (connect(fd, &first.is.any, first.length) || connect(fd, &none, sizeof(none)))
		setup_failed("connecting to what is allowed");
	return connect(fd, &to->is.any, to->length);
}

static const struct {
	const char *verb;
	int (*act)(const struct address *address);
} internet[] = {
	{"connect", tcp_connect},
	{"bind", tcp_bind},
	{"listen", tcp_listen},
	{"listen-unbound", tcp_listen_unbound},
	{"fast-open", tcp_fast_open},
	{"udp-bind", udp_bind},
	{"udp-connect", udp_connect},
	{"udp-connect-again", udp_connect_again},
	{"udp-connect-over-six", udp_connect_over_six},
	{"udp-send", udp_send},
	{"udp-send-over-six", udp_send_over_six},
	{"udp-send-two", udp_send_two},
	{"udp-send-unspecified", udp_send_unspecified},
};

static const struct {
	const char *verb;
	int family, type, protocol;
} kinds[] = {
	{"tcp", AF_INET, SOCK_STREAM, 0},
	{"udp", AF_INET, SOCK_DGRAM, 0},
	{"unix", AF_UNIX, SOCK_STREAM, 0},
	{"netlink", AF_NETLINK, SOCK_RAW, NETLINK_ROUTE},
	{"packet", AF_PACKET, SOCK_RAW, 0},
	{"packet-old", AF_INET, SOCK_PACKET, 0},
	{"vsock", AF_VSOCK, SOCK_STREAM, 0},
	{"alg", AF_ALG, SOCK_SEQPACKET, 0},
	{"raw", AF_INET, SOCK_RAW, IPPROTO_UDP},
	{"ping", AF_INET, SOCK_DGRAM, IPPROTO_ICMP},
	{"mptcp", AF_INET, SOCK_STREAM, IPPROTO_MPTCP},
	{"udplite", AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE},
};

/* Executes a program with a socket of that kind, as descriptor 9, bound or not. */
static _Noreturn void hand_on(char **arguments)
{
	struct address at = address_of("127.0.0.1", arguments[0]);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		setup_failed("socket");
	allow_again(fd);
	if (bind(fd, &at.is.any, at.length) || dup2(fd, 9) != 9)
		setup_failed("a socket at port %s", arguments[0]);
	close(fd);
	execv(arguments[1], arguments + 1);
	attack_ends("exec", -1);
}

/* Takes connections until it is killed. */
static _Noreturn void serve(const char *text, const char *port)
{
	struct address at = address_of(text, port);
	int family = at.is.any.sa_family, queue = 8;
	int stream = socket(family, SOCK_STREAM, 0), datagrams = socket(family, SOCK_DGRAM, 0);

	allow_again(stream);
	if (bind(stream, &at.is.any, at.length) || listen(stream, 64) ||
	    bind(datagrams, &at.is.any, at.length))
		setup_failed("serving at %s", port);
	setsockopt(stream, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof(queue));
	puts("serving");
	fflush(stdout);
	for (;;)
		close(accept(stream, NULL, NULL));
}

int main(int argc, char **argv)
{
	size_t i;

	if (argc == 4 && !strcmp(argv[1], "serve"))
		serve(argv[2], argv[3]);
	if (argc >= 4 && !strcmp(argv[1], "hand-on"))
		hand_on(argv + 2);
	if (argc == 2 && !strcmp(argv[1], "listen-inherited"))
		attack_ends(argv[1], listen(9, 1));
	for (i = 0; argc == 4 && i < sizeof(internet) / sizeof(internet[0]); i++) {
		struct address address = {0};

		if (strcmp(argv[1], internet[i].verb))
			continue;
		address = address_of(argv[2], argv[3]);
		attack_ends(argv[1], internet[i].act(&address));
	}
	for (i = 0; argc == 3 && !strcmp(argv[1], "make") && i < sizeof(kinds) / sizeof(kinds[0]);
	     i++)
		if (!strcmp(argv[2], kinds[i].verb))
			attack_ends(argv[2],
				    socket(kinds[i].family, kinds[i].type, kinds[i].protocol));
	setup_failed("what to do? '%s'", argc > 1 ? argv[1] : "");
}

// SPDX-License-Identifier: Apache-2.0
// unix-sockets VERB NAME: what a program does with unix sockets, one thing a run. NAME is a path,
// or @ and an abstract name.
#include "attack.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static struct sockaddr_un name;
static socklen_t length;

static void name_is(const char *text)
{
	size_t bytes = strlen(text);

	if (bytes >= sizeof(name.sun_path))
		setup_failed("%s is too long", text);
	name.sun_family = AF_UNIX;
	memcpy(name.sun_path, text, bytes);
	length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + bytes);
	if (text[0] == '@')
		name.sun_path[0] = '\0';
}

static int made(int type)
{
	int made = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	if (made < 0)
		setup_failed("socket");
	return made;
}

static int bind_stream(void)
{
	return bind(made(SOCK_STREAM), (struct sockaddr *)&name, length);
}

static int bind_datagrams(void)
{
	return bind(made(SOCK_DGRAM), (struct sockaddr *)&name, length);
}

static int bind_and_listen(void)
{
	int fd = made(SOCK_STREAM);

	return bind(fd, (struct sockaddr *)&name, length) ?: listen(fd, 1);
}

/* Also a byte 0 can stand in an abstract name, and is no wildcard there. */
static int bind_with_nul(void)
{
	name.sun_path[length - offsetof(struct sockaddr_un, sun_path)] = '\0';
	length++;
	return bind(made(SOCK_STREAM), (struct sockaddr *)&name, length);
}

/* A name that the kernel chooses, by no bind(2): a failed connect(2) gives it. */
static int listen_unnamed(void)
{
	int fd = made(SOCK_STREAM), yes = 1;
	struct sockaddr_un nobody = {.sun_family = AF_UNIX, .sun_path = "\0moor-nobody"};
	socklen_t own = sizeof(name);

	if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &yes, sizeof(yes)))
		setup_failed("SO_PASSCRED");
	connect(fd, (struct sockaddr *)&nobody, sizeof(nobody));
	if (getsockname(fd, (struct sockaddr *)&name, &own) || own <= sizeof(name.sun_family))
		setup_failed("a name that the kernel chooses");
	return listen(fd, 1);
}

static int connect_stream(void)
{
	return connect(made(SOCK_STREAM), (struct sockaddr *)&name, length);
}

static int connect_packets(void)
{
	return connect(made(SOCK_SEQPACKET), (struct sockaddr *)&name, length);
}

static int connect_datagrams(void)
{
	return connect(made(SOCK_DGRAM), (struct sockaddr *)&name, length);
}

static int send_datagram(void)
{
	return sendto(made(SOCK_DGRAM), "moor", 4, MSG_DONTWAIT, (struct sockaddr *)&name,
		      length) == 4
		       ? 0
		       : -1;
}

/* The second of two messages goes to NAME; the first to the other end of a pair. */
static int send_two(void)
{
	struct iovec data = {"moor", 4};
	struct mmsghdr messages[2] = {
		{.msg_hdr = {.msg_iov = &data, .msg_iovlen = 1}},
		{.msg_hdr = {.msg_iov = &data,
			     .msg_iovlen = 1,
			     .msg_name = &name,
			     .msg_namelen = length}},
	};
	int pair[2], sent;

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair))
		setup_failed("socketpair");
	sent = sendmmsg(pair[0], messages, 2, MSG_DONTWAIT);
	if (sent != 1)
		return sent == 2 ? 0 : -1;
	/* What stopped it comes with the next call. */
	return sendmmsg(pair[0], messages + 1, 1, MSG_DONTWAIT) == 1 ? 0 : -1;
}

static int make_node(void)
{
	return mknod(name.sun_path, S_IFSOCK | 0600, 0);
}

/* The ends of a pair need no names, and no rules. */
static int use_pair(void)
{
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
	int pair[2];

	for (int i = 0; i < 3; i++)
		if (socketpair(AF_UNIX, types[i], 0, pair) || send(pair[0], "moor", 4, 0) != 4 ||
		    send(pair[1], "moor", 4, 0) != 4)
			return -1;
	return 0;
}

static int send_inherited(void)
{
	return send(9, "moor", 4, MSG_DONTWAIT) == 4 ? 0 : -1;
}

static int listen_inherited(void)
{
	return listen(9, 1);
}

static const struct {
	const char *verb;
	int (*act)(void);
} verbs[] = {
	{"bind", bind_stream},
	{"bind-datagrams", bind_datagrams},
	{"bind-with-nul", bind_with_nul},
	{"listen", bind_and_listen},
	{"listen-unnamed", listen_unnamed},
	{"connect", connect_stream},
	{"connect-packets", connect_packets},
	{"connect-datagrams", connect_datagrams},
	{"send", send_datagram},
	{"send-two", send_two},
	{"node", make_node},
	{"pair", use_pair},
	{"send-inherited", send_inherited},
	{"listen-inherited", listen_inherited},
};

/* Takes what comes at NAME, as streams, packets or datagrams, until it is killed. */
static _Noreturn void serve(const char *how)
{
	int type = !strcmp(how, "stream")    ? SOCK_STREAM
		   : !strcmp(how, "packets") ? SOCK_SEQPACKET
					     : SOCK_DGRAM;
	int fd = made(type);
	char bytes[16];

	if (bind(fd, (struct sockaddr *)&name, length) || (type != SOCK_DGRAM && listen(fd, 64)))
		setup_failed("serving");
	puts("serving");
	fflush(stdout);
	for (;;)
		if (type == SOCK_DGRAM)
			recv(fd, bytes, sizeof(bytes), 0);
		else
			close(accept(fd, NULL, NULL));
}

/* Executes a program with a socket as descriptor 9: bound to NAME, or connected to it. */
static _Noreturn void hand_on(int connected, char **arguments)
{
	int fd = made(connected ? SOCK_DGRAM : SOCK_STREAM);

	if ((connected ? connect(fd, (struct sockaddr *)&name, length)
		       : bind(fd, (struct sockaddr *)&name, length)) ||
	    dup2(fd, 9) != 9)
		setup_failed("a socket to hand on");
	execv(arguments[0], arguments);
	attack_ends("exec", -1);
}

int main(int argc, char **argv)
{
	if (argc < 3)
		setup_failed("usage: unix-sockets VERB NAME");
	name_is(argv[2]);
	if (argc == 4 && !strcmp(argv[1], "serve"))
		serve(argv[3]);
	if (argc > 4 && !strncmp(argv[1], "hand-on-", 8))
		hand_on(!strcmp(argv[1], "hand-on-connected"), argv + 3);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(argv[1], verbs[i].verb))
			attack_ends(argv[1], verbs[i].act());
	setup_failed("what to do? '%s'", argv[1]);
}

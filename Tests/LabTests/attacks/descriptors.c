// SPDX-License-Identifier: Apache-2.0
/*
 * descriptors VERB ARGS...: descriptors that come in.
 *
 * is FD                   ends with 0, with ENXIO when it is /dev/null, with EBADF when it is none
 * with KIND COMMAND...    executes COMMAND with a descriptor of that kind as number 9: pipe, unix,
 *                         tcp, udp, netlink, memfd, eventfd, epoll, pty
 * with open:PATH COMMAND...   the same with PATH opened for reading, path:PATH for nothing (O_PATH)
 * send SOCKET KIND        listens at SOCKET and sends one to each who connects, until it is killed
 * hold KIND               has one as number 9 until it is killed; says `ready`
 * take PID FD             takes it from that process (pidfd_getfd)
 */
#include "parts.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#define NUMBER 9

static int pipe_end(void)
{
	int ends[2];

	return pipe(ends) ? -1 : ends[0];
}

static int pair_end(void)
{
	int ends[2];

	return socketpair(AF_UNIX, SOCK_STREAM, 0, ends) ? -1 : ends[0];
}

static int make(const char *kind)
{
	if (!strncmp(kind, "open:", 5))
		return open(kind + 5, O_RDONLY);
	if (!strncmp(kind, "path:", 5))
		return open(kind + 5, O_PATH);
	if (!strcmp(kind, "pipe"))
		return pipe_end();
	if (!strcmp(kind, "unix"))
		return pair_end();
	if (!strcmp(kind, "tcp"))
		return socket(AF_INET, SOCK_STREAM, 0);
	if (!strcmp(kind, "udp"))
		return socket(AF_INET6, SOCK_DGRAM, 0);
	if (!strcmp(kind, "netlink"))
		return socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	if (!strcmp(kind, "memfd"))
		return memfd_create("x", 0);
	if (!strcmp(kind, "eventfd"))
		return eventfd(0, 0);
	if (!strcmp(kind, "epoll"))
		return epoll_create(1);
	if (!strcmp(kind, "pty"))
		return posix_openpt(O_RDWR | O_NOCTTY);
	setup_failed("no kind '%s'", kind);
}

static void make_number(const char *kind)
{
	int made = make(kind);

	if (made < 0 || (made != NUMBER && dup2(made, NUMBER) < 0))
		setup_failed("%s", kind);
	if (made != NUMBER)
		close(made);
}

static _Noreturn void tell(int fd)
{
	struct stat status;

	if (fstat(fd, &status))
		attack_ends("is", -1);
	if (S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3)) {
		errno = ENXIO;
		attack_ends("is", -1);
	}
	attack_ends("is", 0);
}

static _Noreturn void serve(const char *name, const char *kind)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int fd = make(kind);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", name);
	unlink(name);
	if (fd < 0 || listener < 0 ||
	    bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 4))
		setup_failed("%s", name);
	for (;;) {
		int connection = accept(listener, NULL, NULL);

		if (connection < 0 || send_descriptor(connection, fd) < 0)
			setup_failed("%s", kind);
		close(connection);
	}
}

static long take(const char *pid, const char *fd)
{
	int process = (int)syscall(SYS_pidfd_open, atoi(pid), 0);

	/* Since 6.12 that is opening a file, which no rule is about. */
	if (process < 0)
		return -1;
	return syscall(SYS_pidfd_getfd, process, atoi(fd), 0);
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "is"))
		tell(atoi(argv[2]));
	if (argc >= 4 && !strcmp(argv[1], "with")) {
		make_number(argv[2]);
		execv(argv[3], argv + 3);
		setup_failed("%s", argv[3]);
	}
	if (argc == 4 && !strcmp(argv[1], "send"))
		serve(argv[2], argv[3]);
	if (argc == 3 && !strcmp(argv[1], "hold")) {
		make_number(argv[2]);
		puts("ready");
		fflush(stdout);
		for (;;)
			pause();
	}
	if (argc == 4 && !strcmp(argv[1], "take"))
		attack_ends("take", take(argv[2], argv[3]));
	setup_failed("what to do? '%s'", argc > 1 ? argv[1] : "");
}

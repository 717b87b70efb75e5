// SPDX-License-Identifier: Apache-2.0
/*
 * outside FILE OPENS FORKS: what ordinary system calls cost a process that no
 * module guards: `open-close N`, `stat N`, `fstat N`, `ioctl N` (FIONREAD of FILE),
 * `tcp N` (two sockets, connect, accept, close), `fork N` (fork, exit and wait; the mean).
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"

static int opened; /* FILE */

static void open_close(const char *path)
{
	int file = open(path, O_RDONLY);

	if (file < 0 || close(file))
		exit(1);
}

static void stat_file(const char *path)
{
	struct stat status;

	if (stat(path, &status))
		exit(1);
}

static void stat_opened(const char *path)
{
	struct stat status;

	(void)path;
	if (fstat(opened, &status))
		exit(1);
}

static void command_opened(const char *path)
{
	int bytes;

	(void)path;
	if (ioctl(opened, FIONREAD, &bytes))
		exit(1);
}

static struct sockaddr_in own = {.sin_family = AF_INET};
static int listener;

static void listen_for_tcp(void)
{
	socklen_t length = sizeof(own);

	own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&own, sizeof(own)) ||
	    getsockname(listener, (struct sockaddr *)&own, &length) || listen(listener, 8))
		exit(1);
}

static void connect_accept(const char *path)
{
	/* Cut off at once: no port is kept for what may still be on its way. */
	const struct linger none = {.l_onoff = 1};
	int client = socket(AF_INET, SOCK_STREAM, 0), server;

	(void)path;
	if (client < 0 || connect(client, (struct sockaddr *)&own, sizeof(own)))
		exit(1);
	server = accept(listener, NULL, NULL);
	if (server < 0 || setsockopt(client, SOL_SOCKET, SO_LINGER, &none, sizeof(none)) ||
	    close(client) || close(server))
		exit(1);
}

static void fork_wait(const char *path)
{
	pid_t pid = fork();
	int status;

	(void)path;
	if (!pid)
		_exit(0);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		exit(1);
}

int main(int argc, char **argv)
{
	int opens, forks;

	if (argc != 4 || (opens = atoi(argv[2])) < 1 || (forks = atoi(argv[3])) < 1)
		return 2;
	setbuf(stdout, NULL);
	opened = open(argv[1], O_RDONLY);
	if (opened < 0)
		return 1;
	printf("open-close %.1f\n", bench_median(open_close, argv[1], opens));
	printf("stat %.1f\n", bench_median(stat_file, argv[1], opens));
	printf("fstat %.1f\n", bench_median(stat_opened, argv[1], opens));
	printf("ioctl %.1f\n", bench_median(command_opened, argv[1], opens));
	listen_for_tcp();
	printf("tcp %.1f\n", bench_median(connect_accept, argv[1], opens / 10));
	bench_mean(fork_wait, argv[1], 3);
	printf("fork %.1f\n", bench_mean(fork_wait, argv[1], forks));
	return 0;
}

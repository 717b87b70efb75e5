// SPDX-License-Identifier: Apache-2.0
/*
 * outside FILE OPENS FORKS: what ordinary system calls cost a process that no
 * module guards: `open-close N`, `stat N`, `tcp N` (two sockets, connect, accept, close), `fork N`
 * (fork, exit and wait). Of the
 * first three the median of nine means, as now and then the kernel has something
 * else to do that costs more than a thousand of them; of forks the mean.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"

#define WARM_UP 64
#define PARTS	9

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

static double mean(void (*act)(const char *), const char *path, int count)
{
	unsigned long before = bench_now();
	int i;

	for (i = 0; i < count; i++)
		act(path);
	return (double)(bench_now() - before) / count;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(void (*act)(const char *), const char *path, int count)
{
	double means[PARTS];
	int i;

	for (i = 0; i < PARTS; i++)
		means[i] = mean(act, path, count / PARTS + 1);
	qsort(means, PARTS, sizeof(means[0]), compare);
	return means[PARTS / 2];
}

int main(int argc, char **argv)
{
	int opens, forks;

	if (argc != 4 || (opens = atoi(argv[2])) < 1 || (forks = atoi(argv[3])) < 1)
		return 2;
	setbuf(stdout, NULL);
	mean(open_close, argv[1], WARM_UP);
	printf("open-close %.1f\n", median(open_close, argv[1], opens));
	mean(stat_file, argv[1], WARM_UP);
	printf("stat %.1f\n", median(stat_file, argv[1], opens));
	listen_for_tcp();
	mean(connect_accept, argv[1], WARM_UP);
	printf("tcp %.1f\n", median(connect_accept, argv[1], opens / 10));
	mean(fork_wait, argv[1], 3);
	printf("fork %.1f\n", mean(fork_wait, argv[1], forks));
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What several attack programs do in the same way. */
#ifndef PARTS_H
#define PARTS_H

#include "attack.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/types.h>

/* Makes FILE, so that others know, and goes on when it is gone. */
static inline void stay_while(const char *file)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		setup_failed("%s", file);
	close(fd);
	while (!access(file, F_OK))
		usleep(20000);
}

/* A child that does nothing until it is killed. */
static inline pid_t idle_child(void)
{
	pid_t child = fork();

	if (child < 0)
		setup_failed("fork");
	if (!child)
		for (;;)
			pause();
	return child;
}

/* Sends a descriptor over a unix socket. Return: as sendmsg(2). */
static inline long send_descriptor(int connection, int fd)
{
	char space[CMSG_SPACE(sizeof(fd))] = {0};
	char byte = 'x';
	struct iovec part = {&byte, 1};
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = space,
		.msg_controllen = sizeof(space),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	return sendmsg(connection, &message, 0);
}

#endif

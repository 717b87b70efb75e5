// SPDX-License-Identifier: Apache-2.0
// receive SOCKET: connects to SOCKET and takes the descriptor that is passed there. The kernel
// drops a descriptor that may not be received and says so by MSG_CTRUNC; this ends with EPERM then.
#include "attack.h"

#include <sys/socket.h>
#include <sys/un.h>

int main(int argc, char **argv)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char space[CMSG_SPACE(sizeof(int))];
	char byte;
	struct iovec part = {&byte, 1};
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = space,
		.msg_controllen = sizeof(space),
	};
	int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (argc != 2 || connection < 0)
		setup_failed("usage: receive SOCKET");
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", argv[1]);
	if (connect(connection, (struct sockaddr *)&address, sizeof(address)))
		setup_failed("%s", argv[1]);
	if (recvmsg(connection, &message, 0) != 1)
		setup_failed("recvmsg");
	if (CMSG_FIRSTHDR(&message) && CMSG_FIRSTHDR(&message)->cmsg_type == SCM_RIGHTS)
		attack_ends("receive", 0);
	if (!(message.msg_flags & MSG_CTRUNC))
		setup_failed("no descriptor was sent");
	errno = EPERM;
	attack_ends("receive", -1);
}

// SPDX-License-Identifier: Apache-2.0
// stay FILE: makes FILE, and stays until the file is gone.
#include "attack.h"

#include <fcntl.h>

int main(int argc, char **argv)
{
	int fd;

	if (argc < 2)
		setup_failed("usage: stay FILE");
	fd = open(argv[1], O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		setup_failed("%s", argv[1]);
	close(fd);
	while (!access(argv[1], F_OK))
		usleep(20000);
	return 0;
}

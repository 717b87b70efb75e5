// SPDX-License-Identifier: Apache-2.0
// late-read FILE FLAG: opens FILE, makes FLAG, waits until somebody has removed it, and then reads
// FILE: says what its second byte is, of one page of code (mov eax, N; ret) the N.
#include "attack.h"

#include <fcntl.h>

int main(int argc, char **argv)
{
	unsigned char bytes[2];
	int descriptor, flag;

	if (argc != 3)
		setup_failed("usage: late-read FILE FLAG");
	descriptor = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (descriptor < 0)
		attack_ends("open", -1);
	flag = open(argv[2], O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (flag < 0)
		setup_failed("%s", argv[2]);
	close(flag);
	while (!access(argv[2], F_OK))
		usleep(20000);
	if (pread(descriptor, bytes, sizeof(bytes), 0) != sizeof(bytes))
		attack_ends("read", -1);
	printf("read: %d\n", bytes[1]);
	attack_ends("read", 0);
}

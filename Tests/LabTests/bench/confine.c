// SPDX-License-Identifier: Apache-2.0
/* confine PROFILE PROGRAM ARGS...: executes PROGRAM under a profile of AppArmor, as aa-exec does.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int attribute = open("/proc/self/attr/apparmor/exec", O_WRONLY);

	if (argc < 3)
		return 2;
	if (attribute < 0 || dprintf(attribute, "exec %s", argv[1]) < 0) {
		perror("confine: AppArmor takes no profile");
		return 1;
	}
	close(attribute);
	execv(argv[2], argv + 2);
	perror(argv[2]);
	return 1;
}

// SPDX-License-Identifier: Apache-2.0
// dynamic-emulator [LIBRARY]: a stand-in that is linked to libdevice.so, and says what that says.
// With LIBRARY, loads that as well: ends with 0 when it could, with EPERM when it was refused.
#include "attack.h"

#include <dlfcn.h>

const char *device_name(void);

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("dynamic emulator: %s device\n", device_name());
	if (argc < 2)
		return 0;
	if (dlopen(argv[1], RTLD_NOW))
		attack_ends("dlopen", 0);
	puts(dlerror());
	/* ld.so keeps no errno; this is what it says when the mapping was refused. */
	errno = EPERM;
	attack_ends("dlopen", -1);
}

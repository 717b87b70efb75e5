// SPDX-License-Identifier: Apache-2.0
// The library of dynamic-emulator, built twice: as libdevice.so, and as evil.so with -DSAYS=evil.
// The second one says so as soon as it is loaded into any program.
#include <stdio.h>

#define TEXT(word) #word
#define SAID(word) TEXT(word)

const char *device_name(void);

const char *device_name(void)
{
	return SAID(SAYS);
}

__attribute__((constructor)) static void loaded(void)
{
	puts("loaded: " SAID(SAYS) " library");
	fflush(stdout);
}

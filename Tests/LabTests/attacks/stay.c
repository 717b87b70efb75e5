// SPDX-License-Identifier: Apache-2.0
// stay FILE: makes FILE, and stays until the file is gone.
#include "parts.h"

int main(int argc, char **argv)
{
	if (argc < 2)
		setup_failed("usage: stay FILE");
	stay_while(argv[1]);
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
// start VM PROGRAM ARGS...: binds VM to its own next exec where moor is loaded, and executes
// PROGRAM. It ends with what PROGRAM ends with, or with the errno that refused the start.
#include "bind.h"

int main(int argc, char **argv)
{
	if (argc < 3)
		setup_failed("usage: start VM PROGRAM ARGS...");
	bind_vm(argv[1]);
	attack_ends("start", execv(argv[2], argv + 2));
}

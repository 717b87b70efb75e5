/* SPDX-License-Identifier: Apache-2.0 */
/* How a start becomes that of a VM, as `moor run` does it, for programs that go on to attack. */
#ifndef BIND_H
#define BIND_H

#include <fcntl.h>
#include <sys/ioctl.h>

#include "attack.h"
#include "moor.h"

/* Binds VM to the caller's next exec. Where moor is not loaded there is nothing to bind to. */
static inline void bind_vm(const char *vm)
{
	struct moor_bind bind = {
		.header = {.size = sizeof(bind), .version = MOOR_ABI_VERSION},
	};
	int device = open(MOOR_DEVICE_PATH, O_RDWR | O_CLOEXEC);

	if (device < 0 && errno == ENOENT)
		return;
	if (device < 0 || strlen(vm) > MOOR_VM_NAME_MAX)
		setup_failed("%s", MOOR_DEVICE_PATH);
	strcpy(bind.vm, vm);
	if (ioctl(device, MOOR_IOC_BIND, &bind))
		setup_failed("binding %s", vm);
	close(device);
}

#endif

// SPDX-License-Identifier: Apache-2.0
// moor-open [FD]: opens /dev/moor, or takes the one that it was handed, and asks for a snapshot.
#include "attack.h"

#include <fcntl.h>
#include <sys/ioctl.h>

#include "moor.h"

int main(int argc, char **argv)
{
	struct moor_snapshot snapshot = {
		.header = {.size = sizeof(snapshot), .version = MOOR_ABI_VERSION},
		.first_record = ~0ULL,
	};
	int device = argc > 1 ? atoi(argv[1]) : open(MOOR_DEVICE_PATH, O_RDWR | O_CLOEXEC);

	if (device < 0)
		attack_ends("opening the device", -1);
	attack_ends("a call of the device", ioctl(device, MOOR_IOC_SNAPSHOT, &snapshot));
}

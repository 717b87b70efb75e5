/* SPDX-License-Identifier: Apache-2.0 */
/* The names of ioctl commands, with the numbers that the kernel's headers give them. */
#ifndef MOOR_CIOCTL_H
#define MOOR_CIOCTL_H

#include <stdint.h>

struct moor_ioctl {
	const char *name;
	uint32_t number;
};

extern const uint32_t moor_ioctl_count;

/* Entry @index, or NULL when there are not so many. */
const struct moor_ioctl *moor_ioctl_at(uint32_t index);

#endif /* MOOR_CIOCTL_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/* What is asked of a path so often that a call would cost more. */
#ifndef MOOR_PATH_H
#define MOOR_PATH_H

#include "moor.h"

#include <linux/dcache.h>
#include <linux/seqlock.h>

/**
 * moor_renames - a number that changes with every rename in the system
 *
 * A path that was built stays right for the same dentry and mount while this
 * number does.
 */
static inline unsigned int moor_renames(void)
{
	return raw_read_seqcount(&rename_lock.seqcount);
}

#endif /* MOOR_PATH_H */

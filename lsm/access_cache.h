/* SPDX-License-Identifier: GPL-2.0-only */
/* What a VM may do with an object was found a moment ago: it need not be looked up again. */
#ifndef MOOR_ACCESS_CACHE_H
#define MOOR_ACCESS_CACHE_H

#include "moor.h"

/*
 * Counts the policies that came into force, and the changes of mounts. Who keeps what rules said
 * reads it, with acquire, before asking them.
 */
extern atomic_t moor_access_epoch;

u64 moor_access_now(void);
bool moor_access_remembered(const struct moor_domain *vm, u32 helper, const struct path *path,
			    u32 need);
void moor_access_remember(struct moor_domain *vm, u32 helper, const struct path *path, u32 need,
			  u64 moment);
void moor_access_forget(void);

#endif /* MOOR_ACCESS_CACHE_H */

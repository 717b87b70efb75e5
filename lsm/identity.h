/* SPDX-License-Identifier: GPL-2.0-only */
/* Whose an object is, whatever path leads to it. */
#ifndef MOOR_IDENTITY_H
#define MOOR_IDENTITY_H

#include "access.h"
#include "moor.h"

enum moor_ownership {
	MOOR_OWNED_BY_NOBODY,
	MOOR_OWNED_BY_ITSELF, /* by the VM that is asked for */
	MOOR_OWNED_BY_ANOTHER,
};

extern u32 moor_identity_front[1 << MOOR_FRONT_BITS];

/* False is certain: this inode, which is about to be freed, is nobody's. */
static __always_inline bool moor_identity_maybe_known(const struct inode *inode)
{
	return READ_ONCE(moor_identity_front[hash_64((unsigned long)inode, MOOR_FRONT_BITS)]);
}

int moor_identities_init(void);
void moor_identities_exit(void);
enum moor_ownership moor_identity_of(const struct dentry *object, const char *vm,
				     char other[MOOR_VM_NAME_MAX + 1]);
int moor_identity_make(const struct dentry *object, const char *vm);
int moor_identity_stage(const struct dentry *object, const char *vm, u32 number, u32 *other);
bool moor_identities_fit(const struct moor_access *next);
void moor_identities_unstage(void);
void moor_identities_put_in_force(bool again);
void moor_identities_settle(const struct moor_access *in_force);
void moor_identity_forget(const struct inode *inode);

#endif /* MOOR_IDENTITY_H */

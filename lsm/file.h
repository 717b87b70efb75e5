/* SPDX-License-Identifier: GPL-2.0-only */
/* What is known of a file, shared by what holds it and what takes its digest. */
#ifndef MOOR_FILE_H
#define MOOR_FILE_H

#include "path.h"

#include "compat.h"

enum digest_state {
	DIGEST_NONE,
	DIGEST_BEING_TAKEN, /* by one task; the others wait */
	DIGEST_VALID,
};

/* The last policy that let a file pass, and under which name; policy 0: none. */
struct acceptance {
	u64 policy;
	const struct dentry *dentry;
	const struct vfsmount *mount;
	struct path root; /* of the task, only compared */
	unsigned int renames;
	struct moor_accepted how;
};

/**
 * struct moor_file - what is known of an inode
 * @node: in the table
 * @inode: the key; pinned while @holds is not zero
 * @holds: how many keep writers out
 * @references: one of the table, and one of all @holds together
 * @state: of @digest
 * @written: an open for writing or a truncation was seen
 * @digest: SHA-256 of the bytes
 * @size: when the digest was taken
 * @acceptance: who let it pass last
 * @modified: when the digest was taken
 * @changed: when the digest was taken
 */
struct moor_file {
	struct hlist_node node;
	struct inode *inode;
	u32 holds;
	refcount_t references;
	enum digest_state state;
	bool written;
	u8 digest[32];
	loff_t size;
	struct timespec64 modified;
	struct timespec64 changed;
	struct acceptance acceptance;
};

/* Of the table and all entries; also taken where an inode is freed, which may be in reclaim. */
extern spinlock_t moor_files_lock;

/* Is the digest still that of the file? Writers are out while this runs. */
static inline bool moor_file_digest_fits(const struct moor_file *held)
{
	struct timespec64 modified, changed;

	lockdep_assert_held(&moor_files_lock);
	moor_inode_times(held->inode, &modified, &changed);
	return held->state == DIGEST_VALID && !held->written &&
	       held->size == i_size_read(held->inode) &&
	       timespec64_equal(&held->modified, &modified) &&
	       timespec64_equal(&held->changed, &changed);
}

#endif /* MOOR_FILE_H */

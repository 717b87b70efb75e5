// SPDX-License-Identifier: GPL-2.0-only
/*
 * Digests by real inode, and the writers kept out.
 *
 * A held file is one that nobody can write: deny_write_access on the inode that
 * has the data, below any overlay, taken before the first byte is read. While
 * held the inode is pinned. Between holds the digest stays, as long as moor
 * itself saw no open for writing and no truncation; size and times are looked
 * at as well, for what came in by a way without a hook. The entry goes with the
 * inode (inode_free_security).
 */
#include "file.h"

#include <linux/fs_struct.h>
#include <linux/hashtable.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "compat.h"

/* Bounds the memory for files that nobody holds any more. */
#define FILES_MAX 16384

u16 moor_file_front[1 << MOOR_FRONT_BITS];
static DEFINE_HASHTABLE(files, 10);
/* Also taken where an inode is freed, which may be in reclaim. */
DEFINE_SPINLOCK(moor_files_lock);
static u32 file_count;

static struct moor_file *find(const struct inode *inode)
{
	struct moor_file *known;

	lockdep_assert_held(&moor_files_lock);
	hash_for_each_possible (files, known, node, (unsigned long)inode)
		if (known->inode == inode)
			return known;
	return NULL;
}

static void front_add(const struct inode *inode, int by)
{
	u16 *counter = &moor_file_front[hash_ptr(inode, MOOR_FRONT_BITS)];

	lockdep_assert_held(&moor_files_lock);
	WRITE_ONCE(*counter, *counter + by);
}

static void unref(struct moor_file *known)
{
	if (refcount_dec_and_test(&known->references))
		kfree(known);
}

static void remove(struct moor_file *known)
{
	lockdep_assert_held(&moor_files_lock);
	hash_del(&known->node);
	front_add(known->inode, -1);
	file_count--;
	unref(known);
}

/* Makes room for one more by dropping one that nobody holds. */
static bool make_room(void)
{
	struct moor_file *known;
	int bucket;

	lockdep_assert_held(&moor_files_lock);
	if (file_count < FILES_MAX)
		return true;
	hash_for_each(files, bucket, known, node)
	{
		if (!known->holds) {
			remove(known);
			return true;
		}
	}
	return false;
}

/* The first hold pins entry and inode and shuts writers out, or fails. */
static int hold(struct moor_file *known)
{
	lockdep_assert_held(&moor_files_lock);
	if (!known->holds) {
		if (!atomic_dec_unless_positive(&known->inode->i_writecount))
			return -ETXTBSY;
		ihold(known->inode);
		refcount_inc(&known->references);
	}
	known->holds++;
	return 0;
}

/**
 * moor_file_hold - keep writers away from the data behind an open file
 * @file: open, so that its inode is pinned while this runs
 * @held: out: to be given back with moor_file_put()
 *
 * Return: 0; -ETXTBSY when somebody has it open for writing, -ENOMEM, -ENOSPC
 * when too many files are held.
 *
 * Context: may sleep.
 */
int moor_file_hold(struct file *file, struct moor_file **held)
{
	struct inode *inode = moor_real_inode(file);
	struct moor_file *known, *fresh = NULL;
	unsigned long flags;
	int err;

	spin_lock_irqsave(&moor_files_lock, flags);
	known = find(inode);
	if (!known) {
		spin_unlock_irqrestore(&moor_files_lock, flags);
		fresh = kzalloc(sizeof(*fresh), GFP_KERNEL_ACCOUNT);
		if (!fresh)
			return -ENOMEM;
		fresh->inode = inode;
		refcount_set(&fresh->references, 1);
		spin_lock_irqsave(&moor_files_lock, flags);
		known = find(inode);
	}
	if (!known && make_room()) {
		known = fresh;
		fresh = NULL;
		hash_add(files, &known->node, (unsigned long)inode);
		front_add(inode, 1);
		file_count++;
	}
	err = known ? hold(known) : -ENOSPC;
	if (!err)
		*held = known;
	spin_unlock_irqrestore(&moor_files_lock, flags);
	kfree(fresh);
	return err;
}

/**
 * moor_file_put - let a held file go
 * @held: from moor_file_hold()
 *
 * Context: may sleep, as the last hold may free the inode. Accepts NULL.
 */
void moor_file_put(struct moor_file *held)
{
	struct inode *inode = NULL;
	unsigned long flags;

	if (!held)
		return;
	spin_lock_irqsave(&moor_files_lock, flags);
	if (!--held->holds) {
		inode = held->inode;
		atomic_inc(&inode->i_writecount);
	}
	spin_unlock_irqrestore(&moor_files_lock, flags);
	if (!inode)
		return;
	unref(held);
	/* With the inode goes, through the hook, the table's entry. */
	iput(inode);
}

/* The inode that has the data; the key of a domain's uses. */
const struct inode *moor_file_inode(const struct moor_file *file)
{
	return file->inode;
}

static bool same_name(const struct acceptance *acceptance, const struct file *file)
{
	const struct path *path = moor_user_path(file);
	const struct fs_struct *fs = current->fs;

	return acceptance->dentry == path->dentry && acceptance->mount == path->mnt &&
	       acceptance->renames == moor_renames() &&
	       acceptance->root.dentry == READ_ONCE(fs->root.dentry) &&
	       acceptance->root.mnt == READ_ONCE(fs->root.mnt);
}

static bool accepted(const struct moor_file *known, const struct file *file, u64 policy, u8 kind)
{
	return policy && known->acceptance.policy == policy && known->acceptance.how.kind == kind &&
	       same_name(&known->acceptance, file) && moor_file_digest_fits(known);
}

/**
 * moor_file_hold_accepted - hold a file if it needs no second look
 * @file: as it is opened now; another name of the same inode does not count
 * @inode: moor_real_inode() of it
 * @policy: serial of the policy in force
 * @kind: that it is looked at as
 * @how: out: what was found when it passed; or NULL
 *
 * It needs none when this policy let this very file pass before: measured,
 * compared and recorded already, and unchanged since. Its path need not be built:
 * under the same dentry, mount and root, and with no rename since, it is the same.
 * A mount that was moved or detached meanwhile goes unnoticed, which lets in no
 * other bytes than those accepted under this policy. That it has lost its name is
 * for the caller to see.
 *
 * Return: the held file, to be given back with moor_file_put(); NULL when it is
 * to be measured, or cannot be held.
 *
 * Context: does not sleep.
 */
struct moor_file *moor_file_hold_accepted(const struct file *file, const struct inode *inode,
					  u64 policy, u8 kind, struct moor_accepted *how)
{
	struct moor_file *known;
	unsigned long flags;

	spin_lock_irqsave(&moor_files_lock, flags);
	known = find(inode);
	if (known && (!accepted(known, file, policy, kind) || hold(known)))
		known = NULL;
	if (known && how)
		*how = known->acceptance.how;
	spin_unlock_irqrestore(&moor_files_lock, flags);
	return known;
}

/**
 * moor_file_accept - remember what moor_file_hold_accepted() asks for
 * @held: the file, held
 * @file: as it is opened now
 * @policy: serial of the policy that let it pass
 * @renames: what moor_renames() said before the path was built
 * @how: what was found
 */
void moor_file_accept(struct moor_file *held, const struct file *file, u64 policy,
		      unsigned int renames, const struct moor_accepted *how)
{
	const struct path *path = moor_user_path(file);
	unsigned long irq;

	spin_lock_irqsave(&moor_files_lock, irq);
	held->acceptance = (struct acceptance){
		.policy = policy,
		.dentry = path->dentry,
		.mount = path->mnt,
		.root = current->fs->root,
		.renames = renames,
		.how = *how,
	};
	spin_unlock_irqrestore(&moor_files_lock, irq);
}

/**
 * moor_file_written - somebody opened this inode for writing, or cut it
 * @inode: the real inode
 *
 * Context: any task, on any inode that moor_inode_maybe_known() lets through.
 */
void moor_file_written(const struct inode *inode)
{
	struct moor_file *known;
	unsigned long flags;

	spin_lock_irqsave(&moor_files_lock, flags);
	known = find(inode);
	if (known)
		known->written = true;
	spin_unlock_irqrestore(&moor_files_lock, flags);
}

/**
 * moor_file_forget - this inode is being freed
 * @inode: the inode
 *
 * A call for an inode that is in use has no effect: its holds pin it.
 */
void moor_file_forget(const struct inode *inode)
{
	struct moor_file *known;
	unsigned long flags;

	spin_lock_irqsave(&moor_files_lock, flags);
	known = find(inode);
	if (known && !known->holds)
		remove(known);
	spin_unlock_irqrestore(&moor_files_lock, flags);
}

/**
 * moor_files_clear - forget all that nobody holds
 *
 * For the time without hooks, in which nothing would say what is stale.
 */
void moor_files_clear(void)
{
	struct moor_file *known;
	struct hlist_node *next;
	unsigned long flags;
	int bucket;

	spin_lock_irqsave(&moor_files_lock, flags);
	hash_for_each_safe(files, bucket, next, known, node)
	{
		WARN_ON_ONCE(known->holds);
		remove(known);
	}
	spin_unlock_irqrestore(&moor_files_lock, flags);
}

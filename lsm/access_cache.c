// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the rules said of an object of a VM, kept for a second at most. Building a path and
 * walking the rules costs more than everything else at an open, and a program mostly opens
 * what it opened before.
 *
 * An object is known by its dentry, its mount and its inode, none of which is held: they are
 * compared and never followed. What is remembered counts while its path cannot have changed:
 * until anything is renamed, until something is mounted or unmounted or another policy comes
 * into force, and no longer than a second, because a mount may also go without a hook.
 */
#include "access_cache.h"
#include "path.h"

#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/jiffies.h>
#include <linux/mount.h>
#include <linux/slab.h>

#include "compat.h"

#define ENTRY_BITS 5 /* 2 KiB for each VM that runs under rules */

struct entry {
	u32 sequence; /* odd while it is written */
	u32 generation;
	u64 asked;	     /* what for, and by whom */
	u64 moment;	     /* of moor_access_now() */
	unsigned long until; /* jiffies */
	unsigned long number;
	const struct inode *inode;
	const struct dentry *dentry;
	const struct vfsmount *mount;
};

struct moor_access_cache {
	struct entry entries[1 << ENTRY_BITS];
};

atomic_t moor_access_epoch = ATOMIC_INIT(1);

static __always_inline u64 now(void)
{
	return (u64)atomic_read(&moor_access_epoch) << 32 | moor_renames();
}

/* Odd: a rename is under way. */
static bool between_renames(u64 moment)
{
	return moment & 1;
}

static __always_inline u64 asked(u32 helper, u32 need)
{
	return (u64)helper << 32 | need;
}

/**
 * moor_access_now - begin to look a path up
 *
 * What is found afterwards holds for this moment, and is remembered with it: how many policies
 * and changes of mounts there were, and moor_renames().
 */
u64 moor_access_now(void)
{
	const u64 moment = now();

	smp_rmb();
	return moment;
}

/**
 * moor_access_forget - nothing that was found counts any longer
 *
 * Called after another policy came into force, and before mounts change.
 */
void moor_access_forget(void)
{
	/* Who reads the new number finds the new policy. */
	(void)atomic_inc_return_release(&moor_access_epoch);
}

static u32 place_of(const struct dentry *dentry, u32 need)
{
	return (hash_ptr(dentry, ENTRY_BITS) ^ need) & ((1 << ENTRY_BITS) - 1);
}

/**
 * moor_access_remembered - was this found to be allowed a moment ago?
 * @vm: the current task's domain, which has the root that its paths are from
 * @helper: the child domain that the task runs in
 * @path: the object
 * @need: MOOR_PERM_*
 *
 * Return: false says nothing.
 *
 * Context: any in a task; no lock, no sleep, writes nothing.
 */
bool moor_access_remembered(const struct moor_domain *vm, u32 helper, const struct path *path,
			    u32 need)
{
	const struct moor_access_cache *cache = smp_load_acquire(&vm->granted);
	const struct dentry *dentry = path->dentry;
	const struct inode *inode = d_inode(dentry);
	const struct entry *entry;
	u32 sequence;
	bool same;

	if (!cache || unlikely(!inode))
		return false;
	entry = &cache->entries[place_of(dentry, need)];
	sequence = smp_load_acquire(&entry->sequence);
	same = READ_ONCE(entry->dentry) == dentry && READ_ONCE(entry->mount) == path->mnt &&
	       READ_ONCE(entry->inode) == inode && READ_ONCE(entry->number) == inode->i_ino &&
	       READ_ONCE(entry->generation) == inode->i_generation &&
	       READ_ONCE(entry->asked) == asked(helper, need) &&
	       READ_ONCE(entry->moment) == now() && time_before(jiffies, READ_ONCE(entry->until));
	smp_rmb();
	return same && !(sequence & 1) && READ_ONCE(entry->sequence) == sequence &&
	       !d_unlinked(dentry);
}

static struct moor_access_cache *cache_of(struct moor_domain *vm)
{
	struct moor_access_cache *cache = READ_ONCE(vm->granted), *other;

	if (cache)
		return cache;
	cache = kzalloc(sizeof(*cache), GFP_ATOMIC | __GFP_NOWARN | __GFP_ACCOUNT);
	if (!cache)
		return NULL;
	other = cmpxchg(&vm->granted, NULL, cache);
	if (!other)
		return cache;
	kfree(cache);
	return other;
}

/**
 * moor_access_remember - something may be done again without being looked up
 * @vm: the current task's domain
 * @helper: the child domain that the task runs in
 * @path: the object, to which a path leads
 * @need: MOOR_PERM_* that it was granted, and that no rule wants to be recorded
 * @moment: from before it was looked up
 *
 * Where there is no memory, or another task writes in the same place, nothing is remembered.
 *
 * Context: any in a task; does not sleep.
 */
void moor_access_remember(struct moor_domain *vm, u32 helper, const struct path *path, u32 need,
			  u64 moment)
{
	const struct inode *inode = d_inode(path->dentry);
	struct moor_access_cache *cache;
	struct entry *entry;
	u32 sequence;

	if (!inode || between_renames(moment))
		return;
	cache = cache_of(vm);
	if (!cache)
		return;
	entry = &cache->entries[place_of(path->dentry, need)];
	sequence = READ_ONCE(entry->sequence);
	if ((sequence & 1) || cmpxchg(&entry->sequence, sequence, sequence + 1) != sequence)
		return;
	WRITE_ONCE(entry->asked, asked(helper, need));
	WRITE_ONCE(entry->generation, inode->i_generation);
	WRITE_ONCE(entry->moment, moment);
	WRITE_ONCE(entry->until, jiffies + HZ);
	WRITE_ONCE(entry->number, inode->i_ino);
	WRITE_ONCE(entry->inode, inode);
	WRITE_ONCE(entry->dentry, path->dentry);
	WRITE_ONCE(entry->mount, path->mnt);
	smp_store_release(&entry->sequence, sequence + 2);
}

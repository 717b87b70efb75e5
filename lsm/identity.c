// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whose an object is, whatever path leads to it: a file by its inode, a device by its number,
 * whatever node has it.
 *
 * An access policy claims what its `object` rules name; the loader opens that and hands it in, so
 * that no number of user space's is believed. What a VM makes where its rules say that it is its
 * own is added when it is made.
 *
 * An inode that is somebody's must not leave memory while its file is there: another one would
 * take its place, and the file would be nobody's. So it is pinned, by a mark of fsnotify that
 * waits for no event: the kernel takes such marks away by itself when the file has lost its last
 * name, and when its filesystem is unmounted, which so is never kept busy. The entry stays until
 * the inode is freed: what lost its name and is still open is still somebody's.
 *
 * Of a file below an overlay both inodes are somebody's, that of the overlay as well, which leads
 * to another one once the file was copied up.
 */
#include "identity.h"

#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/fsnotify_backend.h>
#include <linux/hashtable.h>
#include <linux/llist.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/stringhash.h>
#include <linux/workqueue.h>

#include "compat.h"

#define TABLE_BITS 12
/* Claims of one policy, which are as many as its rules at most. */
#define CLAIMED_MAX (2 * MOOR_ACCESS_DOMAINS_MAX)
/* Of each VM: what it makes pins inodes. */
#define MADE_MAX 4096

/**
 * struct owner - a VM that something belongs to
 * @node: in the table of owners
 * @references: entries that name it
 * @made: how many of these it made
 * @rcu: readers look at the name without a lock
 * @vm: its name
 */
struct owner {
	struct hlist_node node;
	u32 references;
	u32 made;
	struct rcu_head rcu;
	char vm[MOOR_VM_NAME_MAX + 1];
};

/**
 * struct identity - something that is a VM's
 * @node: in the table of those in force, or of those that are staged
 * @key: what it is, see key_of()
 * @owner: whose
 * @pin: keeps the inode; NULL for a device
 * @number: of the claim, as its loader counts them
 * @serial: of the policy that claims it; 0: none does
 * @made: its owner made it
 * @dead: among those that are taken away
 * @rcu: readers walk the table without a lock
 */
struct identity {
	struct hlist_node node;
	u64 key;
	struct owner *owner;
	struct fsnotify_mark *pin;
	u32 number;
	u32 serial;
	bool made;
	struct llist_node dead;
	struct rcu_head rcu;
};

u32 moor_identity_front[1 << MOOR_FRONT_BITS];
static DEFINE_HASHTABLE(in_force, TABLE_BITS);
static DEFINE_HASHTABLE(staged, TABLE_BITS);
static DEFINE_HASHTABLE(owners, 8);
/* Of all three tables; also taken where an inode is freed, which may be in a softirq. */
static DEFINE_SPINLOCK(identities_lock);
static u32 staged_count;
static u32 serial; /* of the claims in force, under moor_control */
static struct fsnotify_group *pins;

/*
 * An inode by its address, which is even; a device by its number, odd: whatever node has that is
 * the same device.
 */
static u64 key_of(const struct inode *inode)
{
	if (S_ISBLK(inode->i_mode) || S_ISCHR(inode->i_mode))
		return (u64)inode->i_rdev << 2 | (S_ISBLK(inode->i_mode) ? 2 : 0) | 1;
	return (unsigned long)inode;
}

static bool is_device(u64 key)
{
	return key & 1;
}

static struct identity *find(struct hlist_head *bucket, u64 key)
{
	struct identity *known;

	hlist_for_each_entry_rcu (known, bucket, node, lockdep_is_held(&identities_lock))
		if (known->key == key)
			return known;
	return NULL;
}

static struct hlist_head *bucket_of(struct hlist_head table[1 << TABLE_BITS], u64 key)
{
	return &table[hash_64(key, TABLE_BITS)];
}

static void front_add(u64 key, int by)
{
	u32 *counter = &moor_identity_front[hash_64(key, MOOR_FRONT_BITS)];

	lockdep_assert_held(&identities_lock);
	WRITE_ONCE(*counter, *counter + by);
}

static bool front_has(u64 key)
{
	return READ_ONCE(moor_identity_front[hash_64(key, MOOR_FRONT_BITS)]);
}

/* A mark's memory goes when nobody in fsnotify looks at it any more. */
static void free_pin(struct fsnotify_mark *pin)
{
	kfree(pin);
}

/* No mark asks for an event, so none comes. */
static int ignore_event(struct fsnotify_mark *mark, u32 mask, struct inode *inode,
			struct inode *folder, const struct qstr *name, u32 cookie)
{
	return 0;
}

static const struct fsnotify_ops pin_operations = {
	.handle_inode_event = ignore_event,
	.free_mark = free_pin,
};

static LLIST_HEAD(dead);

/* To take a mark away may sleep. */
static void reap(struct work_struct *work)
{
	struct identity *each, *next;

	llist_for_each_entry_safe(each, next, llist_del_all(&dead), dead)
	{
		if (each->pin) {
			fsnotify_destroy_mark(each->pin, pins);
			fsnotify_put_mark(each->pin);
		}
		kfree_rcu(each, rcu);
	}
}

static DECLARE_WORK(reaping, reap);

static void count_made(struct identity *known, bool made)
{
	lockdep_assert_held(&identities_lock);
	if (known->made == made)
		return;
	known->made = made;
	known->owner->made += made ? 1 : -1;
}

/* Of an entry that is in no table any more. */
static void bury(struct identity *known)
{
	struct owner *owner = known->owner;

	lockdep_assert_held(&identities_lock);
	front_add(known->key, -1);
	count_made(known, false);
	if (!--owner->references) {
		hash_del(&owner->node);
		kfree_rcu(owner, rcu);
	}
	llist_add(&known->dead, &dead);
	queue_work(moor_queue, &reaping);
}

/**
 * moor_identities_init - before the first object is somebody's
 *
 * Return: 0 or -ENOMEM.
 */
int moor_identities_init(void)
{
	pins = fsnotify_alloc_group(&pin_operations, FSNOTIFY_GROUP_DUPS | MOOR_GROUP_NOFS);
	return PTR_ERR_OR_ZERO(pins);
}

/* After all were dropped, and what was queued was done. */
void moor_identities_exit(void)
{
	fsnotify_wait_marks_destroyed();
	fsnotify_put_group(pins);
}

/* Keeps an inode in memory while its file has a name. */
static struct fsnotify_mark *pin(struct inode *inode)
{
	struct fsnotify_mark *mark = kzalloc(sizeof(*mark), GFP_KERNEL_ACCOUNT);
	int err;

	if (!mark)
		return ERR_PTR(-ENOMEM);
	fsnotify_init_mark(mark, pins);
	err = fsnotify_add_inode_mark(mark, inode, 0);
	if (err) {
		fsnotify_put_mark(mark);
		return ERR_PTR(err);
	}
	return mark;
}

/* An entry that is in no table, and has no owner yet. */
static struct identity *create(struct inode *inode)
{
	struct identity *fresh = kzalloc(sizeof(*fresh), GFP_KERNEL_ACCOUNT);

	if (!fresh)
		return ERR_PTR(-ENOMEM);
	fresh->key = key_of(inode);
	if (!is_device(fresh->key)) {
		fresh->pin = pin(inode);
		if (IS_ERR(fresh->pin)) {
			int err = (int)PTR_ERR(fresh->pin);

			kfree(fresh);
			return ERR_PTR(err);
		}
	}
	return fresh;
}

/* One that came to be in no table. Accepts NULL. */
static void discard(struct identity *fresh)
{
	if (!fresh)
		return;
	llist_add(&fresh->dead, &dead);
	queue_work(moor_queue, &reaping);
}

static u32 name_hash(const char *vm)
{
	return full_name_hash(NULL, vm, strlen(vm));
}

/* The owner of that name; @fresh becomes it when there is none, and is NULL then. */
static struct owner *know_owner(const char *vm, struct owner **fresh)
{
	struct owner *owner;

	lockdep_assert_held(&identities_lock);
	hash_for_each_possible (owners, owner, node, name_hash(vm))
		if (!strcmp(owner->vm, vm))
			return owner;
	owner = *fresh;
	*fresh = NULL;
	strscpy(owner->vm, vm, sizeof(owner->vm));
	hash_add(owners, &owner->node, name_hash(vm));
	return owner;
}

static void own(struct identity *fresh, struct owner *owner)
{
	lockdep_assert_held(&identities_lock);
	fresh->owner = owner;
	owner->references++;
	front_add(fresh->key, 1);
}

/* The inodes that an object is known by. Return: how many, 1 or 2. */
static u32 inodes_of(const struct dentry *object, struct inode *inodes[2])
{
	inodes[0] = d_backing_inode(object);
	inodes[1] = d_real_inode(object);
	return inodes[1] == inodes[0] || is_device(key_of(inodes[0])) ? 1 : 2;
}

static enum moor_ownership owned(u64 key, const char *vm, char other[MOOR_VM_NAME_MAX + 1])
{
	enum moor_ownership whose = MOOR_OWNED_BY_NOBODY;
	const struct identity *known;

	if (likely(!front_has(key)))
		return whose;
	rcu_read_lock();
	known = find(bucket_of(in_force, key), key);
	if (known && !strcmp(known->owner->vm, vm)) {
		whose = MOOR_OWNED_BY_ITSELF;
	} else if (known) {
		whose = MOOR_OWNED_BY_ANOTHER;
		memcpy(other, known->owner->vm, MOOR_VM_NAME_MAX + 1);
	}
	rcu_read_unlock();
	return whose;
}

/**
 * moor_identity_of - whose is it?
 * @object: something that is there
 * @vm: who asks
 * @other: out: the other VM, when it is another's
 *
 * Context: any; no lock, no sleep.
 */
enum moor_ownership moor_identity_of(const struct dentry *object, const char *vm,
				     char other[MOOR_VM_NAME_MAX + 1])
{
	enum moor_ownership whose = MOOR_OWNED_BY_NOBODY;
	struct inode *inodes[2];
	u32 count = inodes_of(object, inodes), i;

	for (i = 0; i < count; i++) {
		enum moor_ownership one = owned(key_of(inodes[i]), vm, other);

		if (one > whose)
			whose = one;
	}
	return whose;
}

static int make_one(struct inode *inode, const char *vm)
{
	struct owner *spare = kzalloc(sizeof(*spare), GFP_KERNEL_ACCOUNT), *owner;
	struct identity *fresh;
	unsigned long flags;
	int err = 0;

	if (!spare)
		return -ENOMEM;
	fresh = create(inode);
	if (IS_ERR(fresh)) {
		kfree(spare);
		return (int)PTR_ERR(fresh);
	}
	spin_lock_irqsave(&identities_lock, flags);
	owner = know_owner(vm, &spare);
	own(fresh, owner);
	if (owner->made >= MADE_MAX) {
		err = -ENOSPC;
		bury(fresh);
	} else if (find(bucket_of(in_force, fresh->key), fresh->key)) {
		bury(fresh);
	} else {
		count_made(fresh, true);
		hlist_add_head_rcu(&fresh->node, bucket_of(in_force, fresh->key));
	}
	spin_unlock_irqrestore(&identities_lock, flags);
	kfree(spare);
	return err;
}

/**
 * moor_identity_make - a VM has just made this file, where it is to be its own
 * @object: the file, which nobody else has open yet
 * @vm: its name
 *
 * Return: 0; -ENOSPC when too many files are there already that it made, -ENOMEM.
 *
 * Context: may sleep.
 */
int moor_identity_make(const struct dentry *object, const char *vm)
{
	struct inode *inodes[2];
	u32 count = inodes_of(object, inodes), i;
	int err = 0;

	for (i = 0; !err && i < count; i++)
		err = make_one(inodes[i], vm);
	return err;
}

/* Return: 0; -EEXIST when another VM has it, -E2BIG. Takes the entry over when that succeeds. */
static int stage_one(struct identity *fresh, const char *vm, struct owner **spare, u32 *other)
{
	const struct identity *known = find(bucket_of(staged, fresh->key), fresh->key);

	lockdep_assert_held(&identities_lock);
	if (known && strcmp(known->owner->vm, vm)) {
		*other = known->number;
		return -EEXIST;
	}
	if (staged_count == CLAIMED_MAX)
		return -E2BIG;
	own(fresh, know_owner(vm, spare));
	/* Named twice by one VM, it is still one object. */
	if (known) {
		bury(fresh);
		return 0;
	}
	hlist_add_head_rcu(&fresh->node, bucket_of(staged, fresh->key));
	staged_count++;
	return 0;
}

static int stage_inode(struct inode *inode, const char *vm, u32 number, u32 *other)
{
	struct owner *spare = kzalloc(sizeof(*spare), GFP_KERNEL_ACCOUNT);
	struct identity *fresh;
	unsigned long flags;
	int err;

	if (!spare)
		return -ENOMEM;
	fresh = create(inode);
	if (IS_ERR(fresh)) {
		kfree(spare);
		return (int)PTR_ERR(fresh);
	}
	fresh->number = number;
	spin_lock_irqsave(&identities_lock, flags);
	err = stage_one(fresh, vm, &spare, other);
	spin_unlock_irqrestore(&identities_lock, flags);
	if (err)
		discard(fresh);
	kfree(spare);
	return err;
}

/**
 * moor_identity_stage - the policy that is being staged says whose this is
 * @object: something that is there, held by the caller
 * @vm: the VM
 * @number: of the claim
 * @other: out: with -EEXIST, the number of the other VM's claim
 *
 * Return: 0; -EEXIST when it was claimed for another VM, -E2BIG, -ENOMEM.
 *
 * Context: may sleep.
 */
int moor_identity_stage(const struct dentry *object, const char *vm, u32 number, u32 *other)
{
	struct inode *inodes[2];
	u32 count = inodes_of(object, inodes), i;
	int err = 0;

	lockdep_assert_held(&moor_control);
	for (i = 0; !err && i < count; i++)
		err = stage_inode(inodes[i], vm, number, other);
	return err;
}

/* Does the policy have each VM that something is claimed for? */
bool moor_identities_fit(const struct moor_access *next)
{
	const struct identity *each;
	bool fit = true;
	unsigned long flags;
	u32 i;

	lockdep_assert_held(&moor_control);
	for (i = 0; fit && i < ARRAY_SIZE(staged); i++) {
		spin_lock_irqsave(&identities_lock, flags);
		hlist_for_each_entry (each, &staged[i], node)
			if (moor_access_find(next, each->owner->vm) == MOOR_ACCESS_NO_DOMAIN)
				fit = false;
		spin_unlock_irqrestore(&identities_lock, flags);
	}
	return fit;
}

/* What was staged will not come into force. */
void moor_identities_unstage(void)
{
	struct identity *each;
	struct hlist_node *next;
	unsigned long flags;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(staged); i++) {
		spin_lock_irqsave(&identities_lock, flags);
		hlist_for_each_entry_safe (each, next, &staged[i], node) {
			hlist_del_rcu(&each->node);
			staged_count--;
			bury(each);
		}
		spin_unlock_irqrestore(&identities_lock, flags);
	}
}

static void put_one_in_force(struct identity *claim)
{
	struct hlist_head *bucket = bucket_of(in_force, claim->key);
	struct identity *known = find(bucket, claim->key);

	lockdep_assert_held(&identities_lock);
	hlist_del_rcu(&claim->node);
	staged_count--;
	/* The policy that is loaded once more had it already. */
	if (known && known->serial == serial) {
		bury(claim);
		return;
	}
	claim->serial = serial;
	if (!known) {
		hlist_add_head_rcu(&claim->node, bucket);
		return;
	}
	if (known->owner == claim->owner)
		count_made(claim, known->made);
	hlist_replace_rcu(&known->node, &claim->node);
	bury(known);
}

/**
 * moor_identities_put_in_force - what was staged counts from now on
 * @again: the policy in force is loaded once more, and what it had claimed it keeps
 *
 * Called before the policy itself comes into force, and what the last one claimed still counts
 * besides: at no moment is something open to another VM that is closed to it before and after.
 */
void moor_identities_put_in_force(bool again)
{
	struct identity *each;
	struct hlist_node *next;
	unsigned long flags;
	u32 i;

	lockdep_assert_held(&moor_control);
	if (!again)
		serial++;
	for (i = 0; i < ARRAY_SIZE(staged); i++) {
		spin_lock_irqsave(&identities_lock, flags);
		hlist_for_each_entry_safe (each, next, &staged[i], node)
			put_one_in_force(each);
		spin_unlock_irqrestore(&identities_lock, flags);
	}
}

/* Is it still somebody's under this policy? */
static bool stays(struct identity *known, const struct moor_access *access)
{
	if (!access)
		return false;
	if (known->serial == serial)
		return true;
	known->serial = 0;
	return known->made && moor_access_find(access, known->owner->vm) != MOOR_ACCESS_NO_DOMAIN;
}

/**
 * moor_identities_settle - forget what the policy in force does not claim
 * @access: that policy; NULL: none is in force any more
 *
 * What a VM made stays its own while the policy says anything of the VM.
 */
void moor_identities_settle(const struct moor_access *access)
{
	struct identity *each;
	struct hlist_node *next;
	unsigned long flags;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(in_force); i++) {
		spin_lock_irqsave(&identities_lock, flags);
		hlist_for_each_entry_safe (each, next, &in_force[i], node) {
			if (stays(each, access))
				continue;
			hlist_del_rcu(&each->node);
			bury(each);
		}
		spin_unlock_irqrestore(&identities_lock, flags);
	}
}

/**
 * moor_identity_forget - this inode is being freed
 * @inode: that moor_identity_maybe_known() lets through
 *
 * A call for an inode that is pinned has no effect: somebody else's program made it.
 *
 * Context: any, also a softirq.
 */
void moor_identity_forget(const struct inode *inode)
{
	const u64 key = (unsigned long)inode;
	struct identity *known;
	unsigned long flags;

	if (atomic_read(&inode->i_count))
		return;
	spin_lock_irqsave(&identities_lock, flags);
	known = find(bucket_of(in_force, key), key);
	if (known) {
		hlist_del_rcu(&known->node);
		bury(known);
	}
	known = find(bucket_of(staged, key), key);
	if (known) {
		hlist_del_rcu(&known->node);
		staged_count--;
		bury(known);
	}
	spin_unlock_irqrestore(&identities_lock, flags);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * A domain: one running VM, from the exec that started its emulator to the end
 * of its last task. It keeps writers away from every trusted file it uses.
 */
#include "moor.h"

#include <linux/hashtable.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/stringhash.h>
#include <linux/workqueue.h>

static DEFINE_HASHTABLE(domains, 8); /* by the VM's name */
static DEFINE_SPINLOCK(domains_lock);

static u32 name_hash(const char *vm)
{
	return full_name_hash(NULL, vm, strlen(vm));
}

/* No hook tells when a mapping goes, so files are let go with the domain. */
static void release(struct work_struct *work)
{
	struct moor_domain *domain = container_of(work, struct moor_domain, release);
	struct moor_use_block *block, *older;
	u32 i;

	for (block = domain->newest; block; block = older) {
		older = block->older;
		for (i = 0; i < block->count; i++)
			moor_file_put(block->uses[i].file);
		if (block != &domain->first)
			kfree(block);
	}
	kfree_rcu(domain, rcu);
}

/**
 * moor_domain_create - a domain that nothing runs in yet
 * @vm: the bound VM, or "" for an emulator that learning lets start unbound
 *
 * From here on the VM counts as running.
 *
 * Return: the domain with one reference, or NULL without memory.
 */
struct moor_domain *moor_domain_create(const char *vm)
{
	struct moor_domain *domain = kzalloc(sizeof(*domain), GFP_KERNEL_ACCOUNT);
	unsigned long flags;

	if (!domain)
		return NULL;
	refcount_set(&domain->references, 1);
	strscpy(domain->vm, vm, sizeof(domain->vm));
	spin_lock_init(&domain->uses_lock);
	domain->newest = &domain->first;
	INIT_WORK(&domain->release, release);
	spin_lock_irqsave(&domains_lock, flags);
	hash_add(domains, &domain->node, name_hash(vm));
	spin_unlock_irqrestore(&domains_lock, flags);
	return domain;
}

/**
 * moor_domain_put - give a reference back
 * @domain: whose reference it is
 *
 * Context: any; what sleeps is left to a work queue. Accepts NULL.
 */
void moor_domain_put(struct moor_domain *domain)
{
	unsigned long flags;

	if (!domain || !refcount_dec_and_test(&domain->references))
		return;
	spin_lock_irqsave(&domains_lock, flags);
	hash_del(&domain->node);
	spin_unlock_irqrestore(&domains_lock, flags);
	queue_work(moor_queue, &domain->release);
}

/**
 * moor_domain_runs - does this VM run?
 * @vm: its name
 * @except: a domain that does not count, or NULL
 *
 * Only asked when an exec is bound to it, and then the name is mostly free.
 */
bool moor_domain_runs(const char *vm, const struct moor_domain *except)
{
	struct moor_domain *domain;
	bool runs = false;
	unsigned long flags;

	spin_lock_irqsave(&domains_lock, flags);
	hash_for_each_possible (domains, domain, node, name_hash(vm)) {
		/* A count of zero is a domain on its way out of the table. */
		if (domain != except && !strcmp(domain->vm, vm) &&
		    refcount_read(&domain->references))
			runs = moor_task_lives_in(domain);
		if (runs)
			break;
	}
	spin_unlock_irqrestore(&domains_lock, flags);
	return runs;
}

static bool has_room(const struct moor_domain *domain)
{
	return domain->newest->count < MOOR_USES_A_BLOCK;
}

/* Where uses of this inode are chained. */
static struct moor_use **bucket_of(struct moor_domain *domain, const struct inode *inode)
{
	return &domain->uses[hash_ptr(inode, MOOR_USE_BITS)];
}

/* The domain's own tasks may look without the lock: uses are only added, until the domain ends. */
static struct moor_use *find_use(struct moor_domain *domain, const struct inode *inode)
{
	struct moor_use *use = smp_load_acquire(bucket_of(domain, inode));

	while (use && use->inode != inode)
		use = use->next;
	return use;
}

static void add_use(struct moor_domain *domain, struct moor_file *file, bool executable)
{
	const struct inode *inode = moor_file_inode(file);
	struct moor_use **bucket = bucket_of(domain, inode);
	struct moor_use *use = &domain->newest->uses[domain->newest->count++];

	lockdep_assert_held(&domain->uses_lock);
	use->file = file;
	use->inode = inode;
	use->executable = executable;
	use->next = *bucket;
	smp_store_release(bucket, use);
}

/**
 * moor_domain_use - the domain uses this file until its end
 * @file: a held file, whose hold is taken over, also on error
 * @executable: it was accepted as a program or a library
 * @domain: that uses it
 *
 * Return: 0 or -ENOMEM.
 */
int moor_domain_use(struct moor_domain *domain, struct moor_file *file, bool executable)
{
	const struct inode *inode = moor_file_inode(file);
	struct moor_use_block *fresh = NULL;
	struct moor_use *use;
	int err = 0;

	spin_lock(&domain->uses_lock);
	use = find_use(domain, inode);
	if (!use && !has_room(domain)) {
		spin_unlock(&domain->uses_lock);
		fresh = kzalloc(sizeof(*fresh), GFP_KERNEL_ACCOUNT);
		spin_lock(&domain->uses_lock);
		use = find_use(domain, inode);
	}
	if (!use && !has_room(domain) && fresh) {
		fresh->older = domain->newest;
		domain->newest = fresh;
		fresh = NULL;
	}
	if (use) {
		if (executable)
			WRITE_ONCE(use->executable, true);
	} else if (has_room(domain)) {
		add_use(domain, file, executable);
		file = NULL;
	} else {
		err = -ENOMEM;
	}
	spin_unlock(&domain->uses_lock);
	moor_file_put(file);
	kfree(fresh);
	return err;
}

/**
 * moor_domain_executes - was this inode accepted in this domain as executable?
 * @domain: of the current task
 * @inode: the real inode
 *
 * Its bytes are what they were then: the domain's use keeps writers out.
 *
 * Context: a task of the domain; does not sleep.
 */
bool moor_domain_executes(struct moor_domain *domain, const struct inode *inode)
{
	const struct moor_use *use = find_use(domain, inode);

	return use && READ_ONCE(use->executable);
}

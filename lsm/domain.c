// SPDX-License-Identifier: GPL-2.0-only
/*
 * A domain: one running VM, from the exec that started its emulator to the end
 * of its last task. It keeps writers away from every trusted file it uses.
 */
#include "moor.h"

#include <linux/fs_struct.h>
#include <linux/hashtable.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/stringhash.h>
#include <linux/workqueue.h>

static DEFINE_HASHTABLE(domains, 8); /* by the VM's name */
static DEFINE_SPINLOCK(domains_lock);

/*
 * Kernels are built to clear what they allocate, which for a domain costs more than
 * all else that a start adds. What comes from a cache with a constructor is left
 * alone; it goes back as the constructor made it.
 */
static struct kmem_cache *domain_cache;
static struct kmem_cache *block_cache;

static u32 name_hash(const char *vm)
{
	return full_name_hash(NULL, vm, strlen(vm));
}

static void free_domain(struct rcu_head *rcu)
{
	kmem_cache_free(domain_cache, container_of(rcu, struct moor_domain, rcu));
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
		block->count = 0;
		if (block != &domain->first)
			kmem_cache_free(block_cache, block);
	}
	memset(domain->uses, 0, sizeof(domain->uses));
	domain->newest = &domain->first;
	kfree(domain->granted);
	domain->granted = NULL;
	path_put(&domain->root);
	memset(&domain->root, 0, sizeof(domain->root));
	put_pid(domain->starter);
	domain->starter = NULL;
	call_rcu(&domain->rcu, free_domain);
}

static void construct_block(void *object)
{
	struct moor_use_block *block = object;

	memset(block, 0, sizeof(*block));
}

static void construct_domain(void *object)
{
	struct moor_domain *domain = object;

	memset(domain, 0, sizeof(*domain));
	spin_lock_init(&domain->uses_lock);
	INIT_WORK(&domain->release, release);
	domain->newest = &domain->first;
}

/**
 * moor_domains_init - before the first domain
 *
 * Return: 0 or -ENOMEM.
 */
int moor_domains_init(void)
{
	domain_cache = kmem_cache_create("moor_domain", sizeof(struct moor_domain), 0, SLAB_ACCOUNT,
					 construct_domain);
	block_cache = kmem_cache_create("moor_use_block", sizeof(struct moor_use_block), 0,
					SLAB_ACCOUNT, construct_block);
	if (domain_cache && block_cache)
		return 0;
	moor_domains_exit();
	return -ENOMEM;
}

/* After the last domain, when nothing is queued any more. */
void moor_domains_exit(void)
{
	rcu_barrier();
	kmem_cache_destroy(domain_cache);
	kmem_cache_destroy(block_cache);
}

/* The process that the current one was started by. */
static struct pid *starter_of_current(void)
{
	struct pid *starter;

	rcu_read_lock();
	starter = get_pid(task_tgid(rcu_dereference(current->real_parent)));
	rcu_read_unlock();
	return starter;
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
	struct moor_domain *domain = kmem_cache_alloc(domain_cache, GFP_KERNEL);
	unsigned long flags;

	if (!domain)
		return NULL;
	refcount_set(&domain->references, 1);
	strscpy(domain->vm, vm, sizeof(domain->vm));
	get_fs_root(current->fs, &domain->root);
	domain->starter = starter_of_current();
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

static void add_use(struct moor_domain *domain, struct moor_file *file, const struct inode *inode,
		    bool executable)
{
	struct moor_use **bucket = bucket_of(domain, inode);
	struct moor_use *use = &domain->newest->uses[domain->newest->count++];

	lockdep_assert_held(&domain->uses_lock);
	use->file = file;
	use->inode = inode;
	use->executable = executable;
	use->next = *bucket;
	smp_store_release(bucket, use);
}

/* Makes room for more uses, unless another task has. Return: 0 or -ENOMEM. */
static noinline int add_block(struct moor_domain *domain)
{
	struct moor_use_block *block = kmem_cache_alloc(block_cache, GFP_KERNEL);

	if (!block)
		return -ENOMEM;
	spin_lock(&domain->uses_lock);
	if (!has_room(domain)) {
		block->older = domain->newest;
		domain->newest = block;
		block = NULL;
	}
	spin_unlock(&domain->uses_lock);
	if (block)
		kmem_cache_free(block_cache, block);
	return 0;
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
	struct moor_use *use;
	int err;

	spin_lock(&domain->uses_lock);
	while (!(use = find_use(domain, inode)) && !has_room(domain)) {
		spin_unlock(&domain->uses_lock);
		err = add_block(domain);
		if (err) {
			moor_file_put(file);
			return err;
		}
		spin_lock(&domain->uses_lock);
	}
	if (!use)
		add_use(domain, file, inode, executable);
	else if (executable)
		WRITE_ONCE(use->executable, true);
	spin_unlock(&domain->uses_lock);
	if (use)
		moor_file_put(file);
	return 0;
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

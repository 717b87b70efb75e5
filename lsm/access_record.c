// SPDX-License-Identifier: GPL-2.0-only
/*
 * The access log, as lines of the system log: what learning lets pass, each once;
 * what enforcing denies, and what a rule wants to have recorded, so many a second
 * for each VM. A line that is left out is counted.
 */
#include "access_network.h"
#include "access_record.h"
#include "names.h"

#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/mm_types.h>
#include <linux/sched.h>
#include <linux/siphash.h>
#include <linux/slab.h>

#include "compat.h"

/* What was learned is known by its hash: 512 KiB. */
#define LEARNED_BITS 16
#define LEARNED_MAX  (3 << (LEARNED_BITS - 2)) /* three quarters: searching stays short */
/* Lines about one VM that are written in a second; what is learned comes once anyway. */
#define LINES_A_SECOND 64

static u64 *learned; /* open addressing; 0: free */
static u32 learned_count;
static siphash_key_t learned_key __read_mostly;
static DEFINE_SPINLOCK(learned_lock);

/* Return: 0 or -ENOMEM. */
int moor_access_record_init(void)
{
	learned = kvcalloc(1 << LEARNED_BITS, sizeof(*learned), GFP_KERNEL);
	get_random_bytes(&learned_key, sizeof(learned_key));
	return learned ? 0 : -ENOMEM;
}

void moor_access_record_exit(void)
{
	kvfree(learned);
}

/* Another policy is in force: all is new again. */
void moor_access_record_anew(void)
{
	unsigned long flags;

	spin_lock_irqsave(&learned_lock, flags);
	memset(learned, 0, sizeof(*learned) << LEARNED_BITS);
	learned_count = 0;
	spin_unlock_irqrestore(&learned_lock, flags);
}

/* Is this the first time? What there is no room to remember counts as lost, and is not written. */
static bool first_time(u64 hash)
{
	bool first = false;
	unsigned long flags;
	u32 at = hash >> (64 - LEARNED_BITS);

	hash |= 1;
	spin_lock_irqsave(&learned_lock, flags);
	while (learned[at] && learned[at] != hash)
		at = (at + 1) & ((1 << LEARNED_BITS) - 1);
	if (!learned[at] && learned_count < LEARNED_MAX) {
		learned[at] = hash;
		learned_count++;
		first = true;
	} else if (!learned[at]) {
		moor_count(MOOR_COUNT_access_forgotten);
	}
	spin_unlock_irqrestore(&learned_lock, flags);
	return first;
}

static u64 hash_text(const char *text)
{
	return text ? siphash(text, strlen(text), &learned_key) : 0;
}

/* What it is done to. */
static u64 hash_object(const struct moor_access_event *event)
{
	if (!event->endpoint && !event->act && !event->owner_vm)
		return siphash(event->path, event->path ? event->path_length : 0, &learned_key);
	return siphash_4u64(
		siphash(event->path, event->path ? event->path_length : 0, &learned_key),
		siphash(event->endpoint, event->endpoint ? sizeof(*event->endpoint) : 0,
			&learned_key),
		hash_text(event->act), hash_text(event->owner_vm), &learned_key);
}

/* Processes are told apart by their VMs, and by what rules could call them. */
static u64 hash_target(const struct moor_access_event *event)
{
	u64 hash = event->target ? hash_text(event->target_vm) : 0;

	return event->peer ? hash + ((u64)event->peer->kind << 32 | event->peer->helper) : hash;
}

/* What is done, without to what and by whom. */
static u64 hash_act(const struct moor_access_event *event)
{
	return siphash_4u64(hash_text(event->class), hash_text(event->kind), hash_target(event),
			    (u64)event->command << 32 | event->permissions, &learned_key);
}

static u64 hash_of(const struct moor_access_event *event, const struct file *program)
{
	return siphash_4u64(hash_text(event->vm->vm) + event->helper, hash_object(event),
			    (unsigned long)(program ? file_inode(program) : NULL), hash_act(event),
			    &learned_key);
}

static void write_line(const char *record, const struct moor_access_event *event,
		       const struct file *program)
{
	struct moor_text *text = kmalloc(sizeof(*text), GFP_ATOMIC | __GFP_NOWARN);
	char *buffer = kmalloc(PATH_MAX, GFP_ATOMIC | __GFP_NOWARN);
	const char *name = NULL;

	if (!text || !buffer) {
		moor_count(MOOR_COUNT_audit_lost);
		goto out_free;
	}
	/* Who asks to be traced holds tasklist_lock, within which fs->lock is not to be taken. */
	if (program && !irqs_disabled())
		name = moor_path(&program->f_path, buffer, PATH_MAX);
	moor_text_access(text, record, event, IS_ERR(name) ? NULL : name);
	moor_audit(text->line);

out_free:
	kfree(buffer);
	kfree(text);
}

/* Something passes that no rule allows. */
static void learn(const struct moor_access_event *event)
{
	struct file *program = moor_current_program();

	if (first_time(hash_of(event, program))) {
		moor_count(MOOR_COUNT_access_learned);
		write_line("learn", event, program);
	}
	if (program)
		fput(program);
}

/* Has this VM a line left in this second? Tasks that begin a second at once may get some more. */
static bool within_rate(struct moor_domain *vm)
{
	unsigned long second = jiffies / HZ;

	if (READ_ONCE(vm->lines_second) != second) {
		WRITE_ONCE(vm->lines_second, second);
		atomic_set(&vm->lines, 0);
	}
	return atomic_inc_return(&vm->lines) <= LINES_A_SECOND;
}

static void write_limited(const char *record, const struct moor_access_event *event)
{
	struct file *program;

	if (!within_rate(event->vm)) {
		moor_count(MOOR_COUNT_access_unrecorded);
		return;
	}
	program = moor_current_program();
	write_line(record, event, program);
	if (program)
		fput(program);
}

/**
 * moor_access_settle - record what was found of something that a domain does
 * @event: what it does
 * @finding: of it, by the policy in force; zero when none is
 *
 * Return: is it to be denied?
 *
 * Context: any in a task; does not sleep.
 */
bool moor_access_settle(const struct moor_access_event *event,
			const struct moor_access_finding *finding)
{
	if (!finding->missing) {
		if (finding->recorded)
			write_limited("audit", event);
		return false;
	}
	if (!finding->enforced) {
		if (!finding->quiet)
			learn(event);
		return false;
	}
	moor_count(MOOR_COUNT_access_denied);
	if (finding->quiet)
		moor_count(MOOR_COUNT_access_quiet);
	else
		write_limited("deny", event);
	return true;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records of hooks that cannot sleep, on their way to the log, and the budgets that keep anybody
 * from filling it, or the way to it, with refusals of the own.
 */
#include "log.h"

#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "budget.h"

/* Also covers the budgets: refusals come from hooks that cannot sleep. */
static DEFINE_SPINLOCK(deferred_lock);
static LIST_HEAD(deferred);
static u32 deferred_count;
static struct moor_budgets budgets = MOOR_BUDGETS_INIT;

static struct moor_budget *budget_of(struct moor_log_record *record)
{
	lockdep_assert_held(&deferred_lock);
	if (!record->budget)
		record->budget = moor_budget_of(&budgets, record->vm, record->by_root, GFP_ATOMIC);
	return record->budget;
}

/* May a refusal that is not new to the log still be told there? All else may. */
bool moor_log_affordable(struct moor_log_record *record)
{
	unsigned long flags;
	bool ended;

	if (record->record != MOOR_RECORD_REFUSE)
		return true;
	spin_lock_irqsave(&deferred_lock, flags);
	ended = budget_of(record)->ended;
	spin_unlock_irqrestore(&deferred_lock, flags);
	return !ended;
}

/* Pays for a refusal that is new to the log; all else is free. Return: is it paid for? */
bool moor_log_spend(struct moor_log_record *record)
{
	unsigned long flags;
	bool paid;

	if (record->record != MOOR_RECORD_REFUSE)
		return true;
	spin_lock_irqsave(&deferred_lock, flags);
	paid = moor_budget_spend(&budgets, budget_of(record), record->waited);
	spin_unlock_irqrestore(&deferred_lock, flags);
	return paid;
}

/* What moor_log_spend() paid for could not be recorded. */
void moor_log_refund(struct moor_log_record *record)
{
	unsigned long flags;

	if (record->record != MOOR_RECORD_REFUSE)
		return;
	spin_lock_irqsave(&deferred_lock, flags);
	moor_budget_refund(&budgets, budget_of(record));
	spin_unlock_irqrestore(&deferred_lock, flags);
}

/**
 * moor_log_tell_floods - say in the log whose refusals are not all in there from here on
 *
 * Context: sleeps.
 */
void moor_log_tell_floods(void)
{
	const struct moor_event event = {.record = MOOR_RECORD_FLOOD};
	const struct moor_budget *budget;
	struct moor_log_record *record;
	unsigned long flags;

	for (;;) {
		spin_lock_irqsave(&deferred_lock, flags);
		budget = moor_budget_untold(&budgets);
		spin_unlock_irqrestore(&deferred_lock, flags);
		if (!budget)
			return;
		record = moor_log_record_make(&event, budget->vm, GFP_KERNEL_ACCOUNT);
		if (record)
			moor_log_take(record);
		else
			moor_count(MOOR_COUNT_records_failed);
	}
}

/* The worker takes all that waits; whoever comes next finds room again. */
static void take_deferred(struct list_head *taken)
{
	struct moor_log_record *record;

	spin_lock_irq(&deferred_lock);
	list_splice_init(&deferred, taken);
	deferred_count = 0;
	list_for_each_entry (record, taken, node) {
		record->budget->waiting = 0;
		record->budget->last = NULL;
	}
	spin_unlock_irq(&deferred_lock);
}

static void append_deferred(struct work_struct *work)
{
	struct moor_log_record *record, *next;
	LIST_HEAD(taken);

	take_deferred(&taken);
	list_for_each_entry_safe (record, next, &taken, node) {
		list_del(&record->node);
		moor_log_take(record);
	}
	moor_log_tell_floods();
}
static DECLARE_WORK(deferred_work, append_deferred);

/* Appends now what is deferred. */
void moor_log_settle(void)
{
	flush_work(&deferred_work);
}

/* What becomes of a record that is to be deferred. */
enum deferral {
	DEFERRED,
	REPEATED,    /* the same waits already */
	TOO_MANY,    /* beyond what one may let wait, or all together */
	ENDS_BUDGET, /* the same, and the first of its budget */
};

static bool same_event(const struct moor_log_record *one, const struct moor_log_record *other)
{
	return one && one->event_length == other->event_length &&
	       !memcmp(one->event, other->event, one->event_length);
}

static enum deferral put_off(struct moor_log_record *record)
{
	bool refusal = record->record == MOOR_RECORD_REFUSE;
	struct moor_budget *budget = budget_of(record);

	lockdep_assert_held(&deferred_lock);
	if (same_event(budget->last, record))
		return REPEATED;
	if (refusal && budget->ended)
		return TOO_MANY;
	if (refusal && budget->waiting >= budget->limit) {
		moor_budget_end(&budgets, budget);
		return ENDS_BUDGET;
	}
	if (budget->waiting >= budget->limit || deferred_count >= MOOR_LOG_WAITING_MAX)
		return TOO_MANY;
	list_add_tail(&record->node, &deferred);
	deferred_count++;
	budget->waiting++;
	budget->last = record;
	record->waited = true;
	return DEFERRED;
}

/* Not recorded: told where it can be, and counted where it is missing. */
static void leave_out(struct moor_log_record *record, enum deferral deferral)
{
	if (record->record == MOOR_RECORD_REFUSE)
		moor_audit(record->text);
	if (deferral != REPEATED)
		moor_count(moor_log_affordable(record) ? MOOR_COUNT_records_failed
						       : MOOR_COUNT_over_budget);
	moor_log_record_free(record);
}

/**
 * moor_log_defer - record an event from a hook that cannot sleep
 * @event: what happened
 * @vm: that it is about, or NULL
 *
 * The record is appended soon; one that finds no memory or too many before it
 * is counted. No VM can take the room of another.
 *
 * Context: any.
 */
void moor_log_defer(const struct moor_event *event, const char *vm)
{
	struct moor_log_record *record = moor_log_record_make(event, vm, GFP_ATOMIC);
	enum deferral deferral;
	unsigned long flags;

	if (!record) {
		moor_count(MOOR_COUNT_records_failed);
		return;
	}
	spin_lock_irqsave(&deferred_lock, flags);
	deferral = put_off(record);
	spin_unlock_irqrestore(&deferred_lock, flags);
	if (deferral != DEFERRED)
		leave_out(record, deferral);
	/* That a budget has ended is to be recorded as well. */
	if (deferral == DEFERRED || deferral == ENDS_BUDGET)
		queue_work(moor_queue, &deferred_work);
}

/* After the work queue is gone. */
void moor_log_drop_deferred(void)
{
	moor_log_free_list(&deferred);
	deferred_count = 0;
	moor_budgets_free(&budgets);
}

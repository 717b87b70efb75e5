// SPDX-License-Identifier: GPL-2.0-only
/*
 * The measurement log: what was extended into the PCR, in that order.
 *
 * One mutex covers an extend and the append that goes with it, and nothing
 * slower. Records that come before the cap wait, and are extended in order
 * right after it; those of hooks that cannot sleep are appended by a worker.
 */
#include "log.h"

#include <linux/hashtable.h>
#include <linux/slab.h>

struct moor_log moor_log = {
	.mutex = __MUTEX_INITIALIZER(moor_log.mutex),
	.records = LIST_HEAD_INIT(moor_log.records),
	.pending = LIST_HEAD_INIT(moor_log.pending),
};
static DEFINE_HASHTABLE(seen, 10);

/* Things that happen, rather than things that are, are recorded each time. */
static bool recorded_once(u8 record)
{
	return record == MOOR_RECORD_MEASURE || record == MOOR_RECORD_REFUSE ||
	       record == MOOR_RECORD_UNMEASURED;
}

static bool was_seen(const struct moor_log_record *record)
{
	const struct moor_log_record *known;
	u32 key = get_unaligned((const u32 *)record->identity);

	hash_for_each_possible (seen, known, seen, key)
		if (!memcmp(known->identity, record->identity, sizeof(record->identity)))
			return true;
	return false;
}

/*
 * Extends and appends, in this order. All that can fail without trace is done
 * before the extend. Return: 0, and the record is the log's; -EAGAIN: not
 * extended; -EIO: broken.
 */
static int extend_and_append(struct moor_log_record *record)
{
	struct moor_bank_value digests[MOOR_BANKS_MAX];
	u32 count;
	int err;

	lockdep_assert_held(&moor_log.mutex);
	if (moor_log.count >= MOOR_LOG_RECORDS_MAX)
		return -ENOSPC;
	err = moor_tpm_digest(record->event, record->event_length, digests, &count);
	if (!err)
		err = moor_log_record_encode(record, moor_log.count, digests, count);
	if (!err)
		err = moor_tpm_extend(digests);
	if (err) {
		kvfree(record->bytes);
		record->bytes = NULL;
		if (err == -EIO)
			moor_break();
		return err;
	}
	record->offset = moor_log.bytes;
	record->text_offset = moor_log.text_bytes;
	moor_log.bytes += record->length;
	/* "NUMBER" + text + newline; see moor_log_read_text(). */
	moor_log.text_bytes += MOOR_TEXT_NUMBER + record->text_length + 1;
	moor_log.count++;
	list_add_tail(&record->node, &moor_log.records);
	return 0;
}

/* A new record: count it, and tell the system log in the same order. */
static void told(const struct moor_log_record *record)
{
	moor_count(MOOR_COUNT_records);
	moor_audit(record->text);
}

/* Extends now, or lets it wait for the cap. */
static int bring_in(struct moor_log_record *record)
{
	lockdep_assert_held(&moor_log.mutex);
	if (moor_log.capped)
		return extend_and_append(record);
	if (moor_log.pending_count >= MOOR_LOG_WAITING_MAX)
		return -ENOSPC;
	moor_log.pending_count++;
	list_add_tail(&record->node, &moor_log.pending);
	return 0;
}

/* How take_locked() ended with a record. */
enum outcome {
	IS_NEW,	     /* it is the log's */
	WAS_SEEN,    /* the log has such a one */
	OVER_BUDGET, /* a refusal too many */
};

/* Return: enum outcome, or why it could not be recorded. */
static int take_locked(struct moor_log_record *record)
{
	bool once = recorded_once(record->record);
	int err;

	lockdep_assert_held(&moor_log.mutex);
	if (once && was_seen(record))
		return moor_log_affordable(record) ? WAS_SEEN : OVER_BUDGET;
	if (!moor_log_spend(record))
		return OVER_BUDGET;
	if (once)
		hash_add(seen, &record->seen, get_unaligned((const u32 *)record->identity));
	err = bring_in(record);
	if (err) {
		hash_del(&record->seen);
		moor_log_refund(record);
		return err;
	}
	told(record);
	return IS_NEW;
}

/**
 * moor_log_take - extend and append a record, unless the log has it or it is a refusal too many
 * @record: taken over, also on error
 *
 * Return: as moor_log_append().
 *
 * Context: sleeps.
 */
int moor_log_take(struct moor_log_record *record)
{
	int outcome;

	outcome = moor_sha256(record->event, record->event_length, record->identity);
	if (!outcome) {
		mutex_lock(&moor_log.mutex);
		outcome = take_locked(record);
		mutex_unlock(&moor_log.mutex);
		if (outcome == IS_NEW)
			return 0;
	}
	if (outcome < 0)
		moor_count(MOOR_COUNT_records_failed);
	/* The log has it, or will not; the system log tells of every attempt. */
	else if (record->record == MOOR_RECORD_REFUSE)
		moor_audit(record->text);
	if (outcome == OVER_BUDGET)
		moor_count(MOOR_COUNT_over_budget);
	moor_log_record_free(record);
	return min(outcome, 0);
}

/**
 * moor_log_append - record an event: extend the PCR, then append
 * @event: what happened
 * @vm: that it is about, or NULL
 *
 * A measured or refused thing is recorded once a boot, and no more refusals than their budget
 * allows. Before the cap the record waits instead. The caller may use what was measured only when
 * this returned 0.
 *
 * Return: 0; -ENOMEM; -ENOSPC when the log is full; -EAGAIN when the TPM did
 * not take it; -EIO when its outcome is unknown, or was before.
 *
 * Context: sleeps.
 */
int moor_log_append(const struct moor_event *event, const char *vm)
{
	struct moor_log_record *record;
	int err;

	might_sleep();
	record = moor_log_record_make(event, vm, GFP_KERNEL_ACCOUNT);
	if (!record) {
		moor_count(MOOR_COUNT_records_failed);
		return -ENOMEM;
	}
	if (moor_state() != MOOR_STATE_BROKEN) {
		err = moor_log_take(record);
		moor_log_tell_floods();
		return err;
	}
	/* The log has ended; the system log still hears of every refusal. */
	if (event->record == MOOR_RECORD_REFUSE)
		moor_audit(record->text);
	moor_log_record_free(record);
	return -EIO;
}

/* Appends a record that the cap does not hold back. */
static int append_uncapped(const struct moor_event *event)
{
	struct moor_log_record *record = moor_log_record_make(event, NULL, GFP_KERNEL_ACCOUNT);
	int err;

	lockdep_assert_held(&moor_log.mutex);
	if (!record)
		return -ENOMEM;
	err = extend_and_append(record);
	if (err)
		moor_log_record_free(record);
	else
		told(record);
	return err;
}

/**
 * moor_log_start - the first record of an arming
 *
 * Says what the PCR held before, and who we are. It is extended even before
 * the cap, and is the only record that is.
 *
 * Return: 0, or as moor_log_append().
 */
int moor_log_start(void)
{
	struct moor_bank_value *before;
	u8 tags[MOOR_PROGRAM_TAGS_MAX];
	u8 build_id[MOOR_BUILD_ID_MAX];
	struct moor_event event = {
		.present = MOOR_HAS(ABI) | MOOR_HAS(PROGRAM_TAGS) | MOOR_HAS(PCR_BEFORE) |
			   MOOR_HAS(CLOSED),
		.record = MOOR_RECORD_START,
		.abi = MOOR_ABI_VERSION,
		.closed = moor_loaded_closed,
	};
	int err;

	before = kcalloc(MOOR_BANKS_MAX, sizeof(*before), GFP_KERNEL);
	if (!before)
		return -ENOMEM;
	event.build_id.data = build_id;
	event.build_id.length = moor_build_id(build_id, sizeof(build_id));
	if (event.build_id.length)
		event.present |= MOOR_HAS(BUILD_ID);
	event.program_tags.data = tags;
	event.program_tags.length = moor_attach_tags(tags, sizeof(tags));
	event.banks = before;

	mutex_lock(&moor_log.mutex);
	err = moor_tpm_resync();
	if (!err) {
		event.bank_count = moor_tpm_values(before);
		err = append_uncapped(&event);
	}
	mutex_unlock(&moor_log.mutex);
	kfree(before);
	return err;
}

/**
 * moor_log_cap - cap the PCR, then extend what waited
 *
 * Return: 0; -EALREADY when it is moor_log.capped; otherwise as moor_log_append(), and
 * with -EAGAIN nothing has changed.
 */
int moor_log_cap(void)
{
	const struct moor_event event = {.record = MOOR_RECORD_CAP};
	struct moor_log_record *record, *next;
	int err = -EALREADY;

	mutex_lock(&moor_log.mutex);
	if (moor_log.capped)
		goto out_unlock;
	err = append_uncapped(&event);
	if (err)
		goto out_unlock;
	moor_log.capped = true;
	list_for_each_entry_safe (record, next, &moor_log.pending, node) {
		list_del(&record->node);
		moor_log.pending_count--;
		if (!err)
			err = extend_and_append(record);
		if (err) {
			/* What waited has happened: a log without it would lie. */
			moor_break();
			hash_del(&record->seen);
			moor_log_record_free(record);
			moor_count(MOOR_COUNT_records_failed);
		}
	}

out_unlock:
	mutex_unlock(&moor_log.mutex);
	return err;
}

/* After the work queue is gone. The log is as at the beginning. */
void moor_log_exit(void)
{
	moor_log_drop_deferred();
	moor_log_free_list(&moor_log.pending);
	moor_log_free_list(&moor_log.records);
	hash_init(seen);
	moor_log.count = moor_log.pending_count = 0;
	moor_log.bytes = moor_log.text_bytes = 0;
	moor_log.capped = false;
}

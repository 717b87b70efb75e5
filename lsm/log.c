// SPDX-License-Identifier: GPL-2.0-only
/*
 * The measurement log: what was extended into the PCR, in that order.
 *
 * One mutex covers an extend and the append that goes with it, and nothing
 * slower. Records that come before the cap wait, and are extended in order
 * right after it; those of hooks that cannot sleep are appended by a worker.
 */
#include "moor.h"

#include <linux/fs.h>
#include <linux/hashtable.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/pid_namespace.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

/* Bounds the log's memory; a launch that would need one more is refused. */
#define RECORDS_MAX 65536
/* The same for records that wait for the cap or for the worker. */
#define WAITING_MAX 4096

/**
 * struct record - one record, in the log or waiting
 * @node: in @log, @pending or @deferred
 * @seen: in the table of what need not be recorded again
 * @identity: SHA-256 of the event
 * @record: enum moor_record
 * @note: what goes beside the event
 * @vm: for @note
 * @offset: of its bytes in the binary log
 * @length: of @bytes
 * @text_length: of @text
 * @event_length: of @event
 * @bytes: the CEL record, once extended
 * @text: its line in the ascii view
 * @event: the encoded event
 * @text_offset: of its line in the ascii view
 */
struct record {
	struct list_head node;
	struct hlist_node seen;
	u8 identity[32];
	u8 record;
	struct moor_event_note note;
	char vm[MOOR_VM_NAME_MAX + 1];
	loff_t offset;
	loff_t text_offset;
	u32 length;
	u32 text_length;
	u32 event_length;
	u8 *bytes;
	char *text;
	u8 event[];
};

static DEFINE_MUTEX(log_mutex);
static LIST_HEAD(log);
static LIST_HEAD(pending); /* until the cap */
static u64 record_count;
static u32 pending_count;
static loff_t log_bytes, text_bytes;
static bool capped;
static DEFINE_HASHTABLE(seen, 10);

static DEFINE_SPINLOCK(deferred_lock);
static LIST_HEAD(deferred);
static u32 deferred_count;

static void free_record(struct record *record)
{
	if (!record)
		return;
	kvfree(record->bytes);
	kfree(record->text);
	kfree(record);
}

/* A record that waits to be appended; everything of it that must be known now. */
static struct record *make_record(const struct moor_event *event, const char *vm, gfp_t flags)
{
	struct moor_text *text;
	struct record *record;
	int size = moor_event_size(event);

	if (WARN_ON_ONCE(size < 0))
		return NULL;
	record = kzalloc(struct_size(record, event, size), flags);
	text = kmalloc(sizeof(*text), flags);
	if (!record || !text)
		goto out_free;
	record->record = event->record;
	record->event_length = size;
	if (WARN_ON_ONCE(moor_event_encode(event, record->event, size) != size))
		goto out_free;
	moor_text_format(text, event, vm);
	record->text = kmemdup(text->line, text->length + 1, flags);
	record->text_length = text->length;
	if (!record->text)
		goto out_free;
	export_uuid(record->note.boot, &moor_boot_id);
	record->note.time = ktime_get_boottime_ns();
	record->note.pid = task_tgid_nr(current);
	if (vm)
		strscpy(record->vm, vm, sizeof(record->vm));
	record->note.vm = record->vm[0] ? record->vm : NULL;
	kfree(text);
	return record;

out_free:
	kfree(text);
	free_record(record);
	return NULL;
}

/* Things that happen, rather than things that are, are recorded each time. */
static bool recorded_once(u8 record)
{
	return record == MOOR_RECORD_MEASURE || record == MOOR_RECORD_REFUSE ||
	       record == MOOR_RECORD_UNMEASURED;
}

static bool was_seen(const struct record *record)
{
	const struct record *known;
	u32 key = get_unaligned((const u32 *)record->identity);

	hash_for_each_possible (seen, known, seen, key)
		if (!memcmp(known->identity, record->identity, sizeof(record->identity)))
			return true;
	return false;
}

/* Encodes the record around its event, with the digests of every bank. */
static int encode(struct record *record, const struct moor_bank_value *digests, u32 count)
{
	const struct moor_cel_record cel = {
		.number = record_count,
		.pcr = moor_tpm_pcr(),
		.banks = digests,
		.bank_count = count,
		.event = {record->event, record->event_length},
		.note = &record->note,
	};
	int size = moor_cel_record_size(&cel);

	if (WARN_ON_ONCE(size < 0))
		return size;
	record->bytes = kvmalloc(size, GFP_KERNEL_ACCOUNT);
	if (!record->bytes)
		return -ENOMEM;
	record->length = size;
	size = moor_cel_record_encode(&cel, record->bytes, size);
	return size < 0 ? size : 0;
}

/*
 * Extends and appends, in this order. All that can fail without trace is done
 * before the extend. Return: 0, and the record is the log's; -EAGAIN: not
 * extended; -EIO: broken.
 */
static int extend_and_append(struct record *record)
{
	struct moor_bank_value digests[MOOR_BANKS_MAX];
	u32 count;
	int err;

	lockdep_assert_held(&log_mutex);
	if (record_count >= RECORDS_MAX)
		return -ENOSPC;
	err = moor_tpm_digest(record->event, record->event_length, digests, &count);
	if (!err)
		err = encode(record, digests, count);
	if (!err)
		err = moor_tpm_extend(digests);
	if (err) {
		kvfree(record->bytes);
		record->bytes = NULL;
		if (err == -EIO)
			moor_break();
		return err;
	}
	record->offset = log_bytes;
	record->text_offset = text_bytes;
	log_bytes += record->length;
	/* "NUMBER" + text + newline; see moor_log_read_text(). */
	text_bytes += MOOR_TEXT_NUMBER + record->text_length + 1;
	record_count++;
	list_add_tail(&record->node, &log);
	return 0;
}

/* A new record: count it, and tell the system log in the same order. */
static void told(const struct record *record)
{
	moor_count(MOOR_COUNT_records);
	moor_audit(record->text);
}

/* Takes the record over, also on error. */
static int append(struct record *record)
{
	int err;

	err = moor_sha256(record->event, record->event_length, record->identity);
	if (err)
		goto out_free;
	mutex_lock(&log_mutex);
	if (recorded_once(record->record)) {
		if (was_seen(record)) {
			mutex_unlock(&log_mutex);
			/* The log has it, the system log tells of every attempt. */
			if (record->record == MOOR_RECORD_REFUSE)
				moor_audit(record->text);
			goto out_free;
		}
		hash_add(seen, &record->seen, get_unaligned((const u32 *)record->identity));
	}
	if (capped) {
		err = extend_and_append(record);
	} else if (pending_count < WAITING_MAX) {
		pending_count++;
		list_add_tail(&record->node, &pending);
	} else {
		err = -ENOSPC;
	}
	if (err)
		hash_del(&record->seen);
	if (!err)
		told(record);
	mutex_unlock(&log_mutex);
	if (!err)
		return 0;
	moor_count(MOOR_COUNT_records_failed);

out_free:
	free_record(record);
	return err;
}

/**
 * moor_log_append - record an event: extend the PCR, then append
 * @event: what happened
 * @vm: that it is about, or NULL
 *
 * A measured or refused thing is recorded once a boot. Before the cap the
 * record waits instead. The caller may use what was measured only when this
 * returned 0.
 *
 * Return: 0; -ENOMEM; -ENOSPC when the log is full; -EAGAIN when the TPM did
 * not take it; -EIO when its outcome is unknown, or was before.
 *
 * Context: sleeps.
 */
int moor_log_append(const struct moor_event *event, const char *vm)
{
	struct record *record;

	might_sleep();
	record = make_record(event, vm, GFP_KERNEL_ACCOUNT);
	if (!record)
		return -ENOMEM;
	if (moor_state() != MOOR_STATE_BROKEN)
		return append(record);
	/* The log has ended; the system log still hears of every refusal. */
	if (event->record == MOOR_RECORD_REFUSE)
		moor_audit(record->text);
	free_record(record);
	return -EIO;
}

static void append_deferred(struct work_struct *work)
{
	struct record *record, *next;
	LIST_HEAD(taken);

	spin_lock_irq(&deferred_lock);
	list_splice_init(&deferred, &taken);
	deferred_count = 0;
	spin_unlock_irq(&deferred_lock);
	list_for_each_entry_safe (record, next, &taken, node) {
		list_del(&record->node);
		append(record);
	}
}
static DECLARE_WORK(deferred_work, append_deferred);

/**
 * moor_log_defer - record an event from a hook that cannot sleep
 * @event: what happened
 * @vm: that it is about, or NULL
 *
 * The record is appended soon; one that finds no memory or too many before it
 * is counted.
 *
 * Context: any.
 */
void moor_log_defer(const struct moor_event *event, const char *vm)
{
	struct record *record = make_record(event, vm, GFP_ATOMIC);
	bool taken = false;
	unsigned long flags;

	if (record) {
		spin_lock_irqsave(&deferred_lock, flags);
		taken = deferred_count < WAITING_MAX;
		if (taken) {
			list_add_tail(&record->node, &deferred);
			deferred_count++;
		}
		spin_unlock_irqrestore(&deferred_lock, flags);
	}
	if (taken) {
		queue_work(moor_queue, &deferred_work);
		return;
	}
	free_record(record);
	moor_count(MOOR_COUNT_records_failed);
}

/* Appends a record that the cap does not hold back. */
static int append_uncapped(const struct moor_event *event)
{
	struct record *record = make_record(event, NULL, GFP_KERNEL_ACCOUNT);
	int err;

	lockdep_assert_held(&log_mutex);
	if (!record)
		return -ENOMEM;
	err = extend_and_append(record);
	if (err)
		free_record(record);
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

	mutex_lock(&log_mutex);
	err = moor_tpm_resync();
	if (!err) {
		event.bank_count = moor_tpm_values(before);
		err = append_uncapped(&event);
	}
	mutex_unlock(&log_mutex);
	kfree(before);
	return err;
}

/**
 * moor_log_cap - cap the PCR, then extend what waited
 *
 * Return: 0; -EALREADY when it is capped; otherwise as moor_log_append(), and
 * with -EAGAIN nothing has changed.
 */
int moor_log_cap(void)
{
	const struct moor_event event = {.record = MOOR_RECORD_CAP};
	struct record *record, *next;
	int err = -EALREADY;

	mutex_lock(&log_mutex);
	if (capped)
		goto out_unlock;
	err = append_uncapped(&event);
	if (err)
		goto out_unlock;
	capped = true;
	list_for_each_entry_safe (record, next, &pending, node) {
		list_del(&record->node);
		pending_count--;
		if (!err)
			err = extend_and_append(record);
		if (err) {
			/* What waited has happened: a log without it would lie. */
			moor_break();
			hash_del(&record->seen);
			free_record(record);
			moor_count(MOOR_COUNT_records_failed);
		}
	}

out_unlock:
	mutex_unlock(&log_mutex);
	return err;
}

/**
 * moor_log_read - bytes of the binary log, or of its ascii view
 * @to: memory of the reader
 * @count: bytes wanted
 * @position: in the log; moved on
 * @text: the ascii view is wanted
 *
 * Return: bytes read, 0 at the end, -EFAULT, -ENOMEM.
 */
ssize_t moor_log_read(char __user *to, size_t count, loff_t *position, bool text)
{
	size_t room = min_t(size_t, count, SZ_1M), length = 0;
	const struct record *record;
	u64 number = 0;
	u8 *copy;

	if (*position < 0)
		return -EINVAL;
	copy = kvmalloc(room, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	/* Copied out after the mutex: the reader's memory may fault for ever. */
	mutex_lock(&log_mutex);
	list_for_each_entry (record, &log, node) {
		loff_t begin = text ? record->text_offset : record->offset;
		u32 size = text ? MOOR_TEXT_NUMBER + record->text_length + 1 : record->length;
		loff_t skip = *position + length - begin;
		char prefix[MOOR_TEXT_NUMBER + 1];

		if (length == room)
			break;
		if (skip >= size) {
			number++;
			continue;
		}
		if (!text) {
			size_t part = min_t(size_t, size - skip, room - length);

			memcpy(copy + length, record->bytes + skip, part);
			length += part;
			continue;
		}
		snprintf(prefix, sizeof(prefix), "%*llu", MOOR_TEXT_NUMBER, number++);
		for (; skip < size && length < room; skip++)
			copy[length++] = skip < MOOR_TEXT_NUMBER ? prefix[skip]
					 : skip == size - 1	 ? '\n'
							    : record->text[skip - MOOR_TEXT_NUMBER];
	}
	mutex_unlock(&log_mutex);
	if (copy_to_user(to, copy, length)) {
		kvfree(copy);
		return -EFAULT;
	}
	kvfree(copy);
	*position += length;
	return length;
}

/* How long the binary log is from a record on. */
static size_t tail_length(u64 first)
{
	const struct record *record;
	u64 number = 0;

	lockdep_assert_held(&log_mutex);
	list_for_each_entry (record, &log, node)
		if (number++ == first)
			return log_bytes - record->offset;
	return 0;
}

/**
 * moor_log_snapshot - the log's tail and the PCR as of one instant
 * @snapshot: in: what is wanted; out: what there is
 * @bytes: out: the tail, to be freed with kvfree(); NULL when it does not fit
 *
 * Return: 0; -ENOSPC when the buffer is too small, with the size needed;
 * -ENOMEM; -EIO when the PCR cannot be read.
 */
int moor_log_snapshot(struct moor_snapshot *snapshot, void **bytes)
{
	const struct record *record;
	size_t length, filled = 0;
	u64 number = 0;
	int err;

	*bytes = NULL;
	flush_work(&deferred_work);
	mutex_lock(&log_mutex);
	length = tail_length(snapshot->first_record);
	snapshot->record_count = record_count;
	snapshot->pending_count = pending_count;
	snapshot->log_bytes = length;
	snapshot->pcr = moor_tpm_pcr();
	err = moor_tpm_read(snapshot->banks, &snapshot->bank_count);
	if (err)
		goto out_unlock;
	if (length > snapshot->buffer_size) {
		err = -ENOSPC;
		goto out_unlock;
	}
	*bytes = kvmalloc(max_t(size_t, length, 1), GFP_KERNEL_ACCOUNT);
	if (!*bytes) {
		err = -ENOMEM;
		goto out_unlock;
	}
	list_for_each_entry (record, &log, node) {
		if (number++ < snapshot->first_record)
			continue;
		memcpy(*bytes + filled, record->bytes, record->length);
		filled += record->length;
	}

out_unlock:
	mutex_unlock(&log_mutex);
	return err;
}

static void free_list(struct list_head *list)
{
	struct record *record, *next;

	list_for_each_entry_safe (record, next, list, node) {
		list_del(&record->node);
		free_record(record);
	}
}

/* After the work queue is gone. */
void moor_log_exit(void)
{
	free_list(&deferred);
	free_list(&pending);
	free_list(&log);
}

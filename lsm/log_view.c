// SPDX-License-Identifier: GPL-2.0-only
/* The measurement log as user space sees it: its bytes, its lines, and log and PCR as of one
 * instant. */
#include "log.h"

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

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
	const struct moor_log_record *record;
	u64 number = 0;
	u8 *copy;

	if (*position < 0)
		return -EINVAL;
	copy = kvmalloc(room, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	/* Copied out after the mutex: the reader's memory may fault for ever. */
	mutex_lock(&moor_log.mutex);
	list_for_each_entry (record, &moor_log.records, node) {
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
	mutex_unlock(&moor_log.mutex);
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
	const struct moor_log_record *record;
	u64 number = 0;

	lockdep_assert_held(&moor_log.mutex);
	list_for_each_entry (record, &moor_log.records, node)
		if (number++ == first)
			return moor_log.bytes - record->offset;
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
	const struct moor_log_record *record;
	size_t length, filled = 0;
	u64 number = 0;
	int err;

	*bytes = NULL;
	moor_log_settle();
	mutex_lock(&moor_log.mutex);
	length = tail_length(snapshot->first_record);
	snapshot->record_count = moor_log.count;
	snapshot->pending_count = moor_log.pending_count;
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
	list_for_each_entry (record, &moor_log.records, node) {
		if (number++ < snapshot->first_record)
			continue;
		memcpy(*bytes + filled, record->bytes, record->length);
		filled += record->length;
	}

out_unlock:
	mutex_unlock(&moor_log.mutex);
	return err;
}

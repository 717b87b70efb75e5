// SPDX-License-Identifier: GPL-2.0-only
/* One record of the measurement log, from an event to its bytes. */
#include "log.h"

#include <linux/cred.h>
#include <linux/ktime.h>
#include <linux/slab.h>
#include <linux/uidgid.h>

void moor_log_record_free(struct moor_log_record *record)
{
	if (!record)
		return;
	kvfree(record->bytes);
	kfree(record->text);
	kfree(record);
}

/**
 * moor_log_record_make - a record that waits to be appended
 * @event: what happened
 * @vm: that it is about, or NULL
 * @flags: of the allocations
 *
 * Has everything of it that must be known now: the task may be gone when it is appended.
 *
 * Return: the record, or NULL.
 */
struct moor_log_record *moor_log_record_make(const struct moor_event *event, const char *vm,
					     gfp_t flags)
{
	struct moor_log_record *record;
	struct moor_text *text;
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
	record->by_root = uid_eq(current_uid(), GLOBAL_ROOT_UID);
	if (vm)
		strscpy(record->vm, vm, sizeof(record->vm));
	record->note.vm = record->vm[0] ? record->vm : NULL;
	kfree(text);
	return record;

out_free:
	kfree(text);
	moor_log_record_free(record);
	return NULL;
}

/**
 * moor_log_record_encode - the record's bytes, around its event
 * @number: of the record
 * @digests: of the event, one a bank
 * @count: of @digests
 * @record: which one
 *
 * Return: 0, -ENOMEM, or what speaks against the values.
 */
int moor_log_record_encode(struct moor_log_record *record, u64 number,
			   const struct moor_bank_value *digests, u32 count)
{
	const struct moor_cel_record cel = {
		.number = number,
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

void moor_log_free_list(struct list_head *list)
{
	struct moor_log_record *record, *next;

	list_for_each_entry_safe (record, next, list, node) {
		list_del(&record->node);
		moor_log_record_free(record);
	}
}

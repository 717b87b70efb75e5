// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bytes of the measurement log, see event.h. Everything is written through
 * a sink that counts what it is given and stores what fits, so that sizes and
 * bytes come from the same code.
 */
#include "event.h"

#define ELEMENT_HEADER 5U /* type and length */

struct sink {
	u8 *out;
	u32 room;
	u32 used; /* what a large enough sink would hold */
};

/* Where @length more bytes go, or NULL when they do not fit. */
static u8 *claim(struct sink *sink, u32 length)
{
	u32 at = sink->used;

	sink->used += length;
	return sink->used <= sink->room ? sink->out + at : NULL;
}

static void put_bytes(struct sink *sink, const void *bytes, u32 length)
{
	u8 *to = claim(sink, length);

	if (to && length)
		memcpy(to, bytes, length);
}

static void put_u8(struct sink *sink, u8 value)
{
	put_bytes(sink, &value, 1);
}

static void put_u16(struct sink *sink, u16 value)
{
	u8 *to = claim(sink, 2);

	if (to)
		put_unaligned_be16(value, to);
}

static void put_u32(struct sink *sink, u32 value)
{
	u8 *to = claim(sink, 4);

	if (to)
		put_unaligned_be32(value, to);
}

static void put_u64(struct sink *sink, u64 value)
{
	u8 *to = claim(sink, 8);

	if (to)
		put_unaligned_be64(value, to);
}

static void put_header(struct sink *sink, u8 type, u32 length)
{
	put_u8(sink, type);
	put_u32(sink, length);
}

static void put_element(struct sink *sink, u8 type, const void *value, u32 length)
{
	put_header(sink, type, length);
	put_bytes(sink, value, length);
}

static int finish(const struct sink *sink)
{
	return sink->used <= sink->room ? (int)sink->used : -ENOSPC;
}

static bool bytes_valid(const struct moor_bytes *bytes, u32 minimum, u32 maximum)
{
	return bytes->length >= minimum && bytes->length <= maximum &&
	       (bytes->data || !bytes->length);
}

static bool banks_valid(const struct moor_bank_value *banks, u32 count)
{
	u32 i;

	if (!count || count > MOOR_BANKS_MAX || !banks)
		return false;
	for (i = 0; i < count; i++)
		if (!banks[i].digest_length || banks[i].digest_length > MOOR_DIGEST_MAX)
			return false;
	return true;
}

static bool has(const struct moor_event *event, enum moor_field field)
{
	return event->present >> field & 1;
}

static bool scalars_valid(const struct moor_event *event)
{
	if (event->record < MOOR_RECORD_START || event->record > MOOR_RECORD_ACCESS)
		return false;
	if (event->present >> (MOOR_FIELD_CLOSED + 1) || event->present & 1)
		return false;
	if (has(event, MOOR_FIELD_KIND) &&
	    (event->kind < MOOR_KIND_EXEC || event->kind > MOOR_KIND_MODULE))
		return false;
	if (has(event, MOOR_FIELD_ALGORITHM) && event->algorithm > MOOR_ALGORITHM_FSVERITY_SHA512)
		return false;
	if (has(event, MOOR_FIELD_REASON) && event->reason > MOOR_REASON_NO_RULES)
		return false;
	return !has(event, MOOR_FIELD_MODE) || event->mode <= MOOR_MODE_ENFORCING;
}

static bool event_valid(const struct moor_event *event)
{
	const struct {
		enum moor_field field;
		const struct moor_bytes *bytes;
		u32 minimum, maximum;
	} values[] = {
		{MOOR_FIELD_PATH, &event->path, 1, MOOR_PATH_MAX},
		{MOOR_FIELD_DIGEST, &event->digest, 1, MOOR_DIGEST_MAX},
		{MOOR_FIELD_EXPECTED, &event->expected, 1, MOOR_DIGEST_MAX},
		{MOOR_FIELD_NAME, &event->name, 0, MOOR_POLICY_NAME_MAX},
		{MOOR_FIELD_BUILD_ID, &event->build_id, 1, MOOR_BUILD_ID_MAX},
		{MOOR_FIELD_PROGRAM_TAGS, &event->program_tags, 0, MOOR_PROGRAM_TAGS_MAX},
	};
	u32 i;

	if (!scalars_valid(event))
		return false;
	for (i = 0; i < ARRAY_SIZE(values); i++)
		if (has(event, values[i].field) &&
		    !bytes_valid(values[i].bytes, values[i].minimum, values[i].maximum))
			return false;
	if (has(event, MOOR_FIELD_PROGRAM_TAGS) && event->program_tags.length % 8)
		return false;
	return !has(event, MOOR_FIELD_PCR_BEFORE) || banks_valid(event->banks, event->bank_count);
}

static void put_byte_field(struct sink *sink, const struct moor_event *event, enum moor_field field,
			   u8 value)
{
	if (has(event, field))
		put_element(sink, (u8)field, &value, 1);
}

static void put_bytes_field(struct sink *sink, const struct moor_event *event,
			    enum moor_field field, const struct moor_bytes *value)
{
	if (has(event, field))
		put_element(sink, (u8)field, value->data, value->length);
}

static void put_u32_field(struct sink *sink, const struct moor_event *event, enum moor_field field,
			  u32 value)
{
	if (!has(event, field))
		return;
	put_header(sink, (u8)field, sizeof(value));
	put_u32(sink, value);
}

static void put_u64_field(struct sink *sink, const struct moor_event *event, enum moor_field field,
			  u64 value)
{
	if (!has(event, field))
		return;
	put_header(sink, (u8)field, sizeof(value));
	put_u64(sink, value);
}

static void put_pcr_before(struct sink *sink, const struct moor_event *event)
{
	u32 length = 0;
	u32 i;

	if (!has(event, MOOR_FIELD_PCR_BEFORE))
		return;
	for (i = 0; i < event->bank_count; i++)
		length += 4 + event->banks[i].digest_length;
	put_header(sink, MOOR_FIELD_PCR_BEFORE, length);
	for (i = 0; i < event->bank_count; i++) {
		put_u16(sink, event->banks[i].algorithm);
		put_u16(sink, event->banks[i].digest_length);
		put_bytes(sink, event->banks[i].digest, event->banks[i].digest_length);
	}
}

/* In ascending order of tag: whoever appends a field appends it here as well. */
static void put_event(struct sink *sink, const struct moor_event *event)
{
	put_element(sink, MOOR_FIELD_RECORD, &event->record, 1);
	put_byte_field(sink, event, MOOR_FIELD_KIND, event->kind);
	put_bytes_field(sink, event, MOOR_FIELD_PATH, &event->path);
	put_byte_field(sink, event, MOOR_FIELD_ALGORITHM, event->algorithm);
	put_bytes_field(sink, event, MOOR_FIELD_DIGEST, &event->digest);
	put_bytes_field(sink, event, MOOR_FIELD_EXPECTED, &event->expected);
	put_byte_field(sink, event, MOOR_FIELD_REASON, event->reason);
	put_byte_field(sink, event, MOOR_FIELD_MODE, event->mode);
	put_bytes_field(sink, event, MOOR_FIELD_NAME, &event->name);
	put_u64_field(sink, event, MOOR_FIELD_VERSION, event->version);
	put_u64_field(sink, event, MOOR_FIELD_GENERATION, event->generation);
	put_u32_field(sink, event, MOOR_FIELD_ABI, event->abi);
	put_bytes_field(sink, event, MOOR_FIELD_BUILD_ID, &event->build_id);
	put_bytes_field(sink, event, MOOR_FIELD_PROGRAM_TAGS, &event->program_tags);
	put_pcr_before(sink, event);
	put_byte_field(sink, event, MOOR_FIELD_CLOSED, event->closed);
}

/**
 * moor_event_size - how long an event's value is
 * @event: what happened
 *
 * Return: bytes, at most MOOR_EVENT_SIZE_MAX; -EINVAL for a value out of its
 * bounds.
 * Context: any.
 */
int moor_event_size(const struct moor_event *event)
{
	struct sink sink = {.out = NULL};

	BUILD_BUG_ON(17 * ELEMENT_HEADER + MOOR_PATH_MAX + 2 * MOOR_DIGEST_MAX +
			     MOOR_POLICY_NAME_MAX + MOOR_BUILD_ID_MAX + MOOR_PROGRAM_TAGS_MAX +
			     MOOR_BANKS_MAX * (4 + MOOR_DIGEST_MAX) + 6 + 4 + 8 + 8 >
		     MOOR_EVENT_SIZE_MAX);

	if (!event_valid(event))
		return -EINVAL;
	put_event(&sink, event);
	return (int)sink.used;
}

/**
 * moor_event_encode - write an event's value, the bytes that are extended
 * @event: what happened
 * @out: where to
 * @room: how many bytes @out has
 *
 * Return: bytes written; -EINVAL for a value out of its bounds (nothing is
 * written); -ENOSPC when @room is too small (what is in @out then means
 * nothing).
 * Context: any.
 */
int moor_event_encode(const struct moor_event *event, u8 *out, u32 room)
{
	struct sink sink = {.out = out, .room = room};

	if (!event_valid(event))
		return -EINVAL;
	put_event(&sink, event);
	return finish(&sink);
}

/* Length of the VM's name, or 0; beyond the limit it is one more than that. */
static u32 vm_length(const struct moor_event_note *note)
{
	return note->vm ? (u32)strnlen(note->vm, MOOR_VM_NAME_MAX + 1) : 0;
}

static u32 note_size(const struct moor_event_note *note)
{
	u32 vm = vm_length(note);
	u32 size = ELEMENT_HEADER + sizeof(note->boot) + ELEMENT_HEADER + sizeof(note->time) +
		   ELEMENT_HEADER + sizeof(note->pid);

	return vm ? size + ELEMENT_HEADER + vm : size;
}

static void put_note(struct sink *sink, const struct moor_event_note *note)
{
	u32 vm = vm_length(note);

	put_element(sink, MOOR_NOTE_BOOT, note->boot, sizeof(note->boot));
	put_header(sink, MOOR_NOTE_TIME, sizeof(note->time));
	put_u64(sink, note->time);
	put_header(sink, MOOR_NOTE_PID, sizeof(note->pid));
	put_u32(sink, note->pid);
	if (vm)
		put_element(sink, MOOR_NOTE_VM, note->vm, vm);
}

/**
 * moor_note_encode - write a note's value
 * @note: what is known beside the event
 * @out: where to
 * @room: how many bytes @out has
 *
 * Return: bytes written, at most MOOR_NOTE_SIZE_MAX; -EINVAL for a VM name that
 * is too long; -ENOSPC when @room is too small.
 * Context: any.
 */
int moor_note_encode(const struct moor_event_note *note, u8 *out, u32 room)
{
	struct sink sink = {.out = out, .room = room};

	BUILD_BUG_ON(4 * ELEMENT_HEADER + 16 + 8 + 4 + MOOR_VM_NAME_MAX > MOOR_NOTE_SIZE_MAX);

	if (vm_length(note) > MOOR_VM_NAME_MAX)
		return -EINVAL;
	put_note(&sink, note);
	return finish(&sink);
}

static bool record_valid(const struct moor_cel_record *record)
{
	u32 i;

	if (record->pcr > 255 || !banks_valid(record->banks, record->bank_count))
		return false;
	for (i = 0; i < record->bank_count; i++)
		if (record->banks[i].algorithm > 255)
			return false;
	return bytes_valid(&record->event, 1, MOOR_EVENT_SIZE_MAX) && record->note &&
	       vm_length(record->note) <= MOOR_VM_NAME_MAX;
}

static void put_record(struct sink *sink, const struct moor_cel_record *record)
{
	u32 note = note_size(record->note);
	u32 digests = 0;
	u32 i;

	put_header(sink, MOOR_CEL_RECNUM, sizeof(record->number));
	put_u64(sink, record->number);
	put_header(sink, MOOR_CEL_PCR, 1);
	put_u8(sink, (u8)record->pcr);

	for (i = 0; i < record->bank_count; i++)
		digests += ELEMENT_HEADER + record->banks[i].digest_length;
	put_header(sink, MOOR_CEL_DIGESTS, digests);
	for (i = 0; i < record->bank_count; i++)
		put_element(sink, (u8)record->banks[i].algorithm, record->banks[i].digest,
			    record->banks[i].digest_length);

	put_header(sink, MOOR_CEL_CONTENT,
		   ELEMENT_HEADER + record->event.length + ELEMENT_HEADER + note);
	put_element(sink, MOOR_CONTENT_EVENT, record->event.data, record->event.length);
	put_header(sink, MOOR_CONTENT_NOTE, note);
	put_note(sink, record->note);
}

/**
 * moor_cel_record_size - how long a record of the log is
 * @record: what goes in
 *
 * Return: bytes, at most MOOR_CEL_RECORD_SIZE_MAX; -EINVAL for a value out of
 * its bounds.
 * Context: any.
 */
int moor_cel_record_size(const struct moor_cel_record *record)
{
	struct sink sink = {.out = NULL};

	BUILD_BUG_ON(13 + 6 + 5 + MOOR_BANKS_MAX * (5 + MOOR_DIGEST_MAX) + 15 + MOOR_NOTE_SIZE_MAX +
			     MOOR_EVENT_SIZE_MAX >
		     MOOR_CEL_RECORD_SIZE_MAX);

	if (!record_valid(record))
		return -EINVAL;
	put_record(&sink, record);
	return (int)sink.used;
}

/**
 * moor_cel_record_encode - write a record of the log
 * @record: what goes in
 * @out: where to
 * @room: how many bytes @out has
 *
 * Return: bytes written; -EINVAL for a value out of its bounds (nothing is
 * written); -ENOSPC when @room is too small (what is in @out then means
 * nothing).
 * Context: any.
 */
int moor_cel_record_encode(const struct moor_cel_record *record, u8 *out, u32 room)
{
	struct sink sink = {.out = out, .room = room};

	if (!record_valid(record))
		return -EINVAL;
	put_record(&sink, record);
	return finish(&sink);
}

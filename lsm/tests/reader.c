// SPDX-License-Identifier: GPL-2.0-only
/* See reader.h. */
#include "reader.h"

struct element {
	u8 type;
	struct moor_bytes value;
};

/* A place in some bytes. @base is where they stand in the whole, for errors. */
struct cursor {
	const u8 *bytes;
	u32 length;
	u32 at;
	u32 base;
	u32 *error;
};

static u64 big_endian(const struct moor_bytes *value)
{
	const u8 *bytes = value->data;
	u64 number = 0;
	u32 i;

	for (i = 0; i < value->length; i++)
		number = number << 8 | bytes[i];
	return number;
}

static bool fail(const struct cursor *cursor, u32 at)
{
	*cursor->error = cursor->base + at;
	return false;
}

static bool next_element(struct cursor *cursor, struct element *element)
{
	struct moor_bytes length = {cursor->bytes + cursor->at + 1, 4};

	if (cursor->length - cursor->at < 5)
		return fail(cursor, cursor->at);
	element->type = cursor->bytes[cursor->at];
	element->value.length = (u32)big_endian(&length);
	if (element->value.length > cursor->length - cursor->at - 5)
		return fail(cursor, cursor->at);
	element->value.data = cursor->bytes + cursor->at + 5;
	cursor->at += 5 + element->value.length;
	return true;
}

/* An element that must come next, with that length (or any: U32_MAX). */
static bool expect_element(struct cursor *cursor, u8 type, u32 length, struct moor_bytes *value)
{
	u32 start = cursor->at;
	struct element element;

	if (!next_element(cursor, &element))
		return false;
	if (element.type != type || (length != U32_MAX && element.value.length != length))
		return fail(cursor, start);
	*value = element.value;
	return true;
}

static bool read_pcr_before(const struct moor_bytes *value, struct read_event *read)
{
	const u8 *bytes = value->data;
	u32 at = 0;

	read->event.banks = read->banks;
	while (at < value->length) {
		struct moor_bank_value *bank = &read->banks[read->event.bank_count];
		struct moor_bytes algorithm = {bytes + at, 2};
		struct moor_bytes length = {bytes + at + 2, 2};

		if (read->event.bank_count == MOOR_BANKS_MAX || value->length - at < 4)
			return false;
		bank->algorithm = (u16)big_endian(&algorithm);
		bank->digest_length = (u16)big_endian(&length);
		at += 4;
		if (!bank->digest_length || bank->digest_length > MOOR_DIGEST_MAX ||
		    bank->digest_length > value->length - at)
			return false;
		memcpy(bank->digest, bytes + at, bank->digest_length);
		at += bank->digest_length;
		read->event.bank_count++;
	}
	return read->event.bank_count > 0;
}

static bool read_number(const struct moor_bytes *value, u32 width, u64 minimum, u64 maximum,
			u64 *number)
{
	*number = big_endian(value);
	return value->length == width && *number >= minimum && *number <= maximum;
}

static bool read_value(const struct moor_bytes *value, u32 minimum, u32 maximum,
		       struct moor_bytes *out)
{
	*out = *value;
	return value->length >= minimum && value->length <= maximum;
}

static bool read_field(const struct element *element, struct read_event *read)
{
	struct moor_event *event = &read->event;
	const struct moor_bytes *value = &element->value;
	u64 number = 0;
	bool valid;

	switch (element->type) {
	case MOOR_FIELD_RECORD:
		valid = read_number(value, 1, 1, 11, &number);
		event->record = (u8)number;
		return valid;
	case MOOR_FIELD_KIND:
		valid = read_number(value, 1, 1, 4, &number);
		event->kind = (u8)number;
		return valid;
	case MOOR_FIELD_PATH:
		return read_value(value, 1, 4095, &event->path);
	case MOOR_FIELD_ALGORITHM:
		valid = read_number(value, 1, 0, 3, &number);
		event->algorithm = (u8)number;
		return valid;
	case MOOR_FIELD_DIGEST:
		return read_value(value, 1, 64, &event->digest);
	case MOOR_FIELD_EXPECTED:
		return read_value(value, 1, 64, &event->expected);
	case MOOR_FIELD_REASON:
		valid = read_number(value, 1, 0, 20, &number);
		event->reason = (u8)number;
		return valid;
	case MOOR_FIELD_MODE:
		valid = read_number(value, 1, 0, 2, &number);
		event->mode = (u8)number;
		return valid;
	case MOOR_FIELD_NAME:
		return read_value(value, 0, 127, &event->name);
	case MOOR_FIELD_VERSION:
		return read_number(value, 8, 0, ~0ULL, (u64 *)&event->version);
	case MOOR_FIELD_GENERATION:
		return read_number(value, 8, 0, ~0ULL, (u64 *)&event->generation);
	case MOOR_FIELD_ABI:
		valid = read_number(value, 4, 0, U32_MAX, &number);
		event->abi = (u32)number;
		return valid;
	case MOOR_FIELD_BUILD_ID:
		return read_value(value, 1, 64, &event->build_id);
	case MOOR_FIELD_PROGRAM_TAGS:
		return read_value(value, 0, 1024, &event->program_tags) && value->length % 8 == 0;
	case MOOR_FIELD_PCR_BEFORE:
		return read_pcr_before(value, read);
	case MOOR_FIELD_CLOSED:
		valid = read_number(value, 1, 0, 1, &number);
		event->closed = number;
		return valid;
	default:
		return false;
	}
}

bool read_event(const u8 *bytes, u32 length, struct read_event *read, u32 *offset)
{
	struct cursor cursor = {.bytes = bytes, .length = length, .error = offset};
	u8 last = 0;

	memset(read, 0, sizeof(*read));
	while (cursor.at < length) {
		u32 start = cursor.at;
		struct element element;

		if (!next_element(&cursor, &element))
			return false;
		if (element.type <= last || (last == 0 && element.type != MOOR_FIELD_RECORD))
			return fail(&cursor, start);
		last = element.type;
		if (!read_field(&element, read))
			return fail(&cursor, start);
		read->event.present |= (u32)1 << element.type;
	}
	return last ? true : fail(&cursor, 0);
}

static bool read_digests(const struct moor_bytes *value, struct cursor *outer,
			 struct read_record *read)
{
	struct cursor cursor = {
		.bytes = value->data,
		.length = value->length,
		.base = outer->at - value->length,
		.error = outer->error,
	};

	while (cursor.at < cursor.length) {
		struct moor_bank_value *bank = &read->banks[read->bank_count];
		u32 start = cursor.at;
		struct element element;

		if (!next_element(&cursor, &element))
			return false;
		if (read->bank_count == MOOR_BANKS_MAX || !element.value.length ||
		    element.value.length > MOOR_DIGEST_MAX)
			return fail(&cursor, start);
		bank->algorithm = element.type;
		bank->digest_length = (u16)element.value.length;
		memcpy(bank->digest, element.value.data, element.value.length);
		read->bank_count++;
	}
	return read->bank_count ? true : fail(&cursor, 0);
}

static bool read_note(const struct moor_bytes *value, u32 base, u32 *offset,
		      struct read_record *read)
{
	struct cursor cursor = {
		.bytes = value->data, .length = value->length, .base = base, .error = offset};
	struct moor_bytes boot, time, pid;

	if (!expect_element(&cursor, MOOR_NOTE_BOOT, 16, &boot) ||
	    !expect_element(&cursor, MOOR_NOTE_TIME, 8, &time) ||
	    !expect_element(&cursor, MOOR_NOTE_PID, 4, &pid))
		return false;
	memcpy(read->boot, boot.data, sizeof(read->boot));
	read->time = big_endian(&time);
	read->pid = (u32)big_endian(&pid);
	if (cursor.at == cursor.length)
		return true;
	if (!expect_element(&cursor, MOOR_NOTE_VM, U32_MAX, &read->vm))
		return false;
	if (!read->vm.length || read->vm.length > MOOR_VM_NAME_MAX || cursor.at != cursor.length)
		return fail(&cursor, cursor.at);
	return true;
}

bool read_record(const u8 *bytes, u32 length, struct read_record *read, u32 *offset)
{
	struct cursor cursor = {.bytes = bytes, .length = length, .error = offset};
	struct moor_bytes number, pcr, digests, content, note;
	struct cursor inside;

	memset(read, 0, sizeof(*read));
	if (!expect_element(&cursor, MOOR_CEL_RECNUM, 8, &number) ||
	    !expect_element(&cursor, MOOR_CEL_PCR, 1, &pcr) ||
	    !expect_element(&cursor, MOOR_CEL_DIGESTS, U32_MAX, &digests) ||
	    !read_digests(&digests, &cursor, read) ||
	    !expect_element(&cursor, MOOR_CEL_CONTENT, U32_MAX, &content))
		return false;
	read->number = big_endian(&number);
	read->pcr = (u32)big_endian(&pcr);

	inside = (struct cursor){
		.bytes = content.data,
		.length = content.length,
		.base = cursor.at - content.length,
		.error = offset,
	};
	if (!expect_element(&inside, MOOR_CONTENT_EVENT, U32_MAX, &read->event) ||
	    !expect_element(&inside, MOOR_CONTENT_NOTE, U32_MAX, &note) ||
	    !read_note(&note, inside.base + inside.at - note.length, offset, read))
		return false;
	if (inside.at != inside.length)
		return fail(&inside, inside.at);
	return cursor.at == length ? true : fail(&cursor, cursor.at);
}

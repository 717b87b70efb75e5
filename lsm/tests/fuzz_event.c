// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two ways through the log's format. Bytes taken as fields of an event: whatever
 * the encoder accepts must fit its promises and read back the same. Bytes taken
 * as an encoded event: whatever the reader accepts must encode to those bytes.
 */
#include "event.h"
#include "reader.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define REQUIRE(condition)                                                                         \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

struct input {
	const u8 *data;
	size_t left;
};

static u8 take_u8(struct input *input)
{
	if (!input->left)
		return 0;
	input->left--;
	return *input->data++;
}

static u32 take_u32(struct input *input)
{
	u32 value = take_u8(input);

	value = value << 8 | take_u8(input);
	value = value << 8 | take_u8(input);
	return value << 8 | take_u8(input);
}

/* At most what is left: the encoder may read every byte it is promised. */
static struct moor_bytes take_bytes(struct input *input)
{
	u32 length = (u32)take_u8(input) << 8 | take_u8(input);
	struct moor_bytes bytes = {input->data, length};

	if (length > input->left)
		bytes.length = (u32)input->left;
	input->data += bytes.length;
	input->left -= bytes.length;
	return bytes;
}

static u32 take_banks(struct input *input, struct moor_bank_value banks[MOOR_BANKS_MAX])
{
	u32 count = take_u8(input) % (MOOR_BANKS_MAX + 1);
	u32 i, j;

	for (i = 0; i < count; i++) {
		banks[i].algorithm = take_u8(input);
		banks[i].digest_length = take_u8(input) % (MOOR_DIGEST_MAX + 2);
		for (j = 0; j < banks[i].digest_length && j < MOOR_DIGEST_MAX; j++)
			banks[i].digest[j] = take_u8(input);
	}
	return count;
}

static bool same(const struct moor_bytes *one, const struct moor_bytes *other)
{
	return one->length == other->length &&
	       (!one->length || memcmp(one->data, other->data, one->length) == 0);
}

/* Encodes into exactly @size bytes, so that one byte more is seen. */
static u8 *encode_exactly(const struct moor_event *event, int size)
{
	u8 *out = malloc((size_t)size);

	REQUIRE(out);
	REQUIRE(moor_event_encode(event, out, (u32)size - 1) == -ENOSPC);
	REQUIRE(moor_event_encode(event, out, (u32)size) == size);
	return out;
}

static void try_record(struct input *input, const u8 *event, int size)
{
	struct moor_bank_value banks[MOOR_BANKS_MAX] = {0};
	struct moor_event_note note = {.time = take_u32(input), .pid = take_u32(input)};
	struct moor_cel_record record = {
		.number = (u64)take_u32(input) << 32 | take_u32(input),
		.pcr = take_u8(input),
		.banks = banks,
		.bank_count = take_banks(input, banks),
		.event = {event, (u32)size},
		.note = &note,
	};
	struct moor_bytes name = take_bytes(input);
	char vm[MOOR_VM_NAME_MAX + 3] = {0};
	struct read_record read;
	u32 offset;
	int length;
	u8 *out;

	memcpy(vm, name.data, name.length < sizeof(vm) - 1 ? name.length : sizeof(vm) - 1);
	note.vm = vm;
	length = moor_cel_record_size(&record);
	if (length < 0) {
		REQUIRE(length == -EINVAL);
		return;
	}
	REQUIRE(length <= MOOR_CEL_RECORD_SIZE_MAX);
	out = malloc((size_t)length);
	REQUIRE(out);
	REQUIRE(moor_cel_record_encode(&record, out, (u32)length) == length);
	REQUIRE(read_record(out, (u32)length, &read, &offset));
	REQUIRE(read.number == record.number && read.pcr == record.pcr);
	REQUIRE(read.bank_count == record.bank_count && same(&read.event, &record.event));
	REQUIRE(read.time == note.time && read.pid == note.pid);
	REQUIRE(read.vm.length == strlen(vm));
	free(out);
}

static void encode_fields(struct input input)
{
	struct moor_bank_value banks[MOOR_BANKS_MAX] = {0};
	struct moor_event event = {
		.present = take_u32(&input),
		.record = take_u8(&input),
		.kind = take_u8(&input),
		.algorithm = take_u8(&input),
		.reason = take_u8(&input),
		.mode = take_u8(&input),
		.closed = take_u8(&input) & 1,
		.abi = take_u32(&input),
		.version = take_u32(&input),
		.generation = take_u32(&input),
	};
	struct read_event read;
	u32 offset;
	int size;
	u8 *out;

	event.path = take_bytes(&input);
	event.digest = take_bytes(&input);
	event.expected = take_bytes(&input);
	event.name = take_bytes(&input);
	event.build_id = take_bytes(&input);
	event.program_tags = take_bytes(&input);
	event.banks = banks;
	event.bank_count = take_banks(&input, banks);

	size = moor_event_size(&event);
	if (size < 0) {
		REQUIRE(size == -EINVAL);
		REQUIRE(moor_event_encode(&event, NULL, 0) == -EINVAL);
		return;
	}
	REQUIRE(size > 0 && size <= MOOR_EVENT_SIZE_MAX);
	out = encode_exactly(&event, size);
	REQUIRE(read_event(out, (u32)size, &read, &offset));
	REQUIRE(read.event.present == (event.present | MOOR_HAS(RECORD)));
	REQUIRE(read.event.record == event.record);
	REQUIRE(!(event.present & MOOR_HAS(PATH)) || same(&read.event.path, &event.path));
	REQUIRE(!(event.present & MOOR_HAS(DIGEST)) || same(&read.event.digest, &event.digest));
	REQUIRE(!(event.present & MOOR_HAS(VERSION)) || read.event.version == event.version);
	try_record(&input, out, size);
	free(out);
}

static void decode_bytes(const u8 *data, u32 size)
{
	struct read_record record;
	struct read_event read;
	u32 offset = U32_MAX;
	u8 *out;

	if (!read_event(data, size, &read, &offset)) {
		REQUIRE(offset <= size);
	} else {
		REQUIRE(moor_event_size(&read.event) == (int)size);
		out = encode_exactly(&read.event, (int)size);
		REQUIRE(memcmp(out, data, size) == 0);
		free(out);
	}
	offset = U32_MAX;
	if (!read_record(data, size, &record, &offset))
		REQUIRE(offset <= size);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	if (size > MOOR_CEL_RECORD_SIZE_MAX)
		return 0;
	encode_fields((struct input){data, size});
	decode_bytes(data, (u32)size);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/* The EVENT value: its bytes, its bounds, and the names of what is in it. */
#include "event.h"
#include "names.h"
#include "reader.h"
#include "test.h"

#include <stdlib.h>

static char long_path[MOOR_PATH_MAX + 1];
static u8 digest[MOOR_DIGEST_MAX + 1];
static u8 tags[MOOR_PROGRAM_TAGS_MAX + 8];
static struct moor_bank_value banks[MOOR_BANKS_MAX + 1];

static void fill_samples(void)
{
	u32 i, j;

	memset(long_path, 'p', sizeof(long_path));
	long_path[0] = '/';
	for (i = 0; i < sizeof(digest); i++)
		digest[i] = (u8)(0xa0 + i);
	for (i = 0; i < sizeof(tags); i++)
		tags[i] = (u8)i;
	for (i = 0; i < ARRAY_SIZE(banks); i++) {
		banks[i].algorithm = (u16)(0x0b + i);
		banks[i].digest_length = MOOR_DIGEST_MAX;
		for (j = 0; j < MOOR_DIGEST_MAX; j++)
			banks[i].digest[j] = (u8)(i * 16 + j);
	}
}

/* Every field, each as long as it may be. */
static struct moor_event longest_event(void)
{
	return (struct moor_event){
		.present = MOOR_HAS(KIND) | MOOR_HAS(PATH) | MOOR_HAS(ALGORITHM) |
			   MOOR_HAS(DIGEST) | MOOR_HAS(EXPECTED) | MOOR_HAS(REASON) |
			   MOOR_HAS(MODE) | MOOR_HAS(NAME) | MOOR_HAS(VERSION) |
			   MOOR_HAS(GENERATION) | MOOR_HAS(ABI) | MOOR_HAS(BUILD_ID) |
			   MOOR_HAS(PROGRAM_TAGS) | MOOR_HAS(PCR_BEFORE) | MOOR_HAS(CLOSED),
		.record = MOOR_RECORD_FLOOD,
		.kind = MOOR_KIND_MODULE,
		.algorithm = MOOR_ALGORITHM_FSVERITY_SHA512,
		.reason = MOOR_REASON_KEXEC,
		.mode = MOOR_MODE_ENFORCING,
		.closed = true,
		.abi = 0x01020304,
		.version = 0x1112131415161718ULL,
		.generation = ~0ULL,
		.path = {long_path, MOOR_PATH_MAX},
		.digest = {digest, MOOR_DIGEST_MAX},
		.expected = {digest + 1, MOOR_DIGEST_MAX},
		.name = {long_path, MOOR_POLICY_NAME_MAX},
		.build_id = {tags, MOOR_BUILD_ID_MAX},
		.program_tags = {tags, MOOR_PROGRAM_TAGS_MAX},
		.banks = banks,
		.bank_count = MOOR_BANKS_MAX,
	};
}

static struct moor_event small_event(void)
{
	return (struct moor_event){
		.present = MOOR_HAS(KIND) | MOOR_HAS(PATH) | MOOR_HAS(REASON),
		.record = MOOR_RECORD_REFUSE,
		.kind = MOOR_KIND_LIBRARY,
		.reason = MOOR_REASON_UNLISTED,
		.path = {"/lib/x", 6},
	};
}

static bool same_bytes(const struct moor_bytes *one, const struct moor_bytes *other)
{
	return one->length == other->length &&
	       (!one->length || memcmp(one->data, other->data, one->length) == 0);
}

static void check_same(const struct moor_event *found, const struct moor_event *expected)
{
	u32 i;

	CHECK_EQUAL(found->present, expected->present | MOOR_HAS(RECORD));
	CHECK_EQUAL(found->record, expected->record);
	CHECK_EQUAL(found->kind, expected->kind);
	CHECK_EQUAL(found->algorithm, expected->algorithm);
	CHECK_EQUAL(found->reason, expected->reason);
	CHECK_EQUAL(found->mode, expected->mode);
	CHECK_EQUAL(found->closed, expected->closed);
	CHECK_EQUAL(found->abi, expected->abi);
	CHECK_EQUAL(found->version, expected->version);
	CHECK_EQUAL(found->generation, expected->generation);
	CHECK(same_bytes(&found->path, &expected->path));
	CHECK(same_bytes(&found->digest, &expected->digest));
	CHECK(same_bytes(&found->expected, &expected->expected));
	CHECK(same_bytes(&found->name, &expected->name));
	CHECK(same_bytes(&found->build_id, &expected->build_id));
	CHECK(same_bytes(&found->program_tags, &expected->program_tags));
	CHECK_EQUAL(found->bank_count, expected->bank_count);
	for (i = 0; i < found->bank_count && i < expected->bank_count; i++) {
		CHECK_EQUAL(found->banks[i].algorithm, expected->banks[i].algorithm);
		CHECK_EQUAL(found->banks[i].digest_length, expected->banks[i].digest_length);
		CHECK(memcmp(found->banks[i].digest, expected->banks[i].digest,
			     found->banks[i].digest_length) == 0);
	}
}

static void has_these_bytes(void)
{
	static const u8 expected[] = {
		1, 0, 0, 0, 1, 6,			     /* record: refuse */
		2, 0, 0, 0, 1, 2,			     /* kind: library */
		3, 0, 0, 0, 6, '/', 'l', 'i', 'b', '/', 'x', /* path */
		7, 0, 0, 0, 1, 2,			     /* reason: unlisted */
	};
	struct moor_event event = small_event();
	u8 out[sizeof(expected)];

	test_begin("event has the documented bytes");
	CHECK_EQUAL(moor_event_encode(&event, out, sizeof(out)), sizeof(expected));
	CHECK(memcmp(out, expected, sizeof(expected)) == 0);
	test_end();
}

static void start_has_these_bytes(void)
{
	static const u8 expected[] = {
		1,  0,	0, 0, 1,  1,			  /* record: start */
		8,  0,	0, 0, 1,  0,			  /* mode: none */
		10, 0,	0, 0, 8,  0, 0, 0, 0, 0, 0, 1, 2, /* version */
		12, 0,	0, 0, 4,  0, 0, 0, 1,		  /* ABI */
		14, 0,	0, 0, 8,  0, 1, 2, 3, 4, 5, 6, 7, /* program tags */
		15, 0,	0, 0, 11,			  /* PCR before, two banks */
		0,  4,	0, 2, 0,  1,			  /* SHA-1, two bytes of it */
		0,  11, 0, 1, 16,			  /* SHA-256, one byte */
		16, 0,	0, 0, 1,  1,			  /* closed */
	};
	struct moor_bank_value before[2] = {
		{.algorithm = 4, .digest_length = 2, .digest = {0, 1}},
		{.algorithm = 11, .digest_length = 1, .digest = {16}},
	};
	struct moor_event event = {
		.present = MOOR_HAS(MODE) | MOOR_HAS(VERSION) | MOOR_HAS(ABI) |
			   MOOR_HAS(PROGRAM_TAGS) | MOOR_HAS(PCR_BEFORE) | MOOR_HAS(CLOSED),
		.record = MOOR_RECORD_START,
		.mode = MOOR_MODE_NONE,
		.closed = true,
		.abi = MOOR_ABI_VERSION,
		.version = 0x0102,
		.program_tags = {tags, 8},
		.banks = before,
		.bank_count = 2,
	};
	u8 out[sizeof(expected)];

	test_begin("event of a start has the documented bytes");
	CHECK_EQUAL(moor_event_encode(&event, out, sizeof(out)), sizeof(expected));
	CHECK(memcmp(out, expected, sizeof(expected)) == 0);
	test_end();
}

static void reads_back_each_field_alone(void)
{
	struct moor_event all = longest_event();
	u32 tag;

	for (tag = MOOR_FIELD_RECORD; tag <= MOOR_FIELD_CLOSED; tag++) {
		struct moor_event event = {.present = (u32)1 << tag, .record = MOOR_RECORD_MODE};
		u8 out[MOOR_EVENT_SIZE_MAX];
		struct read_event read;
		u32 offset;
		int size;

		test_begin("event with field %u alone reads back", tag);
		switch (tag) {
		case MOOR_FIELD_KIND:
			event.kind = all.kind;
			break;
		case MOOR_FIELD_PATH:
			event.path = all.path;
			break;
		case MOOR_FIELD_ALGORITHM:
			event.algorithm = all.algorithm;
			break;
		case MOOR_FIELD_DIGEST:
			event.digest = all.digest;
			break;
		case MOOR_FIELD_EXPECTED:
			event.expected = all.expected;
			break;
		case MOOR_FIELD_REASON:
			event.reason = all.reason;
			break;
		case MOOR_FIELD_MODE:
			event.mode = all.mode;
			break;
		case MOOR_FIELD_NAME:
			event.name = all.name;
			break;
		case MOOR_FIELD_VERSION:
			event.version = all.version;
			break;
		case MOOR_FIELD_GENERATION:
			event.generation = all.generation;
			break;
		case MOOR_FIELD_ABI:
			event.abi = all.abi;
			break;
		case MOOR_FIELD_BUILD_ID:
			event.build_id = all.build_id;
			break;
		case MOOR_FIELD_PROGRAM_TAGS:
			event.program_tags = all.program_tags;
			break;
		case MOOR_FIELD_PCR_BEFORE:
			event.banks = all.banks;
			event.bank_count = all.bank_count;
			break;
		case MOOR_FIELD_CLOSED:
			event.closed = all.closed;
			break;
		}
		size = moor_event_encode(&event, out, sizeof(out));
		CHECK(size > 0);
		CHECK(read_event(out, (u32)size, &read, &offset));
		check_same(&read.event, &event);
		test_end();
	}
}

static void reads_back_everything_at_its_longest(void)
{
	struct moor_event event = longest_event();
	u8 out[MOOR_EVENT_SIZE_MAX];
	struct read_event read;
	u32 offset = 0;
	int size;

	test_begin("event with every field at its longest reads back and fits the maximum");
	size = moor_event_encode(&event, out, sizeof(out));
	CHECK(size > 0);
	CHECK_EQUAL(moor_event_size(&event), size);
	CHECK(read_event(out, (u32)size, &read, &offset));
	check_same(&read.event, &event);
	test_end();
}

static void ignores_what_is_not_present(void)
{
	struct moor_event event = longest_event();
	u8 out[16];

	test_begin("event ignores values whose field is not present");
	event.present = 0;
	event.record = MOOR_RECORD_CAP;
	event.kind = 77;
	event.path.length = 1U << 30;
	CHECK_EQUAL(moor_event_encode(&event, out, sizeof(out)), 6);
	CHECK(memcmp(out, "\1\0\0\0\1\2", 6) == 0);
	test_end();
}

static void writes_nothing_beyond_its_room(void)
{
	struct moor_event event = longest_event();
	int size = moor_event_size(&event);
	int room;

	test_begin("event needs exactly its size and writes nothing beyond its room");
	for (room = 0; room <= size; room += room < 200 || room > size - 50 ? 1 : 37) {
		u8 *out = malloc(room ? (size_t)room : 1);

		CHECK_EQUAL(moor_event_encode(&event, out, (u32)room),
			    room == size ? size : -ENOSPC);
		free(out);
	}
	CHECK_EQUAL(moor_event_encode(&event, NULL, 0), -ENOSPC);
	test_end();
}

/* One value of an otherwise valid event is put out of its bounds. */
static void refuses_values_out_of_bounds(void)
{
	static const struct {
		const char *name;
		size_t offset; /* of the u8 or struct moor_bytes in struct moor_event */
		bool bytes;
		u32 value; /* the number, or the length */
		bool valid;
	} rows[] = {
#define NUMBER(field, value, valid)                                                                \
	{#field " " #value, offsetof(struct moor_event, field), false, value, valid}
#define LENGTH(field, value, valid)                                                                \
	{                                                                                          \
#field " of length " #value, offsetof(struct moor_event, field), true, value,      \
			valid                                                                      \
	}
		NUMBER(record, 0, false),
		NUMBER(record, 1, true),
		NUMBER(record, 10, true),
		NUMBER(record, 12, false),
		NUMBER(record, 255, false),
		NUMBER(kind, 0, false),
		NUMBER(kind, 1, true),
		NUMBER(kind, 4, true),
		NUMBER(kind, 5, false),
		NUMBER(algorithm, 0, true),
		NUMBER(algorithm, 3, true),
		NUMBER(algorithm, 4, false),
		NUMBER(reason, 0, true),
		NUMBER(reason, 19, true),
		NUMBER(reason, 21, false),
		NUMBER(mode, 0, true),
		NUMBER(mode, 2, true),
		NUMBER(mode, 3, false),
		LENGTH(path, 0, false),
		LENGTH(path, 1, true),
		LENGTH(path, MOOR_PATH_MAX, true),
		LENGTH(path, MOOR_PATH_MAX + 1, false),
		LENGTH(path, U32_MAX, false),
		LENGTH(digest, 0, false),
		LENGTH(digest, MOOR_DIGEST_MAX, true),
		LENGTH(digest, MOOR_DIGEST_MAX + 1, false),
		LENGTH(expected, 0, false),
		LENGTH(expected, MOOR_DIGEST_MAX, true),
		LENGTH(expected, MOOR_DIGEST_MAX + 1, false),
		LENGTH(name, 0, true),
		LENGTH(name, MOOR_POLICY_NAME_MAX, true),
		LENGTH(name, MOOR_POLICY_NAME_MAX + 1, false),
		LENGTH(build_id, 0, false),
		LENGTH(build_id, MOOR_BUILD_ID_MAX, true),
		LENGTH(build_id, MOOR_BUILD_ID_MAX + 1, false),
		LENGTH(program_tags, 0, true),
		LENGTH(program_tags, 8, true),
		LENGTH(program_tags, 4, false),
		LENGTH(program_tags, 7, false),
		LENGTH(program_tags, MOOR_PROGRAM_TAGS_MAX, true),
		LENGTH(program_tags, MOOR_PROGRAM_TAGS_MAX + 8, false),
#undef NUMBER
#undef LENGTH
	};
	static char filler[MOOR_PATH_MAX + 8];
	u8 out[MOOR_EVENT_SIZE_MAX];
	u32 i;

	memset(filler, 'f', sizeof(filler));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct moor_event event = longest_event();
		u8 *at = (u8 *)&event + rows[i].offset;
		struct moor_bytes bytes = {filler, rows[i].value};
		int size;

		test_begin("event %s %s", rows[i].valid ? "takes" : "refuses", rows[i].name);
		if (rows[i].bytes)
			memcpy(at, &bytes, sizeof(bytes));
		else
			*at = (u8)rows[i].value;
		size = moor_event_encode(&event, out, sizeof(out));
		if (rows[i].valid)
			CHECK(size > 0);
		else
			CHECK_EQUAL(size, -EINVAL);
		CHECK_EQUAL(moor_event_size(&event), size);
		test_end();
	}
}

static void refuses_broken_values(void)
{
	struct moor_event event = longest_event();
	struct moor_bank_value wrong = {.algorithm = 11, .digest_length = 0};
	u32 bit;

	test_begin("event refuses a length without bytes");
	event.digest.data = NULL;
	CHECK_EQUAL(moor_event_size(&event), -EINVAL);
	test_end();

	test_begin("event refuses presence bits that no field has");
	for (bit = 0; bit < 32; bit++) {
		if (bit >= MOOR_FIELD_RECORD && bit <= MOOR_FIELD_CLOSED)
			continue;
		event = longest_event();
		event.present |= (u32)1 << bit;
		CHECK_EQUAL(moor_event_size(&event), -EINVAL);
	}
	test_end();

	test_begin("event refuses no bank, a ninth bank, and a digest of 0 or 65 bytes");
	event = longest_event();
	event.bank_count = 0;
	CHECK_EQUAL(moor_event_size(&event), -EINVAL);
	event.bank_count = MOOR_BANKS_MAX + 1;
	CHECK_EQUAL(moor_event_size(&event), -EINVAL);
	event.bank_count = 1;
	event.banks = &wrong;
	CHECK_EQUAL(moor_event_size(&event), -EINVAL);
	wrong.digest_length = MOOR_DIGEST_MAX + 1;
	CHECK_EQUAL(moor_event_size(&event), -EINVAL);
	wrong.digest_length = MOOR_DIGEST_MAX;
	CHECK(moor_event_size(&event) > 0);
	event.banks = NULL;
	CHECK_EQUAL(moor_event_size(&event), -EINVAL);
	test_end();
}

/* The reader must be as strict as the tests need it. */
static void reader_refuses_what_is_not_canonical(void)
{
	struct moor_event event = longest_event();
	u8 out[MOOR_EVENT_SIZE_MAX];
	struct read_event read_one;
	u32 offset;
	int size;

	test_begin("reader refuses doubled, descending and unknown fields of an event");
	CHECK(!read_event((const u8 *)"\1\0\0\0\1\2\1\0\0\0\1\2", 12, &read_one, &offset));
	CHECK_EQUAL(offset, 6);
	CHECK(!read_event((const u8 *)"\2\0\0\0\1\2\1\0\0\0\1\2", 12, &read_one, &offset));
	CHECK_EQUAL(offset, 0);
	CHECK(!read_event((const u8 *)"\1\0\0\0\1\2\x11\0\0\0\1\2", 12, &read_one, &offset));
	CHECK_EQUAL(offset, 6);
	CHECK(!read_event((const u8 *)"", 0, &read_one, &offset));
	size = moor_event_encode(&event, out, sizeof(out));
	CHECK(read_event(out, (u32)size, &read_one, &offset));
	CHECK(!read_event(out, (u32)size - 1, &read_one, &offset));
	test_end();
}

static void names_everything(void)
{
	static const struct {
		const char *of;
		const char *(*name)(u8 value);
		u8 first, last;
		const char *first_name, *last_name;
	} rows[] = {
		{"record", moor_record_name, 1, 11, "start", "access"},
		{"kind", moor_kind_name, 1, 4, "exec", "module"},
		{"algorithm", moor_algorithm_name, 0, 3, "none", "fsverity-sha512"},
		{"reason", moor_reason_name, 0, 20, "none", "no-rules"},
		{"mode", moor_mode_name, 0, 2, "none", "enforcing"},
		{"state", moor_state_name, 0, 4, "unarmed", "broken"},
	};
	u32 i, value, other;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		test_begin("each %s has a name of its own, in lower case", rows[i].of);
		for (value = 0; value < 256; value++) {
			const char *name = rows[i].name((u8)value);
			bool known = value >= rows[i].first && value <= rows[i].last;

			CHECK_EQUAL(strcmp(name, "unknown") != 0, known);
			CHECK(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") ==
			      strlen(name));
			for (other = rows[i].first; known && other < value; other++)
				CHECK(strcmp(name, rows[i].name((u8)other)) != 0);
		}
		CHECK(strcmp(rows[i].name(rows[i].first), rows[i].first_name) == 0);
		CHECK(strcmp(rows[i].name(rows[i].last), rows[i].last_name) == 0);
		test_end();
	}
	test_begin("reason no-file is spelt with a hyphen");
	CHECK(strcmp(moor_reason_name(MOOR_REASON_NO_FILE), "no-file") == 0);
	test_end();
}

void event_tests(void)
{
	fill_samples();
	has_these_bytes();
	start_has_these_bytes();
	reads_back_each_field_alone();
	reads_back_everything_at_its_longest();
	ignores_what_is_not_present();
	writes_nothing_beyond_its_room();
	refuses_values_out_of_bounds();
	refuses_broken_values();
	reader_refuses_what_is_not_canonical();
	names_everything();
}

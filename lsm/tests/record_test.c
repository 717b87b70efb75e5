// SPDX-License-Identifier: GPL-2.0-only
/* The NOTE value and the record around both. */
#include "event.h"
#include "reader.h"
#include "test.h"

#include <stdlib.h>

static struct moor_bank_value banks[MOOR_BANKS_MAX];

static void fill_banks(void)
{
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(banks); i++) {
		banks[i].algorithm = (u16)(0x0b + i);
		banks[i].digest_length = MOOR_DIGEST_MAX;
		for (j = 0; j < MOOR_DIGEST_MAX; j++)
			banks[i].digest[j] = (u8)(i * 16 + j);
	}
}

static struct moor_event_note sample_note(const char *vm)
{
	struct moor_event_note note = {.time = 0x0102030405060708ULL, .pid = 0xa1a2a3a4, .vm = vm};
	u32 i;

	for (i = 0; i < sizeof(note.boot); i++)
		note.boot[i] = (u8)(0xb0 + i);
	return note;
}

static void note_has_these_bytes(void)
{
	static const u8 expected[] =
		{
			1,    0,    0,	  0,	16,   0xb0, 0xb1, 0xb2, 0xb3, 0xb4, 0xb5,
			0xb6, 0xb7, 0xb8, 0xb9, 0xba, 0xbb, 0xbc, 0xbd, 0xbe, 0xbf, /* boot */
			2,    0,    0,	  0,	8,    1,    2,	  3,	4,    5,    6,
			7,    8,					      /* time */
			3,    0,    0,	  0,	4,    0xa1, 0xa2, 0xa3, 0xa4, /* pid */
			4,    0,    0,	  0,	4,    'w',  'e',  'b',	'1',  /* vm */
		};
	struct moor_event_note note = sample_note("web1");
	u8 out[MOOR_NOTE_SIZE_MAX];

	test_begin("note has the documented bytes");
	CHECK_EQUAL(moor_note_encode(&note, out, sizeof(out)), sizeof(expected));
	CHECK(memcmp(out, expected, sizeof(expected)) == 0);
	test_end();

	test_begin("note without a VM leaves it out");
	note.vm = NULL;
	CHECK_EQUAL(moor_note_encode(&note, out, sizeof(out)), sizeof(expected) - 9);
	CHECK(memcmp(out, expected, sizeof(expected) - 9) == 0);
	note.vm = "";
	CHECK_EQUAL(moor_note_encode(&note, out, sizeof(out)), sizeof(expected) - 9);
	test_end();
}

static void note_holds_its_bounds(void)
{
	struct moor_event_note note = sample_note(NULL);
	char vm[MOOR_VM_NAME_MAX + 2];
	u8 out[MOOR_NOTE_SIZE_MAX];
	int size, room;

	test_begin("note takes a VM name of 63 bytes and refuses one of 64");
	memset(vm, 'v', sizeof(vm));
	vm[MOOR_VM_NAME_MAX] = '\0';
	note.vm = vm;
	size = moor_note_encode(&note, out, sizeof(out));
	CHECK_EQUAL(size, 21 + 13 + 9 + 5 + 63);
	vm[MOOR_VM_NAME_MAX] = 'v';
	vm[MOOR_VM_NAME_MAX + 1] = '\0';
	CHECK_EQUAL(moor_note_encode(&note, out, sizeof(out)), -EINVAL);
	test_end();

	test_begin("note needs exactly its size");
	vm[MOOR_VM_NAME_MAX] = '\0';
	for (room = 0; room <= size; room++) {
		u8 *exact = malloc(room ? (size_t)room : 1);

		CHECK_EQUAL(moor_note_encode(&note, exact, (u32)room),
			    room == size ? size : -ENOSPC);
		free(exact);
	}
	test_end();
}

static struct moor_cel_record sample_record(const struct moor_event_note *note)
{
	return (struct moor_cel_record){
		.number = 0x0203,
		.pcr = 13,
		.banks = banks,
		.bank_count = 2,
		.event = {"EVENT", 5},
		.note = note,
	};
}

static void record_has_these_bytes(void)
{
	static const u8 head[] = {
		0,  0, 0, 0, 8,
		0,  0, 0, 0, 0,
		0,  2, 3, /* record number */
		1,  0, 0, 0, 1,
		13,			      /* PCR */
		3,  0, 0, 0, 5 + 64 + 5 + 64, /* digests */
		11, 0, 0, 0, 64,	      /* SHA-256's identifier */
	};
	static const u8 content[] = {
		0x6d, 0,   0,	0,   5 + 5 + 5 + 52, /* content */
		1,    0,   0,	0,   5,
		'E',  'V', 'E', 'N', 'T', /* event */
		2,    0,   0,	0,   52,  /* note */
	};
	struct moor_event_note note = sample_note("web1");
	struct moor_cel_record record = sample_record(&note);
	u8 out[MOOR_CEL_RECORD_SIZE_MAX], note_bytes[MOOR_NOTE_SIZE_MAX];
	const u8 *at = out;
	int size;

	test_begin("record has the documented bytes");
	size = moor_cel_record_encode(&record, out, sizeof(out));
	CHECK_EQUAL(size, sizeof(head) + 64 + 5 + 64 + sizeof(content) + 52);
	CHECK_EQUAL(moor_cel_record_size(&record), size);
	CHECK(memcmp(at, head, sizeof(head)) == 0);
	at += sizeof(head);
	CHECK(memcmp(at, banks[0].digest, 64) == 0);
	at += 64;
	CHECK(memcmp(at, "\x0c\0\0\0\x40", 5) == 0);
	at += 5;
	CHECK(memcmp(at, banks[1].digest, 64) == 0);
	at += 64;
	CHECK(memcmp(at, content, sizeof(content)) == 0);
	at += sizeof(content);
	CHECK_EQUAL(moor_note_encode(&note, note_bytes, sizeof(note_bytes)), 52);
	CHECK(memcmp(at, note_bytes, 52) == 0);
	test_end();
}

static void record_reads_back_at_its_longest(void)
{
	static u8 event_bytes[MOOR_EVENT_SIZE_MAX];
	char vm[MOOR_VM_NAME_MAX + 1] = {0};
	struct moor_event_note note = sample_note(vm);
	struct moor_cel_record record = sample_record(&note);
	u8 out[MOOR_CEL_RECORD_SIZE_MAX];
	struct read_record read;
	u32 offset = 0, i;
	int size;

	test_begin("record with everything at its longest reads back and fits the maximum");
	memset(vm, 'v', MOOR_VM_NAME_MAX);
	memset(event_bytes, 0x5a, sizeof(event_bytes));
	record.number = ~0ULL;
	record.pcr = 255;
	record.bank_count = MOOR_BANKS_MAX;
	record.event = (struct moor_bytes){event_bytes, sizeof(event_bytes)};
	size = moor_cel_record_encode(&record, out, sizeof(out));
	CHECK(size > 0);
	CHECK(read_record(out, (u32)size, &read, &offset));
	CHECK_EQUAL(read.number, ~0ULL);
	CHECK_EQUAL(read.pcr, 255);
	CHECK_EQUAL(read.bank_count, MOOR_BANKS_MAX);
	for (i = 0; i < read.bank_count; i++) {
		CHECK_EQUAL(read.banks[i].algorithm, banks[i].algorithm);
		CHECK(memcmp(read.banks[i].digest, banks[i].digest, MOOR_DIGEST_MAX) == 0);
	}
	CHECK(read.event.length == record.event.length &&
	      memcmp(read.event.data, event_bytes, read.event.length) == 0);
	CHECK(memcmp(read.boot, note.boot, sizeof(note.boot)) == 0);
	CHECK_EQUAL(read.time, note.time);
	CHECK_EQUAL(read.pid, note.pid);
	CHECK_EQUAL(read.vm.length, MOOR_VM_NAME_MAX);
	test_end();
}

static void record_needs_exactly_its_size(void)
{
	struct moor_event_note note = sample_note("web1");
	struct moor_cel_record record = sample_record(&note);
	int size = moor_cel_record_size(&record);
	int room;

	test_begin("record needs exactly its size and writes nothing beyond its room");
	for (room = 0; room <= size; room++) {
		u8 *out = malloc(room ? (size_t)room : 1);

		CHECK_EQUAL(moor_cel_record_encode(&record, out, (u32)room),
			    room == size ? size : -ENOSPC);
		free(out);
	}
	test_end();
}

static void record_refuses_values_out_of_bounds(void)
{
	struct moor_event_note note = sample_note("web1");
	struct moor_cel_record record;
	struct moor_bank_value wide = {.algorithm = 0x10b, .digest_length = 32};
	struct moor_bank_value empty = {.algorithm = 0x0b, .digest_length = 0};
	char vm[MOOR_VM_NAME_MAX + 2];

#define REFUSES(what, change)                                                                      \
	do {                                                                                       \
		test_begin("record refuses " what);                                                \
		note = sample_note("web1");                                                        \
		record = sample_record(&note);                                                     \
		CHECK(moor_cel_record_size(&record) > 0);                                          \
		change;                                                                            \
		CHECK_EQUAL(moor_cel_record_size(&record), -EINVAL);                               \
		CHECK_EQUAL(moor_cel_record_encode(&record, NULL, 0), -EINVAL);                    \
		test_end();                                                                        \
	} while (0)

	memset(vm, 'v', sizeof(vm));
	vm[MOOR_VM_NAME_MAX + 1] = '\0';
	REFUSES("PCR 256", record.pcr = 256);
	REFUSES("no bank", record.bank_count = 0);
	REFUSES("a ninth bank", record.bank_count = MOOR_BANKS_MAX + 1);
	REFUSES("banks that are not there", record.banks = NULL);
	REFUSES("an algorithm beyond one byte", (record.banks = &wide, record.bank_count = 1));
	REFUSES("an empty digest", (record.banks = &empty, record.bank_count = 1));
	REFUSES("an empty event", record.event.length = 0);
	REFUSES("an event that is too long", record.event.length = MOOR_EVENT_SIZE_MAX + 1);
	REFUSES("an event without bytes", record.event.data = NULL);
	REFUSES("no note", record.note = NULL);
	REFUSES("a VM name of 64 bytes", note.vm = vm);
#undef REFUSES
}

/* The reader must be as strict as the tests need it. */
static void reader_refuses_each_truncation(void)
{
	struct moor_event_note note = sample_note("web1");
	struct moor_cel_record record = sample_record(&note);
	u8 out[MOOR_CEL_RECORD_SIZE_MAX];
	struct read_record read;
	u32 offset;
	int size, cut;

	test_begin("reader refuses each truncation and each byte too many of a record");
	size = moor_cel_record_encode(&record, out, sizeof(out));
	for (cut = 0; cut <= size + 1; cut++)
		CHECK_EQUAL(read_record(out, (u32)cut, &read, &offset), cut == size);
	test_end();
}

void record_tests(void)
{
	fill_banks();
	note_has_these_bytes();
	note_holds_its_bounds();
	record_has_these_bytes();
	record_reads_back_at_its_longest();
	record_needs_exactly_its_size();
	record_refuses_values_out_of_bounds();
	reader_refuses_each_truncation();
}

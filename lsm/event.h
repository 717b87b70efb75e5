/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a record of the measurement log says, and its bytes. Encoding is
 * canonical: the same event gives the same bytes, so the value extended into
 * the PCR can be computed again from the log.
 */
#ifndef MOOR_EVENT_H
#define MOOR_EVENT_H

#include "portable.h"

/* Bit of a field in struct moor_event.present: MOOR_HAS(KIND) | MOOR_HAS(MODE) */
#define MOOR_HAS(field) ((u32)1 << MOOR_FIELD_##field)

/* Bounds of the values, beyond which encoding answers -EINVAL. */
#define MOOR_BUILD_ID_MAX     64
#define MOOR_PROGRAM_TAGS_MAX (8 * 128)

/* The longest EVENT and NOTE values, and the longest record around them. */
#define MOOR_EVENT_SIZE_MAX	 8192
#define MOOR_NOTE_SIZE_MAX	 128
#define MOOR_CEL_RECORD_SIZE_MAX (MOOR_EVENT_SIZE_MAX + 1024)

/**
 * struct moor_bytes - a value whose owner is somebody else
 * @data: its first byte; may be NULL only when @length is 0
 * @length: in bytes
 */
struct moor_bytes {
	const void *data;
	u32 length;
};

/**
 * struct moor_event - what happened, as it is extended
 * @present: MOOR_HAS() bits of the fields that go in; the others are ignored.
 *	RECORD is always in.
 * @record: enum moor_record
 * @kind: enum moor_kind
 * @algorithm: enum moor_algorithm, of @digest and @expected
 * @reason: enum moor_reason
 * @mode: enum moor_mode
 * @closed: the module was loaded with closed=1
 * @abi: MOOR_ABI_VERSION
 * @version: of the policy
 * @generation: of the policy
 * @path: bytes as the kernel built them, without a NUL
 * @digest: what was found
 * @expected: the first digest the policy lists
 * @name: of the policy
 * @build_id: the module's GNU build id
 * @program_tags: eight bytes a hook, in table order
 * @banks: for PCR_BEFORE: the PCR's value in each bank
 * @bank_count: how many, at most MOOR_BANKS_MAX
 */
struct moor_event {
	u32 present;
	u8 record;
	u8 kind;
	u8 algorithm;
	u8 reason;
	u8 mode;
	bool closed;
	u32 abi;
	u64 version;
	u64 generation;
	struct moor_bytes path;
	struct moor_bytes digest;
	struct moor_bytes expected;
	struct moor_bytes name;
	struct moor_bytes build_id;
	struct moor_bytes program_tags;
	const struct moor_bank_value *banks;
	u32 bank_count;
};

/**
 * struct moor_event_note - what stands in the log beside an event, not extended
 * @boot: the kernel's boot id
 * @time: nanoseconds since boot, CLOCK_BOOTTIME
 * @pid: in the first pid namespace
 * @vm: the bound VM, NUL-terminated, or NULL
 */
struct moor_event_note {
	u8 boot[16];
	u64 time;
	u32 pid;
	const char *vm;
};

/**
 * struct moor_cel_record - one record of the log
 * @number: counts from 0
 * @pcr: index, below 256
 * @banks: the digest that was extended in each bank
 * @bank_count: 1 to MOOR_BANKS_MAX
 * @event: the encoded EVENT value, the bytes each digest was taken over
 * @note: what is known beside it
 *
 * Its bytes, elements being type (1 byte), length (4, big-endian), value::
 *
 *	00 00000008 number
 *	01 00000001 pcr
 *	03 LENGTH   for each bank: low byte of TPM_ALG_ID, length, digest
 *	6D LENGTH   01 LENGTH event, 02 LENGTH note
 *
 * The widths of number and PCR are those that other CEL-TLV readers expect.
 */
struct moor_cel_record {
	u64 number;
	u32 pcr;
	const struct moor_bank_value *banks;
	u32 bank_count;
	struct moor_bytes event;
	const struct moor_event_note *note;
};

int moor_event_size(const struct moor_event *event);
int moor_event_encode(const struct moor_event *event, u8 *out, u32 room);
int moor_note_encode(const struct moor_event_note *note, u8 *out, u32 room);
int moor_cel_record_size(const struct moor_cel_record *record);
int moor_cel_record_encode(const struct moor_cel_record *record, u8 *out, u32 room);

#endif /* MOOR_EVENT_H */

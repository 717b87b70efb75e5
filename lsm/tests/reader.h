/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads the measurement log back, written from docs/formats.md and not from
 * event.c. It takes only what is canonical: every field in its bounds, in order,
 * once, no byte left over.
 */
#ifndef MOOR_READER_H
#define MOOR_READER_H

#include "event.h"

struct read_event {
	struct moor_event event; /* its values lead into the bytes that were read */
	struct moor_bank_value banks[MOOR_BANKS_MAX];
};

struct read_record {
	u64 number;
	u32 pcr;
	u32 bank_count;
	struct moor_bank_value banks[MOOR_BANKS_MAX];
	struct moor_bytes event;
	u8 boot[16];
	u64 time;
	u32 pid;
	struct moor_bytes vm;
};

/* Both return whether all @length bytes were read; if not, @offset says where
 * the element begins that could not be. */
bool read_event(const u8 *bytes, u32 length, struct read_event *read, u32 *offset);
bool read_record(const u8 *bytes, u32 length, struct read_record *read, u32 *offset);

#endif /* MOOR_READER_H */

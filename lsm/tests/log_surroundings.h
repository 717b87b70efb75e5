/* SPDX-License-Identifier: GPL-2.0-only */
/* What the measurement log calls, played by the test: TPM, system log, counters, work queue. */
#ifndef MOOR_LOG_SURROUNDINGS_H
#define MOOR_LOG_SURROUNDINGS_H

#include "allocation.h"
#include "log.h"
#include "test.h"

/**
 * struct surroundings - what happened, and what is to happen
 * @extends: that the TPM took
 * @failing_extend: counting from 1, the one that fails; 0: none
 * @failing_from: all from this one on fail; 0: none
 * @extend_error: with which
 * @hash_error: what hashing an event fails with; 0: it does not
 * @broken: the module broke
 * @audited: lines to the system log
 * @last_line: the last of these
 * @counts: by counter
 */
struct surroundings {
	u32 extends;
	u32 failing_extend;
	u32 failing_from;
	int extend_error;
	int hash_error;
	bool broken;
	u32 audited;
	char last_line[256];
	u64 counts[MOOR_COUNTER_COUNT];
};

extern struct surroundings around;

/* An empty log, capped or not, and nothing that happened yet. */
void log_begin(bool capped);
/* Ends it: nothing may be left allocated. */
void log_end(void);
/* Runs the worker, if it was asked to. */
void run_worker(void);

/* A refusal of a file of that number, and a measurement. */
struct moor_event refusal(u32 number);
struct moor_event measurement(u32 number);

/* The record of the log at that place, or NULL. */
const struct moor_log_record *record_at(u32 index);
u32 records_of(u8 record);

#endif /* MOOR_LOG_SURROUNDINGS_H */

// SPDX-License-Identifier: GPL-2.0-only
/* The measurement log when something fails: memory, hashing, the TPM, room. Nothing stays behind.
 */
#include "log_surroundings.h"

#include "budget.h"
#include "names.h"

/*
 * Lets each allocation of an act fail in turn, and it must be @fatal of them that it cannot do
 * without.
 */
static void fail_each(const char *what, bool capped, int (*act)(void), u32 fatal)
{
	u32 failing = 1, failed = 0, needed;
	int err;

	do {
		test_begin("log frees what it took when allocation %u of %s fails", failing, what);
		log_begin(capped);
		allocation_reset(failing);
		err = act();
		needed = (u32)allocation_counts().calls;
		failed += err != 0;
		if (err) {
			CHECK_EQUAL(err, -ENOMEM);
			CHECK_EQUAL(moor_log.count, 0);
			CHECK_EQUAL(moor_log.pending_count, 0);
			CHECK_EQUAL(around.extends, 0);
			CHECK_EQUAL(around.counts[MOOR_COUNT_records], 0);
			/* And can be done again. */
			allocation_reset(0);
			CHECK_EQUAL(act(), 0);
		}
		CHECK_EQUAL(moor_log.count + moor_log.pending_count, 1);
		log_end();
		test_end();
	} while (needed >= failing++);
	test_begin("log cannot do without %u allocations for %s", fatal, what);
	CHECK_EQUAL(failed, fatal);
	test_end();
}

static int append_measurement(void)
{
	const struct moor_event event = measurement(1);

	return moor_log_append(&event, "web1");
}

static int defer_refusal(void)
{
	const struct moor_event event = refusal(1);
	u64 failed = around.counts[MOOR_COUNT_records_failed];

	moor_log_defer(&event, "web1");
	run_worker();
	return around.counts[MOOR_COUNT_records_failed] == failed ? 0 : -ENOMEM;
}

static void check_memory(void)
{
	fail_each("an appended record", true, append_measurement, 4);
	fail_each("a record that waits for the cap", false, append_measurement, 3);
	fail_each("a deferred record", true, defer_refusal, 4);
	fail_each("the first record", false, moor_log_start, 5);
}

/* An extend that was not done leaves no trace, and the same event is recorded when it comes again.
 */
static void check_again(u8 kind)
{
	const struct moor_event event = kind == MOOR_RECORD_REFUSE ? refusal(1) : measurement(1);

	test_begin("log knows nothing of a %s that the TPM did not take", moor_record_name(kind));
	log_begin(true);
	around.failing_extend = 1;
	around.extend_error = -EAGAIN;
	CHECK_EQUAL(moor_log_append(&event, "web1"), -EAGAIN);
	CHECK_EQUAL(moor_log.count, 0);
	CHECK_EQUAL(moor_log.bytes, 0);
	CHECK_EQUAL(around.audited, 0);
	CHECK_EQUAL(around.counts[MOOR_COUNT_records_failed], 1);
	CHECK(!around.broken);
	CHECK_EQUAL(moor_log_append(&event, "web1"), 0);
	CHECK_EQUAL(moor_log.count, 1);
	CHECK_EQUAL(around.audited, 1);
	log_end();
	test_end();
}

static void check_refund(void)
{
	u32 i;

	test_begin("log takes nothing from a budget for what the TPM did not take");
	log_begin(true);
	around.extend_error = -EAGAIN;
	for (i = 0; i < 2 * MOOR_BUDGET_VM; i++) {
		const struct moor_event event = refusal(i);

		around.failing_extend = i % 2 ? 0 : around.extends + 1;
		moor_log_append(&event, "web1");
	}
	CHECK_EQUAL(records_of(MOOR_RECORD_REFUSE), MOOR_BUDGET_VM);
	CHECK_EQUAL(records_of(MOOR_RECORD_FLOOD), 0);
	log_end();
	test_end();
}

static void check_unknown(void)
{
	const struct moor_event event = measurement(1), refused = refusal(1);

	test_begin("log ends when the outcome of an extend is unknown");
	log_begin(true);
	around.failing_extend = 1;
	around.extend_error = -EIO;
	CHECK_EQUAL(moor_log_append(&event, "web1"), -EIO);
	CHECK(around.broken);
	CHECK_EQUAL(moor_log.count, 0);
	CHECK_EQUAL(moor_log_append(&event, "web1"), -EIO);
	CHECK_EQUAL(around.audited, 0);
	test_end();
	test_begin("log that has ended leaves refusals to the system log");
	CHECK_EQUAL(moor_log_append(&refused, "web1"), -EIO);
	CHECK_EQUAL(around.audited, 1);
	CHECK_EQUAL(around.extends, 0);
	log_end();
	test_end();
}

static void check_hash(void)
{
	test_begin("log counts what it could not hash");
	log_begin(true);
	around.hash_error = -ENOMEM;
	CHECK_EQUAL(append_measurement(), -ENOMEM);
	CHECK_EQUAL(around.counts[MOOR_COUNT_records_failed], 1);
	around.hash_error = 0;
	CHECK_EQUAL(append_measurement(), 0);
	log_end();
	test_end();
}

static void check_full(void)
{
	struct moor_event event;
	u32 i;

	test_begin("log that is full refuses one more");
	log_begin(true);
	for (i = 0; i < MOOR_LOG_RECORDS_MAX; i++) {
		event = measurement(i);
		CHECK_EQUAL(moor_log_append(&event, NULL), 0);
	}
	event = measurement(i);
	CHECK_EQUAL(moor_log_append(&event, NULL), -ENOSPC);
	CHECK_EQUAL(moor_log.count, MOOR_LOG_RECORDS_MAX);
	CHECK_EQUAL(around.extends, MOOR_LOG_RECORDS_MAX);
	/* What it has passes all the same. */
	event = measurement(0);
	CHECK_EQUAL(moor_log_append(&event, NULL), 0);
	log_end();
	test_end();
}

/* Three records wait, and the cap's own extend is number 1. */
static void check_cap_fails_at(u32 number, int error, bool broken, u32 left)
{
	u32 i;

	test_begin("log capped with extend %u failing with %d", number, -error);
	log_begin(false);
	for (i = 0; i < 3; i++) {
		const struct moor_event event = measurement(i);

		CHECK_EQUAL(moor_log_append(&event, NULL), 0);
	}
	around.failing_from = number;
	around.extend_error = error;
	CHECK_EQUAL(moor_log_cap(), error);
	CHECK_EQUAL(around.broken, broken);
	CHECK_EQUAL(moor_log.count, number - 1);
	CHECK_EQUAL(moor_log.pending_count, left);
	CHECK_EQUAL(around.counts[MOOR_COUNT_records_failed], left ? 0 : 4 - (number - 1));
	if (left) {
		/* Nothing has happened: it can be capped later. */
		around.failing_from = 0;
		around.broken = false;
		CHECK_EQUAL(moor_log_cap(), 0);
		CHECK_EQUAL(moor_log.count, 4);
	}
	log_end();
	test_end();
}

static void check_worker(void)
{
	const struct moor_event one = refusal(1), two = refusal(2);

	test_begin("log's worker goes on after a record that failed");
	log_begin(true);
	around.failing_extend = 1;
	around.extend_error = -EAGAIN;
	moor_log_defer(&one, "web1");
	moor_log_defer(&two, "web1");
	run_worker();
	CHECK_EQUAL(moor_log.count, 1);
	CHECK_EQUAL(around.counts[MOOR_COUNT_records_failed], 1);
	log_end();
	test_end();

	test_begin("log frees what still waits when the module goes");
	log_begin(true);
	moor_log_defer(&one, "web1");
	moor_log_defer(&two, "web2");
	log_end();
	test_end();
}

void log_failure_tests(void)
{
	check_memory();
	check_again(MOOR_RECORD_MEASURE);
	check_again(MOOR_RECORD_REFUSE);
	check_refund();
	check_unknown();
	check_hash();
	check_full();
	check_cap_fails_at(1, -EAGAIN, false, 3);
	check_cap_fails_at(1, -EIO, true, 3);
	check_cap_fails_at(2, -EAGAIN, true, 0);
	check_cap_fails_at(4, -EIO, true, 0);
	check_worker();
}

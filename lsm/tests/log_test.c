// SPDX-License-Identifier: GPL-2.0-only
/* The measurement log: order, what is recorded once, the cap, what is deferred, and the budgets. */
#include "log_surroundings.h"

#include <stdio.h>

#include "budget.h"

static void append_some(u32 first, u32 count, const char *vm)
{
	u32 i;

	for (i = first; i < first + count; i++) {
		struct moor_event event = refusal(i);

		CHECK_EQUAL(moor_log_append(&event, vm), 0);
	}
}

static void defer_some(u32 first, u32 count, const char *vm)
{
	u32 i;

	for (i = first; i < first + count; i++) {
		struct moor_event event = refusal(i);

		moor_log_defer(&event, vm);
	}
}

static void check_once(void)
{
	struct moor_event event = measurement(1);

	test_begin("log has a measurement once, and is told of it once");
	log_begin(true);
	CHECK_EQUAL(moor_log_append(&event, "web1"), 0);
	CHECK_EQUAL(moor_log_append(&event, "web2"), 0);
	CHECK_EQUAL(moor_log.count, 1);
	CHECK_EQUAL(around.audited, 1);
	CHECK_EQUAL(around.extends, 1);
	log_end();
	test_end();

	test_begin("log has a refusal once, and the system log each time");
	log_begin(true);
	append_some(1, 1, "web1");
	append_some(1, 1, "web1");
	CHECK_EQUAL(moor_log.count, 1);
	CHECK_EQUAL(around.audited, 2);
	CHECK_EQUAL(around.counts[MOOR_COUNT_records], 1);
	log_end();
	test_end();

	test_begin("log has what happens each time it happens");
	log_begin(true);
	event = (struct moor_event){.record = MOOR_RECORD_LOCK};
	CHECK_EQUAL(moor_log_append(&event, NULL), 0);
	CHECK_EQUAL(moor_log_append(&event, NULL), 0);
	CHECK_EQUAL(moor_log.count, 2);
	log_end();
	test_end();
}

static void check_offsets(void)
{
	const struct moor_log_record *record;
	loff_t bytes = 0, text = 0;
	u32 i;

	test_begin("log's records lie one behind the other");
	log_begin(true);
	append_some(1, 5, "web1");
	for (i = 0; i < 5; i++) {
		record = record_at(i);
		CHECK(record && record->offset == bytes && record->text_offset == text);
		if (!record)
			break;
		CHECK_EQUAL(record->bytes[12], i);
		bytes += record->length;
		text += MOOR_TEXT_NUMBER + record->text_length + 1;
	}
	CHECK_EQUAL(moor_log.bytes, bytes);
	CHECK_EQUAL(moor_log.text_bytes, text);
	log_end();
	test_end();
}

static void check_cap(void)
{
	test_begin("log extends the first record before the cap, and all that waited after it, in "
		   "order");
	log_begin(false);
	CHECK_EQUAL(moor_log_start(), 0);
	append_some(1, 3, "web1");
	CHECK_EQUAL(around.extends, 1);
	CHECK_EQUAL(moor_log.pending_count, 3);
	CHECK_EQUAL(moor_log_cap(), 0);
	CHECK_EQUAL(moor_log.pending_count, 0);
	CHECK_EQUAL(moor_log.count, 5);
	CHECK_EQUAL(record_at(0)->record, MOOR_RECORD_START);
	CHECK_EQUAL(record_at(1)->record, MOOR_RECORD_CAP);
	CHECK(strstr(record_at(2)->text, "/lib/1"));
	CHECK(strstr(record_at(4)->text, "/lib/3"));
	CHECK_EQUAL(moor_log_cap(), -EALREADY);
	append_some(2, 1, "web1");
	CHECK_EQUAL(moor_log.count, 5);
	log_end();
	test_end();

	test_begin("log lets no more wait for the cap than there is room for");
	log_begin(false);
	for (u32 i = 0; i <= MOOR_LOG_WAITING_MAX; i++) {
		struct moor_event event = measurement(i);

		CHECK_EQUAL(moor_log_append(&event, NULL), i < MOOR_LOG_WAITING_MAX ? 0 : -ENOSPC);
	}
	CHECK_EQUAL(around.counts[MOOR_COUNT_records_failed], 1);
	log_end();
	test_end();
}

static void check_deferred(void)
{
	test_begin("log appends what was deferred later, in order");
	log_begin(true);
	defer_some(1, 3, "web1");
	CHECK_EQUAL(moor_log.count, 0);
	run_worker();
	CHECK_EQUAL(moor_log.count, 3);
	CHECK(strstr(record_at(0)->text, "/lib/1"));
	CHECK(strstr(record_at(2)->text, "/lib/3"));
	defer_some(4, 1, "web1");
	moor_log_settle();
	CHECK_EQUAL(moor_log.count, 4);
	log_end();
	test_end();

	test_begin("log lets the same thing wait once, and the system log hears it each time");
	log_begin(true);
	for (u32 i = 0; i < 2 * MOOR_BUDGET_VM; i++)
		defer_some(1, 1, "web1");
	run_worker();
	CHECK_EQUAL(moor_log.count, 1);
	CHECK_EQUAL(around.audited, 2 * MOOR_BUDGET_VM);
	CHECK_EQUAL(around.counts[MOOR_COUNT_over_budget], 0);
	log_end();
	test_end();

	test_begin("log drops nothing of one VM for what another lets wait");
	log_begin(true);
	defer_some(1, 2 * MOOR_LOG_WAITING_MAX, "web1");
	defer_some(100000, 3, "web2");
	run_worker();
	CHECK_EQUAL(records_of(MOOR_RECORD_REFUSE), MOOR_BUDGET_VM + 3);
	CHECK_EQUAL(records_of(MOOR_RECORD_FLOOD), 1);
	CHECK_EQUAL(around.counts[MOOR_COUNT_over_budget],
		    2 * MOOR_LOG_WAITING_MAX - MOOR_BUDGET_VM);
	CHECK_EQUAL(around.counts[MOOR_COUNT_records_failed], 0);
	log_end();
	test_end();
}

static void check_budget(void)
{
	struct moor_event event = measurement(1);

	test_begin(
		"log records a VM's refusals up to its budget, says so once, and counts the rest");
	log_begin(true);
	append_some(1, MOOR_BUDGET_VM + 10, "web1");
	CHECK_EQUAL(records_of(MOOR_RECORD_REFUSE), MOOR_BUDGET_VM);
	CHECK_EQUAL(records_of(MOOR_RECORD_FLOOD), 1);
	CHECK_EQUAL(record_at(MOOR_BUDGET_VM)->record, MOOR_RECORD_FLOOD);
	CHECK(!strcmp(record_at(MOOR_BUDGET_VM)->vm, "web1"));
	CHECK_EQUAL(around.counts[MOOR_COUNT_over_budget], 10);
	CHECK_EQUAL(around.audited, MOOR_BUDGET_VM + 10 + 1);
	/* What the log has is counted as well: every refusal after the end. */
	append_some(1, 1, "web1");
	CHECK_EQUAL(around.counts[MOOR_COUNT_over_budget], 11);
	CHECK_EQUAL(around.audited, MOOR_BUDGET_VM + 10 + 2);
	CHECK_EQUAL(moor_log_append(&event, "web1"), 0);
	append_some(100000, 1, "web2");
	CHECK_EQUAL(moor_log.count, MOOR_BUDGET_VM + 3);
	log_end();
	test_end();

	test_begin("log records each VM's end of the budget, though they are the same event");
	log_begin(true);
	append_some(1, MOOR_BUDGET_VM + 1, "web1");
	append_some(1000, MOOR_BUDGET_VM + 1, "web2");
	CHECK_EQUAL(records_of(MOOR_RECORD_FLOOD), 2);
	log_end();
	test_end();

	test_begin("log keeps others' refusals outside from using up root's");
	log_begin(true);
	test_uid = (kuid_t){1000};
	append_some(1, 2 * MOOR_BUDGET_OUTSIDE, NULL);
	test_uid = GLOBAL_ROOT_UID;
	append_some(100000, 1, NULL);
	CHECK_EQUAL(records_of(MOOR_RECORD_REFUSE), MOOR_BUDGET_OUTSIDE + 1);
	CHECK_EQUAL(records_of(MOOR_RECORD_FLOOD), 1);
	log_end();
	test_end();

	test_begin("log leaves half of itself to what is no refusal");
	log_begin(true);
	for (u32 i = 0; i < 200; i++) {
		char vm[16];

		snprintf(vm, sizeof(vm), "vm%u", i);
		append_some(i * 1000, MOOR_BUDGET_VM + 1, vm);
	}
	CHECK_EQUAL(records_of(MOOR_RECORD_REFUSE), MOOR_BUDGET_ALL);
	CHECK_EQUAL(moor_log_append(&event, "web1"), 0);
	log_end();
	test_end();
}

void log_tests(void)
{
	check_once();
	check_offsets();
	check_cap();
	check_deferred();
	check_budget();
}

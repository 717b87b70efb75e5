// SPDX-License-Identifier: GPL-2.0-only
/*
 * What holds for every combination of facts. The order of checks stands here a
 * second time, as a table: the first row that applies names the reason.
 */
#include "decide.h"
#include "test.h"

/* Everything a decision on a file can depend on; one bit each, see from_bits(). */
struct situation {
	struct moor_context context;
	struct moor_subject subject;
	struct moor_staged staged;
	struct moor_file_facts file;
	bool writable;
};

#define FILE_BITS    12
#define SUBJECT_BITS 5
#define STAGED_BITS  3

static struct moor_file_facts file_from(u32 bits)
{
	return (struct moor_file_facts){
		.has_path = bits & 1,
		.unlinked = bits >> 1 & 1,
		.filesystem_allowed = bits >> 2 & 1,
		.guarded = bits >> 3 & 1,
		.listed = bits >> 4 & 1,
		.starts_domain = bits >> 5 & 1,
		.memory_exec = bits >> 6 & 1,
		.writer = bits >> 7 & 1,
		.unreadable = bits >> 8 & 1,
		.digest_known = bits >> 9 & 1,
		.digest_matches = bits >> 10 & 1,
		.extended = bits >> 11 & 1,
	};
}

static struct moor_subject subject_from(u32 bits)
{
	return (struct moor_subject){
		.in_domain = bits & 1,
		.memory_exec = bits >> 1 & 1,
		.bound = bits >> 2 & 1,
		.vm_running = bits >> 3 & 1,
		.exec_unsafe = bits >> 4 & 1,
	};
}

static struct moor_staged staged_from(u32 bits)
{
	return (struct moor_staged){
		.guarded = bits & 1,
		.starts_domain = bits >> 1 & 1,
		.memory_exec = bits >> 2 & 1,
	};
}

/* Facts that cannot come together in a caller: flags without a listing, a
 * matching digest that is not known, a start among no guarded hop. */
static bool possible(const struct situation *s)
{
	const struct moor_file_facts *file = &s->file;

	if (!file->listed && (file->starts_domain || file->memory_exec || file->digest_matches))
		return false;
	if (file->digest_matches && !file->digest_known)
		return false;
	return s->staged.guarded || (!s->staged.starts_domain && !s->staged.memory_exec);
}

static bool starts(const struct situation *s)
{
	return !s->subject.in_domain && (s->file.starts_domain || s->staged.starts_domain);
}

static bool guarded(const struct situation *s)
{
	return s->subject.in_domain || s->subject.bound || s->staged.guarded || s->file.listed ||
	       (s->context.closed && s->file.guarded);
}

#define CONDITION(name, expression)                                                                \
	static bool name(const struct situation *s)                                                \
	{                                                                                          \
		return expression;                                                                 \
	}
CONDITION(is_closed, s->context.closed)
CONDITION(broken_start, s->context.broken && (starts(s) || s->subject.bound))
CONDITION(is_writable, s->writable)
CONDITION(is_unlinked, s->file.unlinked)
CONDITION(without_path, !s->file.has_path)
CONDITION(foreign_filesystem, !s->file.filesystem_allowed)
CONDITION(is_unlisted, !s->file.listed)
CONDITION(has_writer, s->file.writer)
CONDITION(is_unreadable, s->file.unreadable)
CONDITION(wrong_digest, s->file.digest_known && !s->file.digest_matches)
CONDITION(unsafe_start, starts(s) && s->subject.exec_unsafe)
CONDITION(unbound_start, starts(s) && !s->subject.bound)
CONDITION(running_start, starts(s) && s->subject.vm_running)
CONDITION(cannot_record, s->context.broken && !s->file.extended)

struct check {
	u8 reason;
	bool (*applies)(const struct situation *s);
};

static const struct check exec_order[] = {
	{MOOR_REASON_CLOSED, is_closed},
	{MOOR_REASON_BROKEN, broken_start},
	{MOOR_REASON_UNLINKED, is_unlinked},
	{MOOR_REASON_PATH, without_path},
	{MOOR_REASON_FILESYSTEM, foreign_filesystem},
	{MOOR_REASON_UNLISTED, is_unlisted},
	{MOOR_REASON_WRITER, has_writer},
	{MOOR_REASON_UNREADABLE, is_unreadable},
	{MOOR_REASON_DIGEST, wrong_digest},
	{MOOR_REASON_TRACED, unsafe_start},
	{MOOR_REASON_UNBOUND, unbound_start},
	{MOOR_REASON_RUNNING, running_start},
	{MOOR_REASON_BROKEN, cannot_record},
};

static const struct check map_order[] = {
	{MOOR_REASON_WRITABLE, is_writable},	 {MOOR_REASON_UNLINKED, is_unlinked},
	{MOOR_REASON_PATH, without_path},	 {MOOR_REASON_FILESYSTEM, foreign_filesystem},
	{MOOR_REASON_UNLISTED, is_unlisted},	 {MOOR_REASON_WRITER, has_writer},
	{MOOR_REASON_UNREADABLE, is_unreadable}, {MOOR_REASON_DIGEST, wrong_digest},
	{MOOR_REASON_BROKEN, cannot_record},
};

static u8 first_reason(const struct situation *s, const struct check *order, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		if (order[i].applies(s))
			return order[i].reason;
	return MOOR_REASON_NONE;
}

/* What is true of any verdict. */
static void check_form(const struct situation *s, const struct moor_verdict *verdict)
{
	if (verdict->measure) {
		CHECK(!s->file.digest_known && !s->file.unreadable && !s->file.writer);
		CHECK(s->file.has_path && !s->file.unlinked && s->file.filesystem_allowed);
		CHECK(!s->context.closed);
		return;
	}
	CHECK_EQUAL(verdict->record == MOOR_RECORD_REFUSE, !verdict->allow);
	if (verdict->record == MOOR_RECORD_MEASURE)
		CHECK(s->file.digest_known);
	if (verdict->record == MOOR_RECORD_UNMEASURED)
		CHECK(verdict->reason != MOOR_REASON_NONE && !s->file.digest_known);
	if (!verdict->allow)
		CHECK(verdict->reason != MOOR_REASON_NONE);
	if (verdict->allow && verdict->reason != MOOR_REASON_NONE)
		CHECK_EQUAL(s->context.mode, MOOR_MODE_LEARNING);
	if (s->context.mode == MOOR_MODE_LEARNING && !verdict->allow)
		CHECK(verdict->reason == MOOR_REASON_CLOSED ||
		      verdict->reason == MOOR_REASON_BROKEN);
}

/* Enforcing, a guarded file that passes is exactly what the policy lists. */
static void check_trusted(const struct situation *s, const struct moor_verdict *verdict)
{
	if (s->context.mode == MOOR_MODE_LEARNING || verdict->measure || !verdict->allow)
		return;
	CHECK(s->file.listed && s->file.digest_known && s->file.digest_matches);
	CHECK(s->file.has_path && !s->file.unlinked && s->file.filesystem_allowed);
	CHECK(!s->file.writer && !s->file.unreadable);
	CHECK(!s->context.closed);
}

/* Enforcing gives the first reason of the order; learning the same, unless what
 * it lets pass cannot be recorded any more. */
static void check_order(const struct situation *s, const struct moor_verdict *verdict,
			const struct check *order, u32 count)
{
	u8 expected = first_reason(s, order, count);

	if (verdict->measure) {
		/* Whatever was found already is not decided by the contents. */
		if (s->context.mode != MOOR_MODE_LEARNING)
			CHECK(expected == MOOR_REASON_NONE || expected == MOOR_REASON_TRACED ||
			      expected == MOOR_REASON_UNBOUND || expected == MOOR_REASON_RUNNING ||
			      expected == MOOR_REASON_BROKEN);
		return;
	}
	if (s->context.mode == MOOR_MODE_LEARNING && cannot_record(s))
		CHECK(verdict->reason == MOOR_REASON_BROKEN ||
		      verdict->reason == MOOR_REASON_CLOSED);
	else
		CHECK_EQUAL(verdict->reason, expected);
}

static void check_exec(const struct situation *s)
{
	struct moor_verdict verdict =
		moor_decide_exec(&s->context, &s->subject, &s->staged, &s->file);

	if (!guarded(s)) {
		CHECK(verdict.allow && !verdict.measure);
		CHECK(!verdict.record && !verdict.reason);
		CHECK(memcmp(&verdict.staged, &s->staged, sizeof(s->staged)) == 0);
		return;
	}
	check_form(s, &verdict);
	check_trusted(s, &verdict);
	check_order(s, &verdict, exec_order, ARRAY_SIZE(exec_order));
	if (verdict.measure || !verdict.allow)
		return;
	CHECK(verdict.staged.guarded);
	CHECK_EQUAL(verdict.staged.starts_domain, s->staged.starts_domain || starts(s));
	if (verdict.staged.memory_exec && s->subject.in_domain)
		CHECK(s->file.memory_exec &&
		      (s->staged.guarded ? s->staged.memory_exec : s->subject.memory_exec));
	if (verdict.staged.memory_exec && !s->subject.in_domain)
		CHECK(s->file.starts_domain ? s->file.memory_exec : s->staged.memory_exec);
}

static void check_map(const struct situation *s)
{
	struct moor_verdict verdict =
		moor_decide_map(&s->context, &s->subject, &s->file, s->writable);

	if (!s->subject.in_domain) {
		CHECK(verdict.allow && !verdict.measure && !verdict.record && !verdict.reason);
		return;
	}
	if (s->context.closed) /* no domain lives while closed */
		return;
	if (!verdict.measure || !s->writable)
		check_form(s, &verdict);
	check_trusted(s, &verdict);
	check_order(s, &verdict, map_order, ARRAY_SIZE(map_order));
}

/* Enforcing asks for a digest only where it decides; told that the file cannot
 * be read, neither mode asks again. */
static void check_no_second_question(struct situation s)
{
	struct moor_verdict verdict;

	s.file.unreadable = true;
	verdict = moor_decide_exec(&s.context, &s.subject, &s.staged, &s.file);
	CHECK(!verdict.measure);
	verdict = moor_decide_map(&s.context, &s.subject, &s.file, s.writable);
	CHECK(!verdict.measure);
}

static void for_each_file(struct situation *s)
{
	u32 bits;

	for (bits = 0; bits < (u32)1 << FILE_BITS; bits++) {
		s->file = file_from(bits);
		if (!possible(s))
			continue;
		check_exec(s);
		check_map(s);
		check_no_second_question(*s);
	}
}

void decide_property_tests(void)
{
	static const char *const modes[] = {"without a policy", "learning", "enforcing"};
	struct situation s;
	u32 mode, state, subject, staged;

	for (mode = 0; mode <= MOOR_MODE_ENFORCING; mode++)
		for (state = 0; state < 4; state++) {
			test_begin("exec and mapping keep their order and form, %s%s%s",
				   modes[mode], state & 1 ? ", closed" : "",
				   state & 2 ? ", broken" : "");
			for (subject = 0; subject < (u32)1 << SUBJECT_BITS; subject++)
				for (staged = 0; staged < (u32)1 << STAGED_BITS; staged++) {
					s = (struct situation){
						.context = {.mode = (u8)mode,
							    .closed = state & 1,
							    .broken = state & 2},
						.subject = subject_from(subject),
						.staged = staged_from(staged),
						.writable = staged & 1,
					};
					for_each_file(&s);
				}
			test_end();
		}
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* Short words for the facts and verdicts that the rows of the tests are made of. */
#ifndef MOOR_DECIDE_FACTS_H
#define MOOR_DECIDE_FACTS_H

#include "decide.h"
#include "test.h"

#define CONTEXT(...) ((struct moor_context){__VA_ARGS__})
#define SUBJECT(...) ((struct moor_subject){__VA_ARGS__})
#define FACTS(...)   ((struct moor_file_facts){__VA_ARGS__})
#define STAGED(...)  ((struct moor_staged){__VA_ARGS__})
#define VERDICT(...) ((struct moor_verdict){__VA_ARGS__})

#define NO_POLICY      CONTEXT(0)
#define LEARN	       CONTEXT(.mode = MOOR_MODE_LEARNING)
#define ENFORCE	       CONTEXT(.mode = MOOR_MODE_ENFORCING)
#define CLOSED	       CONTEXT(.closed = true)
#define LEARN_BROKEN   CONTEXT(.mode = MOOR_MODE_LEARNING, .broken = true)
#define LEARN_LOCKED   CONTEXT(.mode = MOOR_MODE_LEARNING, .locked = true)
#define ENFORCE_LOCKED CONTEXT(.mode = MOOR_MODE_ENFORCING, .locked = true)
#define ENFORCE_BROKEN CONTEXT(.mode = MOOR_MODE_ENFORCING, .broken = true)

#define OUTSIDE		    SUBJECT(0)
#define INSIDE		    SUBJECT(.in_domain = true)
#define INSIDE_JIT	    SUBJECT(.in_domain = true, .memory_exec = true)
#define BOUND		    SUBJECT(.bound = true)
#define BOUND_RUNNING	    SUBJECT(.bound = true, .vm_running = true)
#define BOUND_WITHOUT_RULES SUBJECT(.bound = true, .no_rules = true)
#define BOUND_TRACED	    SUBJECT(.bound = true, .vm_running = true, .exec_unsafe = true)

/* For FACTS(): what is known before the contents, and of the contents. */
#define PLAIN	.has_path = true, .filesystem_allowed = true
#define LISTED	PLAIN, .listed = true
#define STARTER LISTED, .starts_domain = true
#define JIT	.memory_exec = true
#define GOOD	.digest_known = true, .digest_matches = true
#define BAD	.digest_known = true
#define MEMFD	.unlinked = true, .filesystem_allowed = true

#define PASS	      VERDICT(.allow = true)
#define MEASURE_FIRST VERDICT(.measure = true)
#define REFUSED(why)  VERDICT(.reason = MOOR_REASON_##why, .record = MOOR_RECORD_REFUSE)
#define MEASURED(why)                                                                              \
	VERDICT(.allow = true, .reason = MOOR_REASON_##why, .record = MOOR_RECORD_MEASURE)
#define UNMEASURED(why)                                                                            \
	VERDICT(.allow = true, .reason = MOOR_REASON_##why, .record = MOOR_RECORD_UNMEASURED)

static inline void check_verdict(struct moor_verdict found, struct moor_verdict expected)
{
	CHECK_EQUAL(found.measure, expected.measure);
	if (found.measure)
		return;
	CHECK_EQUAL(found.allow, expected.allow);
	CHECK_EQUAL(found.reason, expected.reason);
	CHECK_EQUAL(found.record, expected.record);
}

#endif /* MOOR_DECIDE_FACTS_H */

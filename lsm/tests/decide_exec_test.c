// SPDX-License-Identifier: GPL-2.0-only
/* The hops of an exec, row by row. */
#include "decide_facts.h"

#define NOTHING	   STAGED(0)
#define GUARDED	   STAGED(.guarded = true)
#define STARTS	   STAGED(.guarded = true, .starts_domain = true)
#define STARTS_JIT STAGED(.guarded = true, .starts_domain = true, .memory_exec = true)

static void exec_row(const char *name, struct moor_context context, struct moor_subject subject,
		     struct moor_staged before, struct moor_file_facts file,
		     struct moor_verdict expected, struct moor_staged after)
{
	struct moor_verdict found = moor_decide_exec(&context, &subject, &before, &file);

	test_begin("exec %s", name);
	check_verdict(found, expected);
	if (!found.measure) {
		CHECK_EQUAL(found.staged.guarded, after.guarded);
		CHECK_EQUAL(found.staged.starts_domain, after.starts_domain);
		CHECK_EQUAL(found.staged.memory_exec, after.memory_exec);
	}
	test_end();
}

void decide_exec_tests(void)
{
	/* Whom nobody guards. */
	exec_row("of an unlisted program outside passes unrecorded", ENFORCE, OUTSIDE, NOTHING,
		 FACTS(PLAIN), PASS, NOTHING);
	exec_row("of an unlisted program outside passes while broken", ENFORCE_BROKEN, OUTSIDE,
		 NOTHING, FACTS(PLAIN), PASS, NOTHING);
	exec_row("of an unlisted program outside passes while closed", CLOSED, OUTSIDE, NOTHING,
		 FACTS(PLAIN), PASS, NOTHING);
	exec_row("of a memfd outside passes", ENFORCE, OUTSIDE, NOTHING, FACTS(MEMFD), PASS,
		 NOTHING);
	exec_row("of a traced unlisted program passes", ENFORCE, SUBJECT(.exec_unsafe = true),
		 NOTHING, FACTS(PLAIN), PASS, NOTHING);
	exec_row("of a path in guarded= passes once a policy is in force", ENFORCE, OUTSIDE,
		 NOTHING, FACTS(PLAIN, .guarded = true), PASS, NOTHING);
	exec_row("passes without a policy", NO_POLICY, OUTSIDE, NOTHING, FACTS(PLAIN), PASS,
		 NOTHING);

	/* Closed and broken hold in every mode. */
	exec_row("of a guarded path is refused while closed", CLOSED, OUTSIDE, NOTHING,
		 FACTS(PLAIN, .guarded = true), REFUSED(CLOSED), NOTHING);
	exec_row("of a guarded path is refused while closed before its bytes count", CLOSED,
		 OUTSIDE, NOTHING, FACTS(STARTER, .guarded = true, GOOD), REFUSED(CLOSED), NOTHING);
	exec_row("of a bound program is refused while closed", CLOSED, BOUND, NOTHING, FACTS(PLAIN),
		 REFUSED(CLOSED), NOTHING);
	exec_row("of an emulator is refused while broken", ENFORCE_BROKEN, BOUND, NOTHING,
		 FACTS(STARTER, GOOD, .extended = true), REFUSED(BROKEN), NOTHING);
	exec_row("of an emulator is refused while broken even when learning", LEARN_BROKEN, BOUND,
		 NOTHING, FACTS(STARTER, GOOD, .extended = true), REFUSED(BROKEN), NOTHING);
	exec_row("of an emulator is refused while broken without reading it", ENFORCE_BROKEN, BOUND,
		 NOTHING, FACTS(STARTER), REFUSED(BROKEN), NOTHING);
	exec_row("of a measured program passes while broken when the log has it", ENFORCE_BROKEN,
		 OUTSIDE, NOTHING, FACTS(LISTED, GOOD, .extended = true), MEASURED(NONE), GUARDED);
	exec_row("of a measured program is refused while broken when it is new", ENFORCE_BROKEN,
		 OUTSIDE, NOTHING, FACTS(LISTED, GOOD), REFUSED(BROKEN), NOTHING);
	exec_row("of a new program is refused while broken even when learning", LEARN_BROKEN,
		 OUTSIDE, NOTHING, FACTS(LISTED, BAD), REFUSED(BROKEN), NOTHING);
	exec_row("of a changed program has reason DIGEST while broken", ENFORCE_BROKEN, OUTSIDE,
		 NOTHING, FACTS(LISTED, BAD), REFUSED(DIGEST), NOTHING);

	/* An emulator starts a domain. */
	exec_row("of a bound emulator wants its digest first", ENFORCE, BOUND, NOTHING,
		 FACTS(STARTER), MEASURE_FIRST, NOTHING);
	exec_row("of a bound emulator starts a domain", ENFORCE, BOUND, NOTHING,
		 FACTS(STARTER, GOOD), MEASURED(NONE), STARTS);
	exec_row("of a bound emulator grants executable memory", ENFORCE, BOUND, NOTHING,
		 FACTS(STARTER, JIT, GOOD), MEASURED(NONE), STARTS_JIT);
	exec_row("of a changed emulator is refused", ENFORCE, BOUND, NOTHING, FACTS(STARTER, BAD),
		 REFUSED(DIGEST), NOTHING);
	exec_row("of a changed emulator starts a domain when learning", LEARN, BOUND, NOTHING,
		 FACTS(STARTER, BAD), MEASURED(DIGEST), STARTS);
	exec_row("of an emulator nobody bound is refused", ENFORCE, OUTSIDE, NOTHING,
		 FACTS(STARTER, GOOD), REFUSED(UNBOUND), NOTHING);
	exec_row("of an emulator nobody bound is remarked when learning", LEARN, OUTSIDE, NOTHING,
		 FACTS(STARTER, GOOD), MEASURED(UNBOUND), STARTS);
	exec_row("of an emulator whose VM runs is refused", ENFORCE, BOUND_RUNNING, NOTHING,
		 FACTS(STARTER, GOOD), REFUSED(RUNNING), NOTHING);
	exec_row("of an emulator whose VM has no rules is refused", ENFORCE, BOUND_WITHOUT_RULES,
		 NOTHING, FACTS(STARTER, GOOD), REFUSED(NO_RULES), NOTHING);
	exec_row("of a traced emulator is refused", ENFORCE, BOUND_TRACED, NOTHING,
		 FACTS(STARTER, GOOD), REFUSED(TRACED), NOTHING);
	exec_row("of a changed emulator names the digest before who starts it", ENFORCE,
		 SUBJECT(.vm_running = true, .exec_unsafe = true), NOTHING, FACTS(STARTER, BAD),
		 REFUSED(DIGEST), NOTHING);
	exec_row("of an emulator with a writer is refused", ENFORCE, BOUND, NOTHING,
		 FACTS(STARTER, .writer = true), REFUSED(WRITER), NOTHING);
	exec_row("of an emulator with a writer is remarked when learning", LEARN, BOUND, NOTHING,
		 FACTS(STARTER, .writer = true), UNMEASURED(WRITER), STARTS);
	exec_row("of an emulator that cannot be read is refused", ENFORCE, BOUND, NOTHING,
		 FACTS(STARTER, .unreadable = true), REFUSED(UNREADABLE), NOTHING);
	exec_row("of an emulator on a foreign filesystem is refused unread", ENFORCE, BOUND,
		 NOTHING, FACTS(.has_path = true, .listed = true, .starts_domain = true),
		 REFUSED(FILESYSTEM), NOTHING);
	exec_row("of an emulator on a foreign filesystem is not measured when learning", LEARN,
		 BOUND, NOTHING, FACTS(.has_path = true, .listed = true, .starts_domain = true),
		 UNMEASURED(FILESYSTEM), STARTS);

	/* A binding is a promise that a guarded program follows. */
	exec_row("of an unlisted program somebody bound is refused", ENFORCE, BOUND, NOTHING,
		 FACTS(PLAIN), REFUSED(UNLISTED), NOTHING);
	exec_row("of a memfd somebody bound is refused", ENFORCE, BOUND, NOTHING, FACTS(MEMFD),
		 REFUSED(UNLINKED), NOTHING);
	exec_row("of an unlisted program somebody bound is measured when learning", LEARN, BOUND,
		 NOTHING, FACTS(PLAIN), MEASURE_FIRST, NOTHING);
	exec_row("of an unlisted program somebody bound starts no domain", LEARN, BOUND, NOTHING,
		 FACTS(PLAIN, BAD), MEASURED(UNLISTED), GUARDED);

	/* The hypervisor's own programs are measured and stay outside. */
	exec_row("of a measured program starts no domain", ENFORCE, OUTSIDE, NOTHING,
		 FACTS(LISTED, GOOD), MEASURED(NONE), GUARDED);
	exec_row("of a measured program asks for no VM", ENFORCE, SUBJECT(.exec_unsafe = true),
		 NOTHING, FACTS(LISTED, GOOD), MEASURED(NONE), GUARDED);
	exec_row("of a changed measured program is refused", ENFORCE, OUTSIDE, NOTHING,
		 FACTS(LISTED, BAD), REFUSED(DIGEST), NOTHING);
	exec_row("of a changed measured program is remarked when learning", LEARN, OUTSIDE, NOTHING,
		 FACTS(LISTED, BAD), MEASURED(DIGEST), GUARDED);
	exec_row("of a listed program grants no executable memory outside", ENFORCE, OUTSIDE,
		 NOTHING, FACTS(LISTED, JIT, GOOD), MEASURED(NONE), GUARDED);

	/* Hops of #! and binfmt_misc. */
	exec_row("of an interpreter after a guarded script is refused when unlisted", ENFORCE,
		 OUTSIDE, GUARDED, FACTS(PLAIN), REFUSED(UNLISTED), GUARDED);
	exec_row("of an interpreter after a guarded script passes when listed", ENFORCE, OUTSIDE,
		 GUARDED, FACTS(LISTED, GOOD), MEASURED(NONE), GUARDED);
	exec_row("of an interpreter after an unguarded script is nobody's business", ENFORCE,
		 OUTSIDE, NOTHING, FACTS(PLAIN), PASS, NOTHING);
	exec_row("of an emulator as interpreter of an unguarded script needs a VM", ENFORCE,
		 OUTSIDE, NOTHING, FACTS(STARTER, GOOD), REFUSED(UNBOUND), NOTHING);
	exec_row("of an interpreter keeps the domain a script starts", ENFORCE, BOUND, STARTS,
		 FACTS(LISTED, GOOD), MEASURED(NONE), STARTS);
	exec_row("of an interpreter keeps the memory a script was granted", ENFORCE, BOUND,
		 STARTS_JIT, FACTS(LISTED, GOOD), MEASURED(NONE), STARTS_JIT);
	exec_row("of an emulator after one that may not make memory executable: neither", ENFORCE,
		 BOUND, STARTS, FACTS(STARTER, JIT, GOOD), MEASURED(NONE), STARTS);
	exec_row("of an emulator without the permission takes it from a script", ENFORCE, BOUND,
		 STARTS_JIT, FACTS(STARTER, GOOD), MEASURED(NONE), STARTS);
	exec_row("of an interpreter after a starting script is refused while broken",
		 ENFORCE_BROKEN, BOUND, STARTS, FACTS(LISTED, GOOD, .extended = true),
		 REFUSED(BROKEN), STARTS);

	/* Inside a domain everything must be listed. */
	exec_row("inside of an unlisted program is refused", ENFORCE, INSIDE, NOTHING, FACTS(PLAIN),
		 REFUSED(UNLISTED), NOTHING);
	exec_row("inside of an unlisted program is measured when learning", LEARN, INSIDE, NOTHING,
		 FACTS(PLAIN), MEASURE_FIRST, NOTHING);
	exec_row("inside of an unlisted program is recorded when learning", LEARN, INSIDE, NOTHING,
		 FACTS(PLAIN, BAD), MEASURED(UNLISTED), GUARDED);
	exec_row("inside of a memfd is refused", ENFORCE, INSIDE, NOTHING, FACTS(MEMFD),
		 REFUSED(UNLINKED), NOTHING);
	exec_row("inside of a memfd is remarked when learning", LEARN, INSIDE, NOTHING,
		 FACTS(MEMFD), UNMEASURED(UNLINKED), GUARDED);
	exec_row("inside of a file no path leads to is refused", ENFORCE, INSIDE, NOTHING,
		 FACTS(.filesystem_allowed = true), REFUSED(PATH), NOTHING);
	exec_row("inside of a listed program stays in the domain", ENFORCE, INSIDE, NOTHING,
		 FACTS(LISTED, GOOD), MEASURED(NONE), GUARDED);
	exec_row("inside of an emulator stays in the domain and needs no VM", ENFORCE,
		 SUBJECT(.in_domain = true, .exec_unsafe = true), NOTHING, FACTS(STARTER, GOOD),
		 MEASURED(NONE), GUARDED);
	exec_row("inside of a program keeps executable memory if both have it", ENFORCE, INSIDE_JIT,
		 NOTHING, FACTS(LISTED, JIT, GOOD), MEASURED(NONE),
		 STAGED(.guarded = true, .memory_exec = true));
	exec_row("inside of a program without executable memory loses it", ENFORCE, INSIDE_JIT,
		 NOTHING, FACTS(LISTED, GOOD), MEASURED(NONE), GUARDED);
	exec_row("inside of a program never gains executable memory", ENFORCE, INSIDE, NOTHING,
		 FACTS(STARTER, JIT, GOOD), MEASURED(NONE), GUARDED);
	exec_row("inside of a later hop never gains executable memory back", ENFORCE, INSIDE_JIT,
		 GUARDED, FACTS(LISTED, JIT, GOOD), MEASURED(NONE), GUARDED);
	exec_row("inside passes while broken when the log has the program", ENFORCE_BROKEN, INSIDE,
		 NOTHING, FACTS(LISTED, GOOD, .extended = true), MEASURED(NONE), GUARDED);
	exec_row("inside is refused without a policy", NO_POLICY, INSIDE, NOTHING, FACTS(PLAIN),
		 REFUSED(UNLISTED), NOTHING);
}

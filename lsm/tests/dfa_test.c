// SPDX-License-Identifier: GPL-2.0-only
/* What an automaton answers. */
#include "dfa_make.h"

#define W (MOOR_PERM_WRITE | MOOR_PERM_APPEND)

static const struct {
	const char *what;
	enum moor_dfa_root root;
	const char *path;
	u32 length; /* 0: up to the NUL */
	u32 allow;
	bool parent;
} rows[] = {
	{"a path", MOOR_DFA_ROOT_PATH, "/a", 0, MOOR_PERM_READ, false},
	{"the root", MOOR_DFA_ROOT_PATH, "/", 0, 0, true},
	{"nothing at all", MOOR_DFA_ROOT_PATH, "", 0, 0, true},
	{"a path that goes on", MOOR_DFA_ROOT_PATH, "/a/", 0, 0, false},
	{"a path behind a wildcard", MOOR_DFA_ROOT_PATH, "/x/yb", 0, W, true},
	{"a path that a wildcard takes on", MOOR_DFA_ROOT_PATH, "/xbb/", 0, 0, true},
	{"a path that leaves a wildcard's end", MOOR_DFA_ROOT_PATH, "/xbc", 0, 0, true},
	{"a run to its end", MOOR_DFA_ROOT_PATH, "/run/x", 0, MOOR_PERM_EXEC, false},
	{"a run that goes on", MOOR_DFA_ROOT_PATH, "/run/xx", 0, 0, false},
	{"a folder within a run", MOOR_DFA_ROOT_PATH, "/run", 0, 0, true},
	{"a path that ends in a run", MOOR_DFA_ROOT_PATH, "/ru", 0, 0, false},
	{"a path that ends behind a run's slash", MOOR_DFA_ROOT_PATH, "/run/", 0, 0, false},
	{"a path that leaves a run", MOOR_DFA_ROOT_PATH, "/ruN/x", 0, 0, false},
	{"a path that begins a run", MOOR_DFA_ROOT_PATH, "/r", 0, 0, false},
	{"a value of binding", MOOR_DFA_ROOT_PATH, "/\0", 2, MOOR_PERM_READ, false},
	{"a NUL in a wildcard", MOOR_DFA_ROOT_PATH, "/x\0b", 4, 0, false},
	{"bytes above 127", MOOR_DFA_ROOT_PATH,
	 "/\xff\xfe"
	 "b",
	 0, W, true},
	{"another root", MOOR_DFA_ROOT_ABSTRACT, "un/x", 0, MOOR_PERM_EXEC, false},
	{"a root without rules", MOOR_DFA_ROOT_VMDIR, "/a", 0, 0, false},
	{"a root that does not exist", MOOR_DFA_ROOTS, "/a", 0, 0, false},
};

static void answers(void)
{
	struct sample sample = sample_make();
	struct moor_dfa dfa;
	u32 i, offset;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		u32 length = rows[i].length ? rows[i].length : (u32)strlen(rows[i].path);
		struct moor_dfa_answer answer = {0};

		test_begin("dfa answers for %s", rows[i].what);
		CHECK_EQUAL(moor_dfa_open(&dfa, &sample, sizeof(sample), &offset), 0);
		moor_dfa_look(&dfa, rows[i].root, rows[i].path, length, &answer);
		CHECK_EQUAL(answer.allow, rows[i].allow);
		CHECK_EQUAL(answer.parent, rows[i].parent);
		test_end();
	}
}

static void tells_everything(void)
{
	struct sample sample = sample_make();
	struct moor_dfa_answer answer = {0};
	struct moor_dfa dfa;
	u32 offset;

	test_begin("dfa tells all that stands in an accept, and adds answers up");
	CHECK_EQUAL(moor_dfa_open(&dfa, &sample, sizeof(sample), &offset), 0);
	CHECK_EQUAL(dfa.state_count, SAMPLE_STATES);
	CHECK_EQUAL(dfa.helper_count, 2);
	CHECK_EQUAL(dfa.command_count, 3);
	moor_dfa_look(&dfa, MOOR_DFA_ROOT_PATH, "/run/x", 6, &answer);
	CHECK_EQUAL(answer.quiet, MOOR_PERM_READ);
	CHECK_EQUAL(answer.helper, 2);
	CHECK_EQUAL(answer.command_count, 1);
	CHECK_EQUAL(answer.commands[0], 3);
	moor_dfa_look(&dfa, MOOR_DFA_ROOT_PATH, "/a", 2, &answer);
	CHECK_EQUAL(answer.allow, MOOR_PERM_EXEC | MOOR_PERM_READ);
	CHECK_EQUAL(moor_dfa_granted(&answer), MOOR_PERM_EXEC);
	moor_dfa_look(&dfa, MOOR_DFA_ROOT_PATH, "/b", 2, &answer);
	moor_dfa_look(&dfa, MOOR_DFA_ROOT_PATH, "/cb", 3, &answer);
	CHECK_EQUAL(answer.audit, MOOR_PERM_WRITE);
	CHECK_EQUAL(answer.deny, MOOR_PERM_DELETE);
	CHECK_EQUAL(answer.helper, 2);
	CHECK_EQUAL(answer.command_count, 1);
	test_end();
}

static void keeps_to_four_sets(void)
{
	struct sample sample = sample_make();
	struct moor_dfa_answer answer = {0};
	struct moor_dfa dfa;
	u32 offset, i;

	test_begin("dfa keeps no more sets of commands than there is room for");
	CHECK_EQUAL(moor_dfa_open(&dfa, &sample, sizeof(sample), &offset), 0);
	for (i = 0; i < 6; i++)
		moor_dfa_look(&dfa, MOOR_DFA_ROOT_PATH, "/run/x", 6, &answer);
	CHECK_EQUAL(answer.command_count, MOOR_DFA_PER_DOMAIN);
	test_end();
}

void dfa_tests(void)
{
	answers();
	tells_everything();
	keeps_to_four_sets();
}

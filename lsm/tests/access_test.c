// SPDX-License-Identifier: GPL-2.0-only
/* What an access policy answers. */
#include "access_make.h"

static struct moor_access *made(struct policy policy)
{
	u32 offset;

	return moor_access_create(policy_copy(&policy, sizeof(policy)), sizeof(policy), &offset);
}

static void finds_domains(void)
{
	struct policy policy = policy_make();
	struct moor_access *access = made(policy);

	test_begin("access finds a VM's domain, and that of those without one");
	CHECK_EQUAL(moor_access_find(access, "web1"), POLICY_WEB1);
	CHECK_EQUAL(moor_access_find(access, "web2"), POLICY_WEB2);
	CHECK_EQUAL(moor_access_find(access, "web"), POLICY_GUEST);
	CHECK_EQUAL(moor_access_find(access, "web11"), POLICY_GUEST);
	CHECK_EQUAL(moor_access_find(access, "tpm"), POLICY_GUEST);
	CHECK_EQUAL(moor_access_find(access, ""), MOOR_ACCESS_NO_DOMAIN);
	moor_access_free(access);
	policy.domains[POLICY_GUEST].kind = MOOR_ACCESS_PROBE;
	access = made(policy);
	CHECK_EQUAL(moor_access_find(access, ""), POLICY_GUEST);
	CHECK_EQUAL(moor_access_find(access, "web3"), MOOR_ACCESS_NO_DOMAIN);
	moor_access_free(access);
	test_end();
}

static void goes_to_helpers(void)
{
	struct moor_access *access = made(policy_make());

	test_begin("access leads to helpers, also from one to another, and never to another VM's");
	CHECK_EQUAL(moor_access_helper(access, POLICY_WEB1, 0), POLICY_WEB1);
	CHECK_EQUAL(moor_access_helper(access, POLICY_WEB1, 1), POLICY_HELPER);
	CHECK_EQUAL(moor_access_helper(access, POLICY_HELPER, 2), POLICY_HELPER2);
	CHECK_EQUAL(moor_access_helper(access, POLICY_HELPER, 3), MOOR_ACCESS_NO_DOMAIN);
	CHECK_EQUAL(moor_access_helper(access, POLICY_WEB2, 1), MOOR_ACCESS_NO_DOMAIN);
	moor_access_free(access);
	test_end();
}

static void enforces(void)
{
	struct moor_access *access = made(policy_make());

	test_begin("access enforces where the policy does and the domain does not learn");
	CHECK(!moor_access_enforces(access, POLICY_WEB1));
	access->enforcing = true;
	CHECK(moor_access_enforces(access, POLICY_WEB1));
	CHECK(!moor_access_enforces(access, POLICY_WEB2));
	CHECK(moor_access_enforces(access, MOOR_ACCESS_NO_DOMAIN));
	moor_access_free(access);
	test_end();
}

static void answers(void)
{
	struct moor_access *access = made(policy_make());
	struct moor_dfa_answer answer = {0};

	test_begin("access answers about paths and ioctl commands");
	moor_access_look(access, POLICY_WEB1, MOOR_DFA_ROOT_PATH, "/run/x", 6, &answer);
	CHECK_EQUAL(answer.allow, MOOR_PERM_EXEC);
	CHECK_EQUAL(answer.helper, 2);
	CHECK(moor_access_commands(access, &answer, 0xae80));
	CHECK(moor_access_commands(access, &answer, 0xffffffff));
	CHECK(!moor_access_commands(access, &answer, 0));
	CHECK(!moor_access_commands(access, &answer, 0xae01));
	memset(&answer, 0, sizeof(answer));
	answer.command_count = 1;
	answer.commands[0] = 1;
	CHECK(!moor_access_commands(access, &answer, 0));
	answer.commands[0] = 2;
	CHECK(moor_access_commands(access, &answer, 0));
	memset(&answer, 0, sizeof(answer));
	moor_access_look(access, POLICY_WEB2, MOOR_DFA_ROOT_PATH, "/a", 2, &answer);
	CHECK_EQUAL(answer.allow, 0);
	moor_access_look(access, MOOR_ACCESS_NO_DOMAIN, MOOR_DFA_ROOT_PATH, "/a", 2, &answer);
	CHECK_EQUAL(answer.allow, 0);
	moor_access_free(access);
	test_end();
}

/* What is allowed, recorded, denied, denied quietly and needed; and what comes of it. */
static void judges(void)
{
	enum { R = MOOR_PERM_READ, W = MOOR_PERM_WRITE, A = MOOR_PERM_APPEND };
	enum { T = MOOR_PERM_TRUNCATE, X = MOOR_PERM_EXEC, M = MOOR_PERM_MAP };
	static const struct {
		const char *what;
		u32 allow, audit, deny, quiet, need;
		u32 missing, recorded;
		bool is_quiet;
	} rows[] = {
		{"what is allowed", R | W, 0, 0, 0, R, 0, 0, false},
		{"what no rule allows", R, 0, 0, 0, R | W, W, 0, false},
		{"nothing", 0, 0, 0, 0, 0, 0, 0, false},
		{"a denial above what is allowed", R, 0, R, 0, R, R, 0, false},
		{"a quiet denial", R, 0, 0, R, R, R, 0, true},
		{"a quiet denial and one that is not", R, 0, R, R, R, R, 0, false},
		{"a quiet denial and what no rule allows", 0, 0, 0, R, R | W, R | W, 0, false},
		{"what is recorded", R | W, R, 0, 0, R | W, 0, R, false},
		{"what is recorded and denied", R, R, R, 0, R, R, 0, false},
		{"who writes may cut and append", W, 0, 0, 0, A | T, 0, 0, false},
		{"who writes may not cut what must not be", W, 0, T, 0, A | T, T, 0, false},
		{"who must not write may not cut", R | W, 0, W, 0, T, T, 0, false},
		{"who must not write may not cut, quietly", R | W, 0, 0, W, T, T, 0, true},
		{"what must not be executed is not mapped", X, 0, X, 0, M, M, 0, false},
		{"who appends may not cut", A, 0, 0, 0, T, T, 0, false},
		{"a program is mapped", X, 0, 0, 0, M, 0, 0, false},
		{"what is mapped is no program", M, 0, 0, 0, X, X, 0, false},
	};
	struct moor_access *access = made(policy_make());
	u32 i;

	access->enforcing = true;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct moor_dfa_answer answer = {.allow = rows[i].allow,
						       .audit = rows[i].audit,
						       .deny = rows[i].deny,
						       .quiet = rows[i].quiet,
						       .helper = 1};
		struct moor_access_finding finding =
			moor_access_judge(access, POLICY_WEB1, &answer, rows[i].need);

		test_begin("access judges %s", rows[i].what);
		CHECK_EQUAL(finding.missing, rows[i].missing);
		CHECK_EQUAL(finding.recorded, rows[i].recorded);
		CHECK_EQUAL(finding.quiet, rows[i].is_quiet);
		CHECK_EQUAL(finding.helper, 1);
		CHECK(finding.enforced);
		finding = moor_access_judge(access, POLICY_WEB2, &answer, rows[i].need);
		CHECK_EQUAL(finding.missing, rows[i].missing);
		CHECK(!finding.enforced);
		test_end();
	}
	moor_access_free(access);
}

/* What a temp rule says counts of what is the VM's own, and a denial stands above it. */
static void judges_temporary_files(void)
{
	enum { R = MOOR_PERM_READ, D = MOOR_PERM_DELETE, T = MOOR_PERM_TEMPORARY };
	static const struct {
		const char *what;
		u32 allow, audit, deny;
		bool own;
		u32 need, missing, recorded;
	} rows[] = {
		{"its own", T, 0, 0, true, R | D, 0, 0},
		{"another's or nobody's", T, 0, 0, false, R | D, R | D, 0},
		{"nobody's that a rule of files grants", T | R, 0, 0, false, R | D, D, 0},
		{"its own that must not be removed", T, 0, D, true, R | D, D, 0},
		{"its own that is recorded", T, T, 0, true, R, 0, R},
		{"its own without such a rule", R, 0, 0, true, R | D, D, 0},
		{"what no temporary file is for", T, 0, 0, true, MOOR_PERM_EXEC, MOOR_PERM_EXEC, 0},
	};
	struct moor_access *access = made(policy_make());
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct moor_dfa_answer answer = {
			.allow = rows[i].allow, .audit = rows[i].audit, .deny = rows[i].deny};
		struct moor_access_finding finding;

		if (rows[i].own)
			moor_access_add_temporary(&answer);
		finding = moor_access_judge(access, POLICY_WEB1, &answer, rows[i].need);
		test_begin("access judges temporary files: %s", rows[i].what);
		CHECK_EQUAL(finding.missing, rows[i].missing);
		CHECK_EQUAL(finding.recorded, rows[i].recorded);
		test_end();
	}
	moor_access_free(access);
}

void access_tests(void)
{
	finds_domains();
	goes_to_helpers();
	enforces();
	answers();
	judges();
	judges_temporary_files();
}

// SPDX-License-Identifier: GPL-2.0-only
/* What an access policy says of what has no path, and of ioctl commands. */
#include "access_make.h"

enum { ALLOW = MOOR_EFFECT_ALLOW, AUDIT = MOOR_EFFECT_AUDIT };
enum { DENY = MOOR_EFFECT_DENY, QUIET = MOOR_EFFECT_QUIET };

/* The sample with these as its rules of web1, enforced. */
static struct moor_access *made(const struct moor_access_rule *rules, u32 count)
{
	struct policy policy = policy_make();
	struct moor_access *access;
	u32 offset;

	memcpy(policy.rules, rules, count * sizeof(*rules));
	policy.domains[POLICY_WEB1].rules.count = count;
	access = moor_access_create(policy_copy(&policy, sizeof(policy)), sizeof(policy), &offset);
	CHECK(!IS_ERR(access));
	access->enforcing = true;
	return access;
}

static struct moor_access_rule capability(u64 mask, u8 effect)
{
	return (struct moor_access_rule){
		.mask = mask, .rule_class = MOOR_ACCESS_CAPABILITY, .effect = effect};
}

static struct moor_access_rule anonymous(u32 kind, u32 set, u8 effect)
{
	return (struct moor_access_rule){.mask = 1ULL << kind,
					 .detail = set,
					 .rule_class = MOOR_ACCESS_ANONYMOUS,
					 .effect = effect};
}

static struct moor_access_rule signal_to(u32 signal, u8 peer, u32 helper, u8 effect)
{
	return (struct moor_access_rule){.mask = 1ULL << signal,
					 .detail = helper,
					 .rule_class = MOOR_ACCESS_SIGNAL,
					 .effect = effect,
					 .peer = peer};
}

static void judges_capabilities(void)
{
	static const struct {
		const char *what;
		struct {
			u64 mask;
			u8 effect;
		} rules[2];
		u32 capability;
		bool missing, recorded, quiet;
	} rows[] = {
		{"one that a rule allows", {{1U << 5, ALLOW}, {1, ALLOW}}, 5, false, false, false},
		{"one that none allows", {{1U << 5, ALLOW}, {1, ALLOW}}, 6, true, false, false},
		{"the last one", {{1ULL << 40, ALLOW}, {1, ALLOW}}, 40, false, false, false},
		{"one that is not there yet", {{1, ALLOW}, {1, ALLOW}}, 64, true, false, false},
		{"a denial above it", {{1U << 5, ALLOW}, {1U << 5, DENY}}, 5, true, false, false},
		{"a quiet denial", {{1U << 5, ALLOW}, {1U << 5, QUIET}}, 5, true, false, true},
		{"both denials", {{1U << 5, DENY}, {1U << 5, QUIET}}, 5, true, false, false},
		{"one to be recorded", {{1U << 5, AUDIT}, {1, ALLOW}}, 5, false, true, false},
		{"a recorded one denied",
		 {{1U << 5, AUDIT}, {1U << 5, DENY}},
		 5,
		 true,
		 false,
		 false},
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct moor_access_rule rules[2] = {
			capability(rows[i].rules[0].mask, rows[i].rules[0].effect),
			capability(rows[i].rules[1].mask, rows[i].rules[1].effect),
		};
		struct moor_access *access = made(rules, 2);
		struct moor_access_finding finding =
			moor_access_judge_capability(access, POLICY_WEB1, rows[i].capability);

		test_begin("access judges capabilities: %s", rows[i].what);
		CHECK_EQUAL(finding.missing, rows[i].missing);
		CHECK_EQUAL(finding.recorded, rows[i].recorded);
		CHECK_EQUAL(finding.quiet, rows[i].quiet);
		CHECK(finding.enforced);
		moor_access_free(access);
		test_end();
	}
}

static void belongs_to_its_domain(void)
{
	const struct moor_access_rule rules[] = {capability(1U << 5, ALLOW)};
	struct moor_access *access = made(rules, 1);

	test_begin("access: what one domain may another may not, and what is in none may nothing");
	CHECK(!moor_access_judge_capability(access, POLICY_WEB1, 5).missing);
	CHECK(moor_access_judge_capability(access, POLICY_GUEST, 5).missing);
	CHECK(moor_access_judge_capability(access, POLICY_HELPER, 5).missing);
	CHECK(moor_access_judge_capability(access, MOOR_ACCESS_NO_DOMAIN, 5).missing);
	CHECK(moor_access_judge_capability(access, MOOR_ACCESS_NO_DOMAIN, 5).enforced);
	CHECK(!moor_access_judge_capability(access, POLICY_WEB2, 5).enforced);
	CHECK(moor_access_judge_unnamed(access, POLICY_WEB1).missing);
	CHECK(moor_access_judge_unnamed(access, POLICY_WEB1).enforced);
	CHECK(!moor_access_judge_unnamed(access, POLICY_WEB2).enforced);
	moor_access_free(access);
	test_end();
}

static void judges_commands_of_kinds(void)
{
	enum { VM = MOOR_ANONYMOUS_KVM_VM, VCPU = MOOR_ANONYMOUS_KVM_VCPU };
	enum { NONE, EMPTY, ANY, SOME };
	static const struct {
		const char *what;
		struct {
			u32 kind, set;
			u8 effect;
		} rules[2];
		u32 kind, command;
		bool missing, recorded, quiet;
	} rows[] = {
		{"one of a set", {{VCPU, SOME, ALLOW}, {VM, NONE, ALLOW}}, VCPU, 0xae80, 0, 0, 0},
		{"one beside it", {{VCPU, SOME, ALLOW}, {VM, NONE, ALLOW}}, VCPU, 0xae81, 1, 0, 0},
		{"another kind's", {{VCPU, SOME, ALLOW}, {VM, NONE, ALLOW}}, VM, 0xae80, 1, 0, 0},
		{"any", {{VCPU, ANY, ALLOW}, {VM, NONE, ALLOW}}, VCPU, 0x1234, 0, 0, 0},
		{"an empty set", {{VCPU, EMPTY, ALLOW}, {VM, NONE, ALLOW}}, VCPU, 0xae80, 1, 0, 0},
		{"in the second set",
		 {{VCPU, EMPTY, ALLOW}, {VCPU, SOME, ALLOW}},
		 VCPU,
		 0xae80,
		 0,
		 0,
		 0},
		{"the kind denied",
		 {{VCPU, ANY, ALLOW}, {VCPU, NONE, DENY}},
		 VCPU,
		 0xae80,
		 1,
		 0,
		 0},
		{"quietly", {{VCPU, ANY, ALLOW}, {VCPU, NONE, QUIET}}, VCPU, 0xae80, 1, 0, 1},
		{"to be recorded",
		 {{VCPU, SOME, AUDIT}, {VCPU, ANY, ALLOW}},
		 VCPU,
		 0xae80,
		 0,
		 1,
		 0},
		{"not to be recorded",
		 {{VCPU, SOME, AUDIT}, {VCPU, ANY, ALLOW}},
		 VCPU,
		 0xae81,
		 0,
		 0,
		 0},
		{"of a kind without a word",
		 {{VCPU, ANY, ALLOW}, {VM, ANY, ALLOW}},
		 MOOR_ANONYMOUS_KINDS,
		 0xae80,
		 1,
		 0,
		 0},
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct moor_access_rule rules[2] = {
			anonymous(rows[i].rules[0].kind, rows[i].rules[0].set,
				  rows[i].rules[0].effect),
			anonymous(rows[i].rules[1].kind, rows[i].rules[1].set,
				  rows[i].rules[1].effect),
		};
		struct moor_access *access = made(rules, 2);
		struct moor_access_finding finding = moor_access_judge_anonymous_command(
			access, POLICY_WEB1, rows[i].kind, rows[i].command);

		test_begin("access judges ioctl commands of kinds: %s", rows[i].what);
		CHECK_EQUAL(finding.missing, rows[i].missing);
		CHECK_EQUAL(finding.recorded, rows[i].recorded);
		CHECK_EQUAL(finding.quiet, rows[i].quiet);
		moor_access_free(access);
		test_end();
	}
}

static void judges_kinds(void)
{
	const struct moor_access_rule rules[] = {anonymous(MOOR_ANONYMOUS_IO_URING, 0, ALLOW)};
	struct moor_access *access = made(rules, 1);

	test_begin("access judges kinds of files without a path");
	CHECK(!moor_access_judge_anonymous(access, POLICY_WEB1, MOOR_ANONYMOUS_IO_URING).missing);
	CHECK(moor_access_judge_anonymous(access, POLICY_WEB1, MOOR_ANONYMOUS_MEMFD).missing);
	moor_access_free(access);
	test_end();
}

static void judges_commands_of_paths(void)
{
	enum { R = MOOR_PERM_DEVICE_READ, W = MOOR_PERM_DEVICE_WRITE, F = MOOR_PERM_READ };
	static const struct {
		const char *what;
		u32 deny, quiet, command;
		bool missing, is_quiet;
	} rows[] = {
		{"one of the set", 0, 0, 0xae80, false, false},
		{"one beside it", 0, 0, 0xae81, true, false},
		{"a quiet denial of the device", 0, R | W, 0xae81, true, true},
		{"a quiet denial and one that is not", R, W, 0xae81, true, false},
		{"a quiet denial of something else", 0, F, 0xae81, true, false},
	};
	const struct moor_access_rule rules[] = {capability(1, ALLOW)};
	struct moor_access *access = made(rules, 1);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct moor_dfa_answer answer = {.deny = rows[i].deny,
						       .quiet = rows[i].quiet,
						       .commands = {1, 3},
						       .command_count = 2};
		struct moor_access_finding finding =
			moor_access_judge_command(access, POLICY_WEB1, &answer, rows[i].command);

		test_begin("access judges ioctl commands of paths: %s", rows[i].what);
		CHECK_EQUAL(finding.missing, rows[i].missing);
		CHECK_EQUAL(finding.quiet, rows[i].is_quiet);
		CHECK(finding.enforced);
		test_end();
	}
	moor_access_free(access);
}

static void judges_signals(void)
{
	static const struct {
		const char *what;
		u32 signal;
		struct moor_access_peer peer;
		bool missing;
	} rows[] = {
		{"to a helper", 15, {MOOR_PEER_HELPER, 2}, false},
		{"to another helper", 15, {MOOR_PEER_HELPER, 1}, true},
		{"another signal", 9, {MOOR_PEER_HELPER, 2}, true},
		{"to who started it", 15, {MOOR_PEER_HYPERVISOR, 0}, true},
		{"only asked", 0, {MOOR_PEER_HYPERVISOR, 0}, false},
		{"to nobody that has a word", 15, {MOOR_PEER_NONE, 0}, true},
		{"to nobody, only asked", 0, {MOOR_PEER_NONE, 0}, true},
		{"to the VM", 15, {MOOR_PEER_VM, 0}, true},
		{"without a name", 34, {MOOR_PEER_HELPER, 2}, true},
		{"the highest", 64, {MOOR_PEER_HELPER, 2}, true},
	};
	const struct moor_access_rule rules[] = {
		signal_to(15, MOOR_PEER_HELPER, 2, ALLOW),
		signal_to(0, MOOR_PEER_HYPERVISOR, 0, ALLOW),
	};
	struct moor_access *access = made(rules, 2);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		test_begin("access judges signals: %s", rows[i].what);
		CHECK_EQUAL(
			moor_access_judge_signal(access, POLICY_WEB1, rows[i].signal, rows[i].peer)
				.missing,
			rows[i].missing);
		test_end();
	}
	moor_access_free(access);
}

static struct moor_access_rule trace_by(u32 mask, u8 peer, const char *program, u8 effect)
{
	struct moor_access_rule rule = {
		.mask = mask, .rule_class = MOOR_ACCESS_PTRACE, .effect = effect, .peer = peer};

	if (program)
		rule.program = (struct moor_access_slice){
			(u32)(strstr(POLICY_TEXT, program) - POLICY_TEXT), (u32)strlen(program)};
	return rule;
}

static void judges_tracing(void)
{
	enum { READ = MOOR_PTRACE_READ, CHANGE = MOOR_PTRACE_ATTACH };
	enum { PROGRAM = MOOR_PEER_PROGRAM, STARTER = MOOR_PEER_HYPERVISOR, VM = MOOR_PEER_VM };
	static const char gdb[] = "/usr/bin/gdb";
	static const struct {
		const char *what;
		struct {
			u32 mask;
			u8 peer, effect;
		} rules[2];
		u8 peer;
		const char *program;
		bool attach, missing, quiet;
	} rows[] = {
		{"who may look", {{READ, PROGRAM, ALLOW}}, PROGRAM, gdb, 0, 0, 0},
		{"who may look changes", {{READ, PROGRAM, ALLOW}}, PROGRAM, gdb, 1, 1, 0},
		{"who may change", {{CHANGE, PROGRAM, ALLOW}}, PROGRAM, gdb, 1, 0, 0},
		{"who may change looks", {{CHANGE, PROGRAM, ALLOW}}, PROGRAM, gdb, 0, 0, 0},
		{"a longer name", {{READ, PROGRAM, ALLOW}}, PROGRAM, "/usr/bin/gdbx", 0, 1, 0},
		{"a shorter name", {{READ, PROGRAM, ALLOW}}, PROGRAM, "/usr/bin/gd", 0, 1, 0},
		{"another name", {{READ, PROGRAM, ALLOW}}, PROGRAM, "/usr/bin/gdc", 0, 1, 0},
		{"nobody", {{READ, PROGRAM, ALLOW}}, MOOR_PEER_NONE, NULL, 0, 1, 0},
		{"who started it", {{READ, STARTER, ALLOW}}, STARTER, NULL, 0, 0, 0},
		{"the VM", {{READ, STARTER, ALLOW}}, VM, NULL, 0, 1, 0},
		{"looking denied denies to change",
		 {{CHANGE, PROGRAM, ALLOW}, {READ, PROGRAM, DENY}},
		 PROGRAM,
		 gdb,
		 1,
		 1,
		 0},
		{"changing denied lets look",
		 {{CHANGE, PROGRAM, ALLOW}, {CHANGE, PROGRAM, DENY}},
		 PROGRAM,
		 gdb,
		 0,
		 0,
		 0},
		{"changing denied quietly",
		 {{CHANGE, PROGRAM, ALLOW}, {CHANGE, PROGRAM, QUIET}},
		 PROGRAM,
		 gdb,
		 1,
		 1,
		 1},
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		u32 count = rows[i].rules[1].mask ? 2 : 1, j;
		struct moor_access_rule rules[2];
		struct moor_access_finding finding;
		struct moor_access *access;

		for (j = 0; j < count; j++)
			rules[j] = trace_by(rows[i].rules[j].mask, rows[i].rules[j].peer,
					    rows[i].rules[j].peer == PROGRAM ? gdb : NULL,
					    rows[i].rules[j].effect);
		access = made(rules, count);
		finding = moor_access_judge_trace(
			access, POLICY_WEB1, rows[i].attach,
			(struct moor_access_peer){rows[i].peer, 0}, rows[i].program,
			rows[i].program ? (u32)strlen(rows[i].program) : 0);
		test_begin("access judges tracing: %s", rows[i].what);
		CHECK_EQUAL(finding.missing, rows[i].missing);
		CHECK_EQUAL(finding.quiet, rows[i].quiet);
		moor_access_free(access);
		test_end();
	}
}

static void judges_memory(void)
{
	const struct moor_access_rule rules[] = {
		{.rule_class = MOOR_ACCESS_MEMORY, .effect = ALLOW},
		{.rule_class = MOOR_ACCESS_MEMORY, .effect = QUIET},
	};
	const struct moor_access_rule terminal[] = {{.rule_class = MOOR_ACCESS_TERMINAL}};
	struct moor_access *allowed = made(rules, 1), *denied = made(rules, 2);
	struct moor_access *other = made(terminal, 1);

	test_begin("access judges executable memory");
	CHECK(!moor_access_judge_memory(allowed, POLICY_WEB1).missing);
	CHECK(moor_access_judge_memory(allowed, POLICY_GUEST).missing);
	CHECK(moor_access_judge_memory(denied, POLICY_WEB1).missing);
	CHECK(moor_access_judge_memory(denied, POLICY_WEB1).quiet);
	CHECK(moor_access_judge_memory(other, POLICY_WEB1).missing);
	moor_access_free(allowed);
	moor_access_free(denied);
	moor_access_free(other);
	test_end();
}

static void knows_harmless_commands(void)
{
	static const struct {
		u32 command;
		bool to_device, to_others;
	} rows[] = {
		{0x5451, true, true},	    /* FIOCLEX */
		{0x541b, true, true},	    /* FIONREAD */
		{0x5401, true, true},	    /* TCGETS */
		{0x5402, false, true},	    /* TCSETS */
		{0x5412, false, true},	    /* TIOCSTI */
		{0x1268, false, true},	    /* BLKSSZGET */
		{0x2285, false, true},	    /* SG_IO */
		{0x5331, false, true},	    /* CDROM_GET_CAPABILITY */
		{0xae80, false, false},	    /* KVM_RUN */
		{0x8901, false, false},	    /* FIOSETOWN */
		{0x8902, false, false},	    /* SIOCSPGRP */
		{0x40086602, false, false}, /* FS_IOC_SETFLAGS */
		{0x5000940f, false, false}, /* BTRFS_IOC_SNAP_DESTROY */
		{0x00000001, false, false}, /* FIBMAP */
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		test_begin("access: ioctl command 0x%x", rows[i].command);
		CHECK_EQUAL(moor_command_is_harmless(rows[i].command, true), rows[i].to_device);
		CHECK_EQUAL(moor_command_is_harmless(rows[i].command, false), rows[i].to_others);
		test_end();
	}
}

static void knows_kinds(void)
{
	static const struct {
		const char *name;
		u32 kind;
	} rows[] = {
		{"kvm-vm", MOOR_ANONYMOUS_KVM_VM},
		{"kvm-vm-stats", MOOR_ANONYMOUS_KINDS},
		{"kvm-vcpu:0", MOOR_ANONYMOUS_KVM_VCPU},
		{"kvm-vcpu:255", MOOR_ANONYMOUS_KVM_VCPU},
		{"kvm-vcpu-stats:0", MOOR_ANONYMOUS_KINDS},
		{"kvm-vcpu", MOOR_ANONYMOUS_KINDS},
		{"[eventfd]", MOOR_ANONYMOUS_EVENTFD},
		{"[eventpoll]", MOOR_ANONYMOUS_KINDS},
		{"[io_uring]", MOOR_ANONYMOUS_IO_URING},
		{"[userfaultfd]", MOOR_ANONYMOUS_USERFAULTFD},
		{"memfd:", MOOR_ANONYMOUS_MEMFD},
		{"memfd:kvm-vm", MOOR_ANONYMOUS_MEMFD},
		{"[vfio-device]", MOOR_ANONYMOUS_VFIO},
		{"[iommufd_fault]", MOOR_ANONYMOUS_IOMMUFD},
		{"", MOOR_ANONYMOUS_KINDS},
		{"k", MOOR_ANONYMOUS_KINDS},
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		test_begin("access knows the kind of '%s'", rows[i].name);
		CHECK_EQUAL(moor_anonymous_kind(rows[i].name, (u32)strlen(rows[i].name)),
			    rows[i].kind);
		test_end();
	}
}

static void judges_descriptors(void)
{
	enum { INHERIT = MOOR_WAY_INHERIT, RECEIVE = MOOR_WAY_RECEIVE };
	enum { PIPE = MOOR_DESCRIPTOR_PIPE, FILE_ = MOOR_DESCRIPTOR_FILE };
	static const struct {
		const char *what;
		u8 rule_way, effect;
		u8 way;
		u32 kind;
		bool missing, recorded, quiet;
	} rows[] = {
		{"one that a rule names", INHERIT, ALLOW, INHERIT, PIPE, false, false, false},
		{"another kind", INHERIT, ALLOW, INHERIT, FILE_, true, false, false},
		{"the other way in", INHERIT, ALLOW, RECEIVE, PIPE, true, false, false},
		{"received", RECEIVE, ALLOW, RECEIVE, PIPE, false, false, false},
		{"received only", RECEIVE, ALLOW, INHERIT, PIPE, true, false, false},
		{"to be recorded", RECEIVE, AUDIT, RECEIVE, PIPE, false, true, false},
		{"denied quietly", RECEIVE, QUIET, RECEIVE, PIPE, true, false, true},
		{"denied", RECEIVE, DENY, RECEIVE, PIPE, true, false, false},
		{"of no kind", INHERIT, ALLOW, INHERIT, MOOR_DESCRIPTORS, true, false, false},
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct moor_access_rule rule = {
			.mask = 1ULL << PIPE | 1ULL << MOOR_DESCRIPTOR_DEVICE,
			.rule_class = MOOR_ACCESS_DESCRIPTOR,
			.effect = rows[i].effect,
			.way = rows[i].rule_way,
		};
		struct moor_access *access = made(&rule, 1);
		struct moor_access_finding finding = moor_access_judge_descriptor(
			access, POLICY_WEB1, rows[i].way, (enum moor_descriptor)rows[i].kind);

		test_begin("access judges descriptors: %s", rows[i].what);
		CHECK_EQUAL(finding.missing, rows[i].missing);
		CHECK_EQUAL(finding.recorded, rows[i].recorded);
		CHECK_EQUAL(finding.quiet, rows[i].quiet);
		CHECK(finding.enforced);
		moor_access_free(access);
		test_end();
	}
}

void access_rules_tests(void)
{
	judges_capabilities();
	belongs_to_its_domain();
	judges_kinds();
	judges_commands_of_kinds();
	judges_commands_of_paths();
	judges_signals();
	judges_tracing();
	judges_memory();
	knows_harmless_commands();
	knows_kinds();
	judges_descriptors();
}

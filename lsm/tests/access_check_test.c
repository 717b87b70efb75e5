// SPDX-License-Identifier: GPL-2.0-only
/* What is taken for an access policy and what is not. */
#include "access_make.h"

#define AT(field)	(u32) offsetof(struct policy, field)
#define DOMAIN(number)	AT(domains[POLICY_##number])
#define RULE(number)	AT(rules[POLICY_##number])
#define IN_DOMAIN(name) (u32) offsetof(struct moor_access_domain, name)
#define IN_RULE(name)	(u32) offsetof(struct moor_access_rule, name)

/* One change to the policy's bytes, and where it must be found. */
static const struct {
	const char *what;
	u32 offset;
	u32 value;
	u32 width;
	u32 error_offset;
} changes[] = {
	{"another magic", AT(header.magic), 1, 4, 0},
	{"another version", AT(header.version), 2, 4, 0},
	{"another size", AT(header.size), 8, 4, 0},
	{"more domains than there is room for", AT(header.domain_count), 9999, 4, 0},
	{"more VMs than domains", AT(header.vm_count), POLICY_DOMAINS + 1, 4, 0},
	{"more automata than there is room for", AT(header.automaton_count), 0x7fffffff, 4, 0},
	{"more rules than there is room for", AT(header.rule_count), U32_MAX, 4, 0},
	{"more commands than there is room for", AT(header.command_count), U32_MAX, 4, 0},
	{"more text than there is room for", AT(header.text_bytes), U32_MAX, 4, 0},
	{"something between the text and the automata", AT(text[31]), 1, 1,
	 AT(text) + sizeof(POLICY_TEXT) - 1},
	{"an automaton elsewhere", AT(places[0].first), 0, 4, AT(places)},
	{"an automaton that is too long", AT(places[0].count), U32_MAX, 4, AT(places)},
	{"an automaton that is none", AT(automaton.header.magic), 0, 4, AT(automaton)},
	{"an automaton with a state that leads nowhere", AT(automaton.states[1].others), 999, 4,
	 AT(automaton.states[1])},
	{"an automaton with sets that are not there", AT(automaton.header.command_count), 4, 4,
	 AT(automaton.header.command_count)},
	{"a VM without a name", DOMAIN(WEB1) + IN_DOMAIN(name.count), 0, 4, DOMAIN(WEB1)},
	{"a name that is too long", DOMAIN(WEB1) + IN_DOMAIN(name.count), 64, 4, DOMAIN(WEB1)},
	{"a name behind the text", DOMAIN(WEB1) + IN_DOMAIN(name.first), 1000, 4, DOMAIN(WEB1)},
	{"VMs that are not in order", DOMAIN(WEB1) + IN_DOMAIN(name.first), 12, 4, DOMAIN(WEB2)},
	{"a VM twice", DOMAIN(WEB2) + IN_DOMAIN(name.first), 0, 4, DOMAIN(WEB2)},
	{"a name with a NUL", AT(text[1]), 0, 1, DOMAIN(WEB1)},
	{"a template with a name", DOMAIN(GUEST) + IN_DOMAIN(name.count), 1, 4, DOMAIN(GUEST)},
	{"a template among the VMs", DOMAIN(WEB2) + IN_DOMAIN(kind), MOOR_ACCESS_GUEST, 4,
	 DOMAIN(WEB2)},
	{"a VM behind the VMs", DOMAIN(GUEST) + IN_DOMAIN(kind), MOOR_ACCESS_VM, 4, DOMAIN(GUEST)},
	{"a kind that is none", DOMAIN(GUEST) + IN_DOMAIN(kind), 9, 4, DOMAIN(GUEST)},
	{"a helper's template", DOMAIN(HELPER) + IN_DOMAIN(kind), MOOR_ACCESS_PROBE, 4,
	 DOMAIN(WEB1)},
	{"a VM that is another's", DOMAIN(WEB1) + IN_DOMAIN(owner), POLICY_WEB2, 4, DOMAIN(WEB1)},
	{"an owner that is not there", DOMAIN(WEB1) + IN_DOMAIN(owner), 99, 4, DOMAIN(WEB1)},
	{"a helper of a helper", DOMAIN(HELPER2) + IN_DOMAIN(owner), POLICY_HELPER, 4,
	 DOMAIN(WEB1)},
	{"a helper that its owner does not know", DOMAIN(WEB1) + IN_DOMAIN(helpers.count), 1, 4,
	 DOMAIN(WEB1)},
	{"helpers that are not there", DOMAIN(WEB2) + IN_DOMAIN(helpers.count), 99, 4,
	 DOMAIN(WEB2)},
	{"another's helpers", DOMAIN(GUEST) + IN_DOMAIN(helpers.count), 1, 4, DOMAIN(GUEST)},
	{"five automata", DOMAIN(WEB1) + IN_DOMAIN(automaton_count), 5, 4, DOMAIN(WEB1)},
	{"an automaton that is not there", DOMAIN(WEB1) + IN_DOMAIN(automata[0]), 1, 4,
	 DOMAIN(WEB1)},
	{"an automaton that does not count", DOMAIN(WEB1) + IN_DOMAIN(automata[2]), 1, 4,
	 DOMAIN(WEB1)},
	{"an automaton with helpers that it has not", DOMAIN(WEB2) + IN_DOMAIN(automaton_count), 1,
	 4, DOMAIN(WEB2)},
	{"rules that are not there", DOMAIN(WEB2) + IN_DOMAIN(rules.first), 99, 4, DOMAIN(WEB2)},
	{"a rule's helper that it has not", DOMAIN(WEB2) + IN_DOMAIN(rules.count), POLICY_RULES, 4,
	 DOMAIN(WEB2)},
	{"an unknown flag", DOMAIN(WEB1) + IN_DOMAIN(flags), 2, 4, DOMAIN(WEB1)},
	{"a class that is none", RULE(CAPABILITY) + IN_RULE(rule_class), MOOR_ACCESS_CLASSES, 1,
	 RULE(CAPABILITY)},
	{"class 0", RULE(CAPABILITY) + IN_RULE(rule_class), 0, 1, RULE(CAPABILITY)},
	{"an effect that is none", RULE(CAPABILITY) + IN_RULE(effect), MOOR_EFFECTS, 1,
	 RULE(CAPABILITY)},
	{"a reserved field", RULE(CAPABILITY) + IN_RULE(reserved), 1, 2, RULE(CAPABILITY)},
	{"no capability", RULE(CAPABILITY) + IN_RULE(mask), 0, 4, RULE(CAPABILITY)},
	{"a capability that is none", RULE(CAPABILITY) + IN_RULE(mask) + 4, 1 << 9, 4,
	 RULE(CAPABILITY)},
	{"a capability with a way", RULE(CAPABILITY) + IN_RULE(way), 1, 1, RULE(CAPABILITY)},
	{"a capability with a peer", RULE(CAPABILITY) + IN_RULE(peer), 2, 1, RULE(CAPABILITY)},
	{"a capability with a port", RULE(CAPABILITY) + IN_RULE(last_port), 1, 2, RULE(CAPABILITY)},
	{"a capability with an address", RULE(CAPABILITY) + IN_RULE(address), 1, 1,
	 RULE(CAPABILITY)},
	{"a capability with a program", RULE(CAPABILITY) + IN_RULE(program.count), 1, 4,
	 RULE(CAPABILITY)},
	{"a capability with commands", RULE(CAPABILITY) + IN_RULE(detail), 1, 4, RULE(CAPABILITY)},
	{"an address with a mask", RULE(TCP) + IN_RULE(mask), 1, 4, RULE(TCP)},
	{"an address of no class", RULE(TCP) + IN_RULE(address_class), 5, 1, RULE(TCP)},
	{"a prefix that is too long", RULE(TCP) + IN_RULE(prefix), 33, 1, RULE(TCP)},
	{"address bits behind the prefix", RULE(TCP) + IN_RULE(address) + 1, 1, 1, RULE(TCP)},
	{"ports the wrong way round", RULE(TCP) + IN_RULE(first_port), 10, 2, RULE(TCP)},
	{"no way", RULE(TCP) + IN_RULE(way), 0, 1, RULE(TCP)},
	{"a way that is none", RULE(TCP) + IN_RULE(way), 3, 1, RULE(TCP)},
	{"no peer", RULE(SIGNAL) + IN_RULE(peer), 0, 1, RULE(SIGNAL)},
	{"a peer that is none", RULE(SIGNAL) + IN_RULE(peer), 5, 1, RULE(SIGNAL)},
	{"signals to a program", RULE(SIGNAL) + IN_RULE(peer), MOOR_PEER_PROGRAM, 1, RULE(SIGNAL)},
	{"a helper without a number", RULE(SIGNAL) + IN_RULE(detail), 0, 4, RULE(SIGNAL)},
	{"a helper that is not there", RULE(SIGNAL) + IN_RULE(detail), 3, 4, DOMAIN(WEB1)},
	{"a number without a helper", RULE(SIGNAL) + IN_RULE(peer), MOOR_PEER_VM, 1, RULE(SIGNAL)},
	{"a program without a path", RULE(PTRACE) + IN_RULE(program.count), 0, 4, RULE(PTRACE)},
	{"a program behind the text", RULE(PTRACE) + IN_RULE(program.first), 99, 4, RULE(PTRACE)},
	{"commands that are not there", AT(sets[2].count), 4, 4, AT(sets[2])},
	{"every command, from one on", AT(sets[1].first), 1, 4, AT(sets[1])},
	{"commands that are not in order", AT(commands[1]), 0xaf00, 4, AT(sets[2])},
};

static struct moor_access *create(const void *bytes, u32 length, u32 *offset)
{
	void *copy = policy_copy(bytes, length);
	struct moor_access *access = moor_access_create(copy, length, offset);

	if (IS_ERR(access))
		kvfree(copy);
	return access;
}

static void refuses_each_change(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(changes); i++) {
		struct policy policy = policy_make();
		struct moor_access *access;
		u32 offset = U32_MAX;

		test_begin("access refuses %s", changes[i].what);
		memcpy((u8 *)&policy + changes[i].offset, &changes[i].value, changes[i].width);
		access = create(&policy, sizeof(policy), &offset);
		CHECK_EQUAL(PTR_ERR(access), -EINVAL);
		CHECK_EQUAL(offset, changes[i].error_offset);
		if (!IS_ERR(access))
			moor_access_free(access);
		test_end();
	}
}

static void refuses_other_lengths(void)
{
	struct policy policy = policy_make();
	u32 length, offset;

	test_begin("access refuses every truncation, excess bytes, and too many of them");
	for (length = 0; length < sizeof(policy); length++) {
		policy.header.size = sizeof(policy);
		CHECK(IS_ERR(create(&policy, length, &offset)));
		policy.header.size = length;
		CHECK(IS_ERR(create(&policy, length, &offset)));
	}
	policy.header.size = sizeof(policy);
	CHECK_EQUAL(PTR_ERR(moor_access_create(&policy, MOOR_ACCESS_BYTES_MAX + 1, &offset)),
		    -E2BIG);
	test_end();
}

/* Each byte set to several values: refused, or asked without harm. */
static void damage(void)
{
	static const u8 masks[] = {0x01, 0x80, 0xff};
	struct policy policy = policy_make();
	u8 *bytes = (u8 *)&policy;
	u32 at, mask, offset, refused = 0;

	test_begin("access survives each changed byte");
	for (at = 0; at < sizeof(policy); at++) {
		for (mask = 0; mask < ARRAY_SIZE(masks); mask++) {
			struct moor_access *access;

			bytes[at] ^= masks[mask];
			access = create(bytes, sizeof(policy), &offset);
			if (IS_ERR(access)) {
				CHECK(offset <= sizeof(policy));
				refused++;
			} else {
				policy_look_up_everything(access);
				moor_access_free(access);
			}
			bytes[at] ^= masks[mask];
		}
	}
	CHECK(refused > sizeof(policy) / 2);
	test_end();
}

static void fails_without_memory(void)
{
	struct policy policy = policy_make();
	size_t fail;

	test_begin("access gives everything back when memory is short");
	for (fail = 2; fail <= 3; fail++) { /* the first is the copy */
		struct moor_access *access;
		u32 offset;

		allocation_reset(fail);
		access = create(&policy, sizeof(policy), &offset);
		CHECK_EQUAL(PTR_ERR(access), -ENOMEM);
		CHECK_EQUAL(allocation_counts().blocks, 0);
	}
	allocation_reset(0);
	test_end();
}

void access_check_tests(void)
{
	refuses_each_change();
	refuses_other_lengths();
	damage();
	fails_without_memory();
}

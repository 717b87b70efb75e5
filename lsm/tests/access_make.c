// SPDX-License-Identifier: GPL-2.0-only
/* See access_make.h. */
#include "access_make.h"
#include "access_network.h"

#include <stdlib.h>

/* Also in the fuzzer, which has no tests. */
#define REQUIRE(condition)                                                                         \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

static struct moor_access_slice text_of(const char *name)
{
	return (struct moor_access_slice){(u32)(strstr(POLICY_TEXT, name) - POLICY_TEXT),
					  (u32)strlen(name)};
}

struct policy policy_make(void)
{
	const struct moor_access_slice helpers = {POLICY_HELPER, 2};
	struct policy policy;

	_Static_assert(sizeof(struct policy) ==
			       offsetof(struct policy, automaton) + sizeof(struct sample),
		       "no room between the parts");
	_Static_assert(offsetof(struct policy, automaton) % 8 == 0, "aligned");
	memset(&policy, 0, sizeof(policy));
	policy.header = (struct moor_access_header){
		.magic = MOOR_ACCESS_MAGIC,
		.version = MOOR_ACCESS_VERSION,
		.size = sizeof(policy),
		.domain_count = POLICY_DOMAINS,
		.vm_count = 2,
		.automaton_count = 1,
		.rule_count = POLICY_RULES,
		.command_set_count = POLICY_SETS,
		.command_count = POLICY_COMMANDS,
		.text_bytes = sizeof(POLICY_TEXT) - 1,
	};
	policy.domains[POLICY_WEB1] = (struct moor_access_domain){
		.name = text_of("web1"),
		.helpers = helpers,
		.rules = {0, POLICY_RULES},
		.automaton_count = 1,
		.owner = POLICY_WEB1,
		.kind = MOOR_ACCESS_VM,
	};
	policy.domains[POLICY_WEB2] = (struct moor_access_domain){
		.name = text_of("web2"),
		.owner = POLICY_WEB2,
		.kind = MOOR_ACCESS_VM,
		.flags = MOOR_ACCESS_LEARNING,
	};
	policy.domains[POLICY_GUEST] = (struct moor_access_domain){
		.owner = POLICY_GUEST,
		.kind = MOOR_ACCESS_GUEST,
	};
	policy.domains[POLICY_HELPER] = (struct moor_access_domain){
		.name = text_of("tpm"),
		.helpers = helpers,
		.owner = POLICY_WEB1,
		.kind = MOOR_ACCESS_HELPER,
	};
	policy.domains[POLICY_HELPER2] = policy.domains[POLICY_HELPER];
	policy.domains[POLICY_HELPER2].name = text_of("swtpm");
	policy.places[0] = (struct moor_access_slice){offsetof(struct policy, automaton),
						      sizeof(policy.automaton)};
	policy.rules[POLICY_CAPABILITY] = (struct moor_access_rule){
		.mask = 1ULL << 23,
		.rule_class = MOOR_ACCESS_CAPABILITY,
	};
	policy.rules[POLICY_TCP] = (struct moor_access_rule){
		.address = {10},
		.address_class = 4,
		.prefix = 8,
		.first_port = 1,
		.last_port = 9,
		.rule_class = MOOR_ACCESS_TCP,
		.way = MOOR_WAY_CONNECT,
	};
	policy.rules[POLICY_SIGNAL] = (struct moor_access_rule){
		.mask = 1ULL << 15,
		.rule_class = MOOR_ACCESS_SIGNAL,
		.effect = MOOR_EFFECT_DENY,
		.peer = MOOR_PEER_HELPER,
		.detail = 2,
	};
	policy.rules[POLICY_PTRACE] = (struct moor_access_rule){
		.mask = MOOR_PTRACE_READ,
		.rule_class = MOOR_ACCESS_PTRACE,
		.peer = MOOR_PEER_PROGRAM,
		.program = text_of("/usr/bin/gdb"),
	};
	policy.sets[0] = (struct moor_access_slice){0, 0};
	policy.sets[1] = (struct moor_access_slice){0, MOOR_COMMANDS_ANY};
	policy.sets[2] = (struct moor_access_slice){1, 3};
	policy.commands[1] = 0xae00;
	policy.commands[2] = 0xae80;
	policy.commands[3] = 0xffffffff;
	memcpy(policy.text, POLICY_TEXT, sizeof(POLICY_TEXT));
	policy.automaton = sample_make();
	return policy;
}

void *policy_copy(const void *bytes, u32 length)
{
	/* One more: nothing is allocated for no bytes. */
	void *copy = kvcalloc(1, (size_t)length + 1, GFP_KERNEL);

	if (copy)
		memcpy(copy, bytes, length);
	return copy;
}

void policy_look_up_everything(const struct moor_access *access)
{
	static const char *const paths[] = {"", "/", "/a", "/run/x", "/b/b/b", "\xff/"};
	u32 domain, i, helper;

	REQUIRE(moor_access_find(access, "") <= access->domain_count ||
		moor_access_find(access, "") == MOOR_ACCESS_NO_DOMAIN);
	moor_access_find(access, "web1");
	for (domain = 0; domain < access->domain_count && domain < 16; domain++) {
		for (helper = 0; helper < 4; helper++)
			REQUIRE(moor_access_helper(access, domain, helper) < access->domain_count ||
				helper > access->domains[domain].helpers.count);
		moor_access_enforces(access, domain);
		for (i = 0; i < MOOR_ACCESS_CLASSES; i++) {
			const struct moor_endpoint endpoint = {
				.address = {10}, .port = 9, .address_class = 4};

			moor_access_judge_network(access, domain, (u8)i, MOOR_WAY_CONNECT,
						  &endpoint);
			moor_access_judge_network(access, domain, (u8)i, 0, &endpoint);
		}
		moor_access_judge_anonymous_command(access, domain, MOOR_ANONYMOUS_KVM_VCPU,
						    0xae80);
		for (i = 0; i <= MOOR_DESCRIPTORS; i++)
			moor_access_judge_descriptor(access, domain, MOOR_WAY_RECEIVE,
						     (enum moor_descriptor)i);
		moor_access_judge_capability(access, domain, 23);
		moor_access_judge_signal(access, domain, 15,
					 (struct moor_access_peer){MOOR_PEER_HELPER, 2});
		for (i = 0; i < ARRAY_SIZE(paths); i++) {
			struct moor_dfa_answer answer = {0};

			moor_access_look(access, domain, MOOR_DFA_ROOT_PATH, paths[i],
					 (u32)strlen(paths[i]), &answer);
			REQUIRE(answer.command_count <= MOOR_DFA_PER_DOMAIN);
			moor_access_commands(access, &answer, 0xae80);
			REQUIRE(moor_access_helper(access, domain, answer.helper) <
				access->domain_count);
		}
	}
}

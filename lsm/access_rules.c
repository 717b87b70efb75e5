// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an access policy's rules say of what has no path, see access.h; and of ioctl
 * commands, with a path or without.
 */
#include "access_packed.h"

/* Commands that every open file takes: about the descriptor itself, or what can be read from it. */
static bool is_generic(u32 command)
{
	switch (command) {
	case 0x5450: /* FIONCLEX */
	case 0x5451: /* FIOCLEX */
	case 0x5421: /* FIONBIO */
	case 0x5452: /* FIOASYNC */
	case 0x541b: /* FIONREAD */
	case 0x5460: /* FIOQSIZE */
	case 0x0002: /* FIGETBSZ */
	case 0x5401: /* TCGETS, which programs ask by whether this is a terminal */
	case 0x5413: /* TIOCGWINSZ */
		return true;
	default:
		return false;
	}
}

/**
 * moor_command_is_harmless - may every domain send this ioctl command?
 * @command: as the ioctl has it
 * @is_device: to a device, and not to a file, a folder, a pipe, a socket or what has no path
 *
 * Those of block devices, SCSI, CD drives and terminals do nothing to what is none of these:
 * programs send them to find out what they have.
 */
bool moor_command_is_harmless(u32 command, bool is_device)
{
	u32 type = command >> 8 & 0xff;

	if (is_generic(command))
		return true;
	return !is_device && (type == 0x12 || type == 0x22 || type == 0x53 || type == 0x54);
}

/**
 * moor_anonymous_kind - the kind of a file without a path
 * @name: that the kernel has given it; need not end with a NUL
 * @length: of @name
 *
 * Return: MOOR_ANONYMOUS_KINDS for one that policies have no word for.
 */
enum moor_anonymous moor_anonymous_kind(const char *name, u32 length)
{
	static const struct {
		const char *name;
		bool goes_on; /* behind it stands anything: a number, a name of user space's */
	} kinds[MOOR_ANONYMOUS_KINDS] = {
		[MOOR_ANONYMOUS_KVM_VM] = {"kvm-vm", false},
		[MOOR_ANONYMOUS_KVM_VCPU] = {MOOR_PROCESSOR_NAME, true},
		[MOOR_ANONYMOUS_EVENTFD] = {"[eventfd]", false},
		[MOOR_ANONYMOUS_IO_URING] = {"[io_uring]", false},
		[MOOR_ANONYMOUS_USERFAULTFD] = {"[userfaultfd]", false},
		[MOOR_ANONYMOUS_MEMFD] = {"memfd:", true},
		[MOOR_ANONYMOUS_VFIO] = {"[vfio-device]", false},
		[MOOR_ANONYMOUS_IOMMUFD] = {"[iommufd", true},
	};
	u32 kind;

	for (kind = 0; kind < MOOR_ANONYMOUS_KINDS; kind++) {
		u32 own = (u32)strlen(kinds[kind].name);

		if ((kinds[kind].goes_on ? length >= own : length == own) &&
		    !memcmp(name, kinds[kind].name, own))
			break;
	}
	return kind;
}

static bool set_has(const struct moor_access *access, u32 set, u32 command)
{
	const struct moor_access_slice *slice = &access->command_sets[set - 1];
	u32 first = slice->first, end = slice->first + slice->count;

	if (slice->count == MOOR_COMMANDS_ANY)
		return true;
	while (first < end) {
		u32 middle = first + (end - first) / 2;

		if (access->commands[middle] == command)
			return true;
		if (access->commands[middle] > command)
			end = middle;
		else
			first = middle + 1;
	}
	return false;
}

/**
 * moor_access_commands - does a rule about the path allow this ioctl command?
 * @access: the policy that answered
 * @answer: of the path
 * @command: as the ioctl has it
 */
bool moor_access_commands(const struct moor_access *access, const struct moor_dfa_answer *answer,
			  u32 command)
{
	u32 i;

	for (i = 0; i < answer->command_count; i++)
		if (set_has(access, answer->commands[i], command))
			return true;
	return false;
}

/**
 * moor_access_judge_command - may a domain send this ioctl command to what has a path?
 * @access: the policy that answered
 * @domain: that was asked about
 * @answer: what its rules say of the path
 * @command: as the ioctl has it
 *
 * A quiet denial of the device keeps its commands quiet as well. Here and below @missing and
 * @recorded of what is found are 1 or 0.
 *
 * Context: any.
 */
struct moor_access_finding moor_access_judge_command(const struct moor_access *access, u32 domain,
						     const struct moor_dfa_answer *answer,
						     u32 command)
{
	const u32 device = MOOR_PERM_DEVICE_READ | MOOR_PERM_DEVICE_WRITE;

	return (struct moor_access_finding){
		.missing = !moor_access_commands(access, answer, command),
		.quiet = (answer->quiet & device) && !(answer->deny & device),
		.enforced = moor_access_enforces(access, domain),
	};
}

/* What is asked of the rules about what has no path. */
struct question {
	enum moor_access_class rule_class;
	/* Bits of the mask, one of which allows, or denies; of a class without a mask both are 0.
	 */
	u64 allowed_by, denied_by;
	bool has_command;
	u32 command;
	u8 way;
	struct moor_access_peer peer;
	const char *program; /* of MOOR_PEER_PROGRAM */
	u32 program_length;
};

/* No rule has such a bit, as none has one above the mask. */
static u64 bit_of(u32 bit)
{
	return bit < 64 ? 1ULL << bit : 0;
}

static bool has_mask(enum moor_access_class rule_class)
{
	return rule_class != MOOR_ACCESS_MEMORY && rule_class != MOOR_ACCESS_TERMINAL;
}

static bool is_about_peer(const struct moor_access *access, const struct moor_access_rule *rule,
			  const struct question *question)
{
	if (rule->peer != question->peer.kind)
		return false;
	if (rule->peer == MOOR_PEER_HELPER)
		return rule->detail == question->peer.helper;
	return rule->peer != MOOR_PEER_PROGRAM ||
	       (rule->program.count == question->program_length &&
		!memcmp(access->text + rule->program.first, question->program,
			question->program_length));
}

static bool rule_decides(const struct moor_access *access, const struct moor_access_rule *rule,
			 const struct question *question)
{
	bool denies = rule->effect == MOOR_EFFECT_DENY || rule->effect == MOOR_EFFECT_QUIET;

	if (rule->rule_class != question->rule_class)
		return false;
	if (has_mask(question->rule_class) &&
	    !(rule->mask & (denies ? question->denied_by : question->allowed_by)))
		return false;
	/* A denial names no commands: it is about all of them. */
	if (question->has_command && !denies &&
	    !(rule->detail && set_has(access, rule->detail, question->command)))
		return false;
	if (question->rule_class == MOOR_ACCESS_DESCRIPTOR)
		return rule->way == question->way;
	if (question->rule_class != MOOR_ACCESS_SIGNAL &&
	    question->rule_class != MOOR_ACCESS_PTRACE)
		return true;
	return is_about_peer(access, rule, question);
}

static struct moor_access_finding ask(const struct moor_access *access, u32 domain,
				      const struct question *question)
{
	struct moor_access_finding finding;
	bool has[MOOR_EFFECTS] = {false};
	u32 i;

	if (domain < access->domain_count) {
		const struct moor_access_slice *rules = &access->domains[domain].rules;

		for (i = rules->first; i < rules->first + rules->count; i++)
			if (rule_decides(access, &access->rules[i], question))
				has[access->rules[i].effect] = true;
	}
	finding = moor_access_found(has);
	finding.enforced = moor_access_enforces(access, domain);
	return finding;
}

/**
 * moor_access_judge_anonymous - may a domain have files of this kind, which have no path?
 * @access: the policy
 * @domain: from moor_access_find()
 * @kind: which kind
 *
 * Context: any.
 */
struct moor_access_finding moor_access_judge_anonymous(const struct moor_access *access, u32 domain,
						       enum moor_anonymous kind)
{
	const struct question question = {
		.rule_class = MOOR_ACCESS_ANONYMOUS,
		.allowed_by = bit_of(kind),
		.denied_by = bit_of(kind),
	};

	return ask(access, domain, &question);
}

/**
 * moor_access_judge_anonymous_command - may a domain send this ioctl command to such a file?
 * @access: the policy
 * @domain: from moor_access_find()
 * @kind: of the file; MOOR_ANONYMOUS_KINDS: none that a rule could name
 * @command: as the ioctl has it
 *
 * Context: any.
 */
struct moor_access_finding moor_access_judge_anonymous_command(const struct moor_access *access,
							       u32 domain, enum moor_anonymous kind,
							       u32 command)
{
	const struct question question = {
		.rule_class = MOOR_ACCESS_ANONYMOUS,
		.allowed_by = bit_of(kind),
		.denied_by = bit_of(kind),
		.has_command = true,
		.command = command,
	};

	return ask(access, domain, &question);
}

/**
 * moor_access_judge_capability - may a domain use this capability?
 * @access: the policy
 * @domain: from moor_access_find()
 * @capability: its number
 *
 * Context: any.
 */
struct moor_access_finding moor_access_judge_capability(const struct moor_access *access,
							u32 domain, u32 capability)
{
	const struct question question = {
		.rule_class = MOOR_ACCESS_CAPABILITY,
		.allowed_by = bit_of(capability),
		.denied_by = bit_of(capability),
	};

	return ask(access, domain, &question);
}

/**
 * moor_access_judge_signal - may a domain send this signal?
 * @access: the policy
 * @domain: from moor_access_find()
 * @signal: its number; 0: it only asks whether the process is there
 * @peer: to whom; MOOR_PEER_NONE: to nobody that a rule could name
 *
 * Context: any.
 */
struct moor_access_finding moor_access_judge_signal(const struct moor_access *access, u32 domain,
						    u32 signal, struct moor_access_peer peer)
{
	const struct question question = {
		.rule_class = MOOR_ACCESS_SIGNAL,
		.allowed_by = bit_of(signal),
		.denied_by = bit_of(signal),
		.peer = peer,
	};

	return ask(access, domain, &question);
}

/**
 * moor_access_judge_trace - may this process look into that one?
 * @access: the policy
 * @domain: whose rules are asked: of who looks, or, when that is in none, of whom it looks into
 * @attach: it would also change it; who may, may look
 * @peer: the other one; MOOR_PEER_NONE: nobody that a rule could name
 * @program: of MOOR_PEER_PROGRAM its path, as the kernel builds it; need not end with a NUL
 * @length: of @program
 *
 * Context: any.
 */
struct moor_access_finding moor_access_judge_trace(const struct moor_access *access, u32 domain,
						   bool attach, struct moor_access_peer peer,
						   const char *program, u32 length)
{
	const u64 both = MOOR_PTRACE_READ | MOOR_PTRACE_ATTACH;
	const struct question question = {
		.rule_class = MOOR_ACCESS_PTRACE,
		.allowed_by = attach ? MOOR_PTRACE_ATTACH : both,
		.denied_by = attach ? both : MOOR_PTRACE_READ,
		.peer = peer,
		.program = program,
		.program_length = length,
	};

	return ask(access, domain, &question);
}

/**
 * moor_access_judge_descriptor - may a descriptor of this kind come into a domain?
 * @access: the policy
 * @domain: from moor_access_find()
 * @way: MOOR_WAY_INHERIT or MOOR_WAY_RECEIVE
 * @kind: of descriptor; MOOR_DESCRIPTORS: none that a rule could name
 *
 * Context: any.
 */
struct moor_access_finding moor_access_judge_descriptor(const struct moor_access *access,
							u32 domain, u8 way,
							enum moor_descriptor kind)
{
	const struct question question = {
		.rule_class = MOOR_ACCESS_DESCRIPTOR,
		.allowed_by = bit_of(kind),
		.denied_by = bit_of(kind),
		.way = way,
	};

	return ask(access, domain, &question);
}

/**
 * moor_access_judge_memory - may a domain have executable memory without a file behind it?
 * @access: the policy
 * @domain: from moor_access_find()
 *
 * Context: any.
 */
struct moor_access_finding moor_access_judge_memory(const struct moor_access *access, u32 domain)
{
	const struct question question = {.rule_class = MOOR_ACCESS_MEMORY};

	return ask(access, domain, &question);
}

/**
 * moor_access_judge_unnamed - what policies have no word for: no rule allows it
 * @access: the policy
 * @domain: from moor_access_find()
 *
 * Context: any.
 */
struct moor_access_finding moor_access_judge_unnamed(const struct moor_access *access, u32 domain)
{
	return (struct moor_access_finding){
		.missing = 1,
		.enforced = moor_access_enforces(access, domain),
	};
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packed access policies, checked: every index is in its bounds, every number one
 * that has a meaning, and what has no meaning is zero. Linear in the bytes.
 */
#include "access_packed.h"

#define CAPABILITIES 41 /* up to CAP_CHECKPOINT_RESTORE */
#define SIGNALS	     32 /* real-time signals have no names in policies */

/* Where the sections begin. */
struct layout {
	u64 domains;
	u64 automata; /* where each of them stands */
	u64 rules;
	u64 command_sets;
	u64 commands;
	u64 text;
	u64 end; /* of the text; the automata themselves follow, aligned */
};

/* A check under way. */
struct check {
	const u8 *bytes;
	const struct moor_access_header *header;
	struct layout at;
	struct moor_access *access;
	const struct moor_access_slice *places;
};

static struct layout lay_out(const struct moor_access_header *header)
{
	struct layout at;

	at.domains = sizeof(*header);
	at.automata = at.domains + (u64)header->domain_count * sizeof(struct moor_access_domain);
	at.rules = at.automata + (u64)header->automaton_count * sizeof(struct moor_access_slice);
	at.command_sets = at.rules + (u64)header->rule_count * sizeof(struct moor_access_rule);
	at.commands =
		at.command_sets + (u64)header->command_set_count * sizeof(struct moor_access_slice);
	at.text = at.commands + (u64)header->command_count * sizeof(u32);
	at.end = at.text + header->text_bytes;
	return at;
}

/**
 * moor_access_check_header - is there room for what the header speaks of?
 * @bytes: packed
 * @length: of all of them
 *
 * Return: 0, -E2BIG, or -EINVAL when it is no header of such bytes.
 */
int moor_access_check_header(const void *bytes, u32 length)
{
	const struct moor_access_header *header = bytes;

	if (length > MOOR_ACCESS_BYTES_MAX)
		return -E2BIG;
	if ((unsigned long)bytes % __alignof__(u64) || length < sizeof(*header))
		return -EINVAL;
	if (header->magic != MOOR_ACCESS_MAGIC || header->version != MOOR_ACCESS_VERSION ||
	    header->size != length || ALIGN(lay_out(header).end, 8) > length)
		return -EINVAL;
	if (header->domain_count > MOOR_ACCESS_DOMAINS_MAX)
		return -E2BIG;
	return header->vm_count <= header->domain_count ? 0 : -EINVAL;
}

static bool slice_within(const struct moor_access_slice *slice, u32 count)
{
	return slice->first <= count && slice->count <= count - slice->first;
}

/* Automata stand one behind the other, up to the end of all bytes. */
static u64 check_automata(const struct check *check)
{
	u64 next = ALIGN(check->at.end, 8);
	u32 i;

	if (!moor_is_zero(check->bytes + check->at.end, (size_t)(next - check->at.end)))
		return check->at.end;
	for (i = 0; i < check->header->automaton_count; i++) {
		const struct moor_access_slice *place = &check->places[i];
		struct moor_dfa *automaton = &check->access->automata[i];
		u32 error_offset;

		if (place->first != next || place->count > check->header->size - next)
			return check->at.automata + (u64)i * sizeof(*place);
		if (moor_dfa_open(automaton, check->bytes + next, place->count, &error_offset))
			return next + error_offset;
		if (automaton->command_count > check->header->command_set_count)
			return next + offsetof(struct moor_dfa_header, command_count);
		next += place->count;
	}
	return next;
}

static bool name_is_valid(const struct check *check, u32 index)
{
	const struct moor_access_domain *domain = &check->access->domains[index];
	const char *text = check->access->text;
	const struct moor_access_slice *before;
	int order;

	if (!slice_within(&domain->name, check->header->text_bytes))
		return false;
	if (domain->kind == MOOR_ACCESS_GUEST || domain->kind == MOOR_ACCESS_PROBE)
		return !domain->name.count;
	if (!domain->name.count || domain->name.count > MOOR_VM_NAME_MAX ||
	    memchr(text + domain->name.first, 0, domain->name.count))
		return false;
	if (!index || index >= check->header->vm_count)
		return true;
	before = &check->access->domains[index - 1].name;
	order = memcmp(text + before->first, text + domain->name.first,
		       before->count < domain->name.count ? before->count : domain->name.count);
	return order < 0 || (!order && before->count < domain->name.count);
}

/* Helpers know whose they are, and those know their helpers. */
static bool family_is_valid(const struct check *check, u32 index)
{
	const struct moor_access_domain *domains = check->access->domains;
	const struct moor_access_domain *domain = &domains[index], *owner;
	u32 i;

	if (!slice_within(&domain->helpers, check->header->domain_count) ||
	    domain->owner >= check->header->domain_count)
		return false;
	owner = &domains[domain->owner];
	if (domain->kind == MOOR_ACCESS_HELPER)
		return owner->kind != MOOR_ACCESS_HELPER &&
		       domain->helpers.first == owner->helpers.first &&
		       domain->helpers.count == owner->helpers.count &&
		       index - owner->helpers.first < owner->helpers.count;
	if (domain->owner != index)
		return false;
	for (i = 0; i < domain->helpers.count; i++) {
		const struct moor_access_domain *helper = &domains[domain->helpers.first + i];

		if (helper->kind != MOOR_ACCESS_HELPER || helper->owner != index)
			return false;
	}
	return true;
}

static bool automata_are_valid(const struct check *check, const struct moor_access_domain *domain)
{
	u32 i;

	if (domain->automaton_count > MOOR_ACCESS_AUTOMATA)
		return false;
	for (i = 0; i < MOOR_ACCESS_AUTOMATA; i++) {
		u32 number = domain->automata[i];

		if (i >= domain->automaton_count ? number != 0
						 : number >= check->header->automaton_count)
			return false;
		if (i < domain->automaton_count &&
		    check->access->automata[number].helper_count > domain->helpers.count)
			return false;
	}
	return true;
}

/* VMs first, then each template at most once, and helpers. */
static bool kind_is_valid(const struct check *check, u32 index)
{
	struct moor_access *access = check->access;
	u32 kind = access->domains[index].kind;

	if (index < check->header->vm_count)
		return kind == MOOR_ACCESS_VM;
	if (kind == MOOR_ACCESS_HELPER)
		return true;
	if (kind == MOOR_ACCESS_GUEST && access->guest == check->header->domain_count) {
		access->guest = index;
		return true;
	}
	if (kind == MOOR_ACCESS_PROBE && access->probe == check->header->domain_count) {
		access->probe = index;
		return true;
	}
	return false;
}

static bool domain_is_valid(const struct check *check, u32 index)
{
	const struct moor_access_domain *domain = &check->access->domains[index];

	return kind_is_valid(check, index) && name_is_valid(check, index) &&
	       family_is_valid(check, index) && automata_are_valid(check, domain) &&
	       slice_within(&domain->rules, check->header->rule_count) &&
	       domain->rules.count <= MOOR_ACCESS_RULES_MAX &&
	       !(domain->flags & ~MOOR_ACCESS_FLAGS);
}

static u64 mask_of(u32 bits)
{
	return bits ? ~0ULL >> (64 - bits) : 0;
}

/* What the classes use of a rule; a rule has nothing else. */
static const struct {
	u8 mask_bits;
	bool address, way, peer, commands;
} classes[MOOR_ACCESS_CLASSES] = {
	[MOOR_ACCESS_ANONYMOUS] = {.mask_bits = MOOR_ANONYMOUS_KINDS, .commands = true},
	[MOOR_ACCESS_CAPABILITY] = {.mask_bits = CAPABILITIES},
	[MOOR_ACCESS_TCP] = {.address = true, .way = true},
	[MOOR_ACCESS_UDP] = {.address = true, .way = true},
	[MOOR_ACCESS_SIGNAL] = {.mask_bits = SIGNALS, .peer = true},
	[MOOR_ACCESS_PTRACE] = {.mask_bits = 2, .peer = true},
	[MOOR_ACCESS_DESCRIPTOR] = {.mask_bits = MOOR_DESCRIPTORS, .way = true},
};

static bool address_is_valid(const struct moor_access_rule *rule)
{
	u32 bits, i;

	switch (rule->address_class) {
	case 0:
		bits = 0;
		break;
	case 4:
		bits = 32;
		break;
	case 6:
		bits = 128;
		break;
	default:
		return false;
	}
	if (rule->prefix > bits || rule->first_port > rule->last_port)
		return false;
	for (i = rule->prefix; i < 128; i++)
		if (rule->address[i / 8] & (0x80 >> (i % 8)))
			return false;
	return true;
}

static bool peer_is_valid(const struct check *check, const struct moor_access_rule *rule)
{
	if (rule->peer < MOOR_PEER_HELPER || rule->peer > MOOR_PEER_PROGRAM)
		return false;
	if ((rule->peer == MOOR_PEER_HELPER) != (rule->detail != 0))
		return false;
	if (rule->peer != MOOR_PEER_PROGRAM)
		return !rule->program.first && !rule->program.count;
	return rule->rule_class == MOOR_ACCESS_PTRACE && rule->program.count &&
	       slice_within(&rule->program, check->header->text_bytes);
}

static bool rule_is_valid(const struct check *check, const struct moor_access_rule *rule)
{
	u32 class = rule->rule_class;

	if (!class || class >= MOOR_ACCESS_CLASSES || rule->effect >= MOOR_EFFECTS ||
	    rule->reserved || (rule->mask & ~mask_of(classes[class].mask_bits)))
		return false;
	if (classes[class].mask_bits && !rule->mask)
		return false;
	if (classes[class].way ? rule->way < MOOR_WAY_LISTEN || rule->way > MOOR_WAY_CONNECT
			       : rule->way != 0)
		return false;
	if (classes[class].address
		    ? !address_is_valid(rule)
		    : rule->address_class || rule->prefix || rule->first_port || rule->last_port ||
			      !moor_is_zero(rule->address, sizeof(rule->address)))
		return false;
	if (classes[class].peer)
		return peer_is_valid(check, rule);
	if (rule->peer || rule->program.first || rule->program.count)
		return false;
	return rule->detail <= (classes[class].commands ? check->header->command_set_count : 0);
}

/* A rule's helper is one of the domain that has the rule. */
static bool helpers_are_valid(const struct check *check, const struct moor_access_domain *domain)
{
	u32 i;

	for (i = 0; i < domain->rules.count; i++) {
		const struct moor_access_rule *rule =
			&check->access->rules[domain->rules.first + i];

		if (rule->peer == MOOR_PEER_HELPER && rule->detail > domain->helpers.count)
			return false;
	}
	return true;
}

static bool set_is_valid(const struct check *check, const struct moor_access_slice *set)
{
	u32 i;

	if (set->count == MOOR_COMMANDS_ANY)
		return !set->first;
	if (!slice_within(set, check->header->command_count))
		return false;
	for (i = 1; i < set->count; i++)
		if (check->access->commands[set->first + i - 1] >=
		    check->access->commands[set->first + i])
			return false;
	return true;
}

/* Offset of the first thing that is wrong; the size when nothing is. */
static u64 check_all(const struct check *check)
{
	const struct moor_access *access = check->access;
	u64 end = check_automata(check);
	u32 i;

	if (end != check->header->size)
		return end;
	for (i = 0; i < check->header->rule_count; i++)
		if (!rule_is_valid(check, &access->rules[i]))
			return check->at.rules + (u64)i * sizeof(*access->rules);
	for (i = 0; i < check->header->command_set_count; i++)
		if (!set_is_valid(check, &access->command_sets[i]))
			return check->at.command_sets + (u64)i * sizeof(*access->command_sets);
	for (i = 0; i < check->header->domain_count; i++)
		if (!domain_is_valid(check, i) || !helpers_are_valid(check, &access->domains[i]))
			return check->at.domains + (u64)i * sizeof(*access->domains);
	return check->header->size;
}

/**
 * moor_access_check - check what the header speaks of, and note where it stands
 * @access: to be filled; its automata have room
 * @bytes: that passed moor_access_check_header()
 * @error_offset: out
 *
 * Return: 0 or -EINVAL.
 */
int moor_access_check(struct moor_access *access, const void *bytes, u32 *error_offset)
{
	const struct moor_access_header *header = bytes;
	struct check check = {
		.bytes = bytes,
		.header = header,
		.at = lay_out(header),
		.access = access,
	};
	u64 end;

	check.places = (const void *)(check.bytes + check.at.automata);
	access->domains = (const void *)(check.bytes + check.at.domains);
	access->rules = (const void *)(check.bytes + check.at.rules);
	access->command_sets = (const void *)(check.bytes + check.at.command_sets);
	access->commands = (const void *)(check.bytes + check.at.commands);
	access->text = (const char *)(check.bytes + check.at.text);
	access->domain_count = header->domain_count;
	access->vm_count = header->vm_count;
	access->guest = access->probe = header->domain_count;
	end = check_all(&check);
	if (end == header->size)
		return 0;
	*error_offset = (u32)end;
	return -EINVAL;
}

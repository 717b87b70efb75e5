// SPDX-License-Identifier: GPL-2.0-only
/*
 * An access policy that is looked up, see access.h. What comes from user space is
 * checked in access_check.c; no index in it leads outside.
 */
#include "access_packed.h"

/**
 * moor_access_create - check packed bytes and make them an access policy
 * @bytes: 8-byte aligned, from kvmalloc(); the policy owns them when this succeeds
 * @length: of all of them
 * @error_offset: out: with -EINVAL, where the first thing stands that is wrong
 *
 * Return: the policy; ERR_PTR(-E2BIG) for more than MOOR_ACCESS_BYTES_MAX bytes or
 * MOOR_ACCESS_DOMAINS_MAX domains, -EINVAL for what is no access policy, -ENOMEM.
 *
 * Context: process, may sleep to allocate.
 */
struct moor_access *moor_access_create(void *bytes, u32 length, u32 *error_offset)
{
	const struct moor_access_header *header = bytes;
	struct moor_access *access;
	int err;

	*error_offset = 0;
	err = moor_access_check_header(bytes, length);
	if (err)
		return ERR_PTR(err);
	access = kzalloc(sizeof(*access), GFP_KERNEL_ACCOUNT);
	if (!access)
		return ERR_PTR(-ENOMEM);
	/* One more than needed: no allocation of nothing for a policy without rules. */
	access->automata = kvcalloc((size_t)header->automaton_count + 1, sizeof(*access->automata),
				    GFP_KERNEL_ACCOUNT);
	err = access->automata ? moor_access_check(access, bytes, error_offset) : -ENOMEM;
	if (err) {
		moor_access_free(access);
		return ERR_PTR(err);
	}
	access->bytes = bytes;
	access->length = length;
	return access;
}

/* Accepts NULL. */
void moor_access_free(struct moor_access *access)
{
	if (!access)
		return;
	kvfree(access->automata);
	kvfree(access->bytes);
	kfree(access);
}

static int compare_name(const struct moor_access *access, u32 domain, const char *name, u32 length)
{
	const struct moor_access_slice *own = &access->domains[domain].name;
	u32 common = length < own->count ? length : own->count;
	int order = memcmp(name, access->text + own->first, common);

	return order ?: (int)length - (int)own->count;
}

/**
 * moor_access_find - the domain of a VM
 * @access: the policy
 * @vm: its name; "" for a start without one
 *
 * Return: its own, else the template's; MOOR_ACCESS_NO_DOMAIN when there is neither.
 *
 * Context: any; no allocation, no sleep, no lock.
 */
u32 moor_access_find(const struct moor_access *access, const char *vm)
{
	u32 length = (u32)strlen(vm), first = 0, end = access->vm_count;
	u32 fallback = length ? access->guest : access->probe;

	while (first < end) {
		u32 middle = first + (end - first) / 2;
		int order = compare_name(access, middle, vm, length);

		if (!order)
			return middle;
		if (order < 0)
			end = middle;
		else
			first = middle + 1;
	}
	return fallback < access->domain_count ? fallback : MOOR_ACCESS_NO_DOMAIN;
}

/**
 * moor_access_helper - the child domain that a program runs in
 * @access: the policy
 * @domain: that the program is executed in
 * @helper: from an answer; 0: it stays
 *
 * Return: a domain; MOOR_ACCESS_NO_DOMAIN for a helper that the policy has not, as when it
 * took the place of one that had it while the helper ran.
 */
u32 moor_access_helper(const struct moor_access *access, u32 domain, u32 helper)
{
	if (!helper || domain >= access->domain_count)
		return domain;
	if (helper > access->domains[domain].helpers.count)
		return MOOR_ACCESS_NO_DOMAIN;
	return access->domains[domain].helpers.first + helper - 1;
}

/* Is what no rule of this domain allows denied, and not only recorded? */
bool moor_access_enforces(const struct moor_access *access, u32 domain)
{
	if (domain >= access->domain_count)
		return access->enforcing;
	return access->enforcing && !(access->domains[domain].flags & MOOR_ACCESS_LEARNING);
}

/**
 * moor_access_enforces_alike - is the same domain held to its rules by another policy?
 * @access: the other policy
 * @from: the policy that has @domain
 * @domain: of a VM, a template or a helper
 *
 * A domain that the other policy has not is that of the VMs without one there.
 */
bool moor_access_enforces_alike(const struct moor_access *access, const struct moor_access *from,
				u32 domain)
{
	const struct moor_access_domain *owner = &from->domains[from->domains[domain].owner];
	char vm[MOOR_VM_NAME_MAX + 1] = "";

	if (owner->kind == MOOR_ACCESS_GUEST)
		return moor_access_enforces(access, access->guest);
	memcpy(vm, from->text + owner->name.first, owner->name.count);
	return moor_access_enforces(access, moor_access_find(access, vm));
}

/**
 * moor_access_look - what a domain's rules say of a path
 * @access: the policy
 * @domain: from moor_access_find()
 * @root: where the path begins
 * @path: what follows the root, as the kernel builds it; need not end with a NUL
 * @length: of @path
 * @answer: zero at first; what a second look says is added up
 *
 * Context: any; no allocation, no sleep, no lock. At most four steps a byte.
 */
void moor_access_look(const struct moor_access *access, u32 domain, enum moor_dfa_root root,
		      const char *path, u32 length, struct moor_dfa_answer *answer)
{
	const struct moor_access_domain *rules;
	u32 i;

	if (domain >= access->domain_count)
		return;
	rules = &access->domains[domain];
	for (i = 0; i < rules->automaton_count; i++)
		moor_dfa_look(&access->automata[rules->automata[i]], root, path, length, answer);
}

/* What a VM may do with the temporary files that it made itself. */
#define OF_TEMPORARY                                                                               \
	(MOOR_PERM_READ | MOOR_PERM_WRITE | MOOR_PERM_APPEND | MOOR_PERM_CREATE |                  \
	 MOOR_PERM_DELETE | MOOR_PERM_LOCK | MOOR_PERM_TRUNCATE)

static u32 with_temporary(u32 permissions)
{
	return permissions & MOOR_PERM_TEMPORARY ? permissions | OF_TEMPORARY : permissions;
}

/**
 * moor_access_add_temporary - what is asked about is the VM's own, or is being made by it
 * @answer: of a look at its path: what rules say of such files counts from here on
 */
void moor_access_add_temporary(struct moor_dfa_answer *answer)
{
	answer->allow = with_temporary(answer->allow);
	answer->audit = with_temporary(answer->audit);
}

/* Who may write may cut, and add at the end; what may be executed is mapped for that. */
static u32 implied(u32 permissions)
{
	if (permissions & MOOR_PERM_WRITE)
		permissions |= MOOR_PERM_APPEND | MOOR_PERM_TRUNCATE;
	if (permissions & MOOR_PERM_EXEC)
		permissions |= MOOR_PERM_MAP;
	return permissions;
}

/**
 * moor_access_denied - all that rules deny of a path, with what that includes
 * @answer: what they say of it
 */
u32 moor_access_denied(const struct moor_dfa_answer *answer)
{
	return implied(answer->deny | answer->quiet);
}

/**
 * moor_access_judge - what an answer means for something that is to be done
 * @access: the policy that answered
 * @domain: that was asked about
 * @answer: what its rules say of the path; zero for what has no path
 * @need: MOOR_PERM_* bits, all of which are needed
 *
 * Context: any.
 */
struct moor_access_finding moor_access_judge(const struct moor_access *access, u32 domain,
					     const struct moor_dfa_answer *answer, u32 need)
{
	struct moor_access_finding finding = {
		.granted = implied(answer->allow) & ~implied(answer->deny | answer->quiet),
		.helper = answer->helper,
		.enforced = moor_access_enforces(access, domain),
	};

	finding.missing = need & ~finding.granted;
	finding.recorded = need & finding.granted & implied(answer->audit);
	finding.quiet = finding.missing && !(finding.missing & ~implied(answer->quiet)) &&
			!(finding.missing & implied(answer->deny));
	return finding;
}

/**
 * moor_access_found - what the effects of all rules about something come to
 * @has: which effects they have
 *
 * Of what is found, @missing and @recorded are 1; the rest is the caller's to set.
 */
struct moor_access_finding moor_access_found(const bool has[MOOR_EFFECTS])
{
	bool denied = has[MOOR_EFFECT_DENY] || has[MOOR_EFFECT_QUIET];
	bool allowed = !denied && (has[MOOR_EFFECT_ALLOW] || has[MOOR_EFFECT_AUDIT]);

	return (struct moor_access_finding){
		.missing = !allowed,
		.recorded = allowed && has[MOOR_EFFECT_AUDIT],
		.quiet = has[MOOR_EFFECT_QUIET] && !has[MOOR_EFFECT_DENY],
	};
}

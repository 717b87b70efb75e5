/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An access policy: what each VM may do. Packed by user space (struct
 * moor_access_header), checked whole, never changed after.
 */
#ifndef MOOR_ACCESS_H
#define MOOR_ACCESS_H

#include "dfa.h"
#include "portable.h"

/**
 * struct moor_access - an access policy that was checked
 * @version: the person's number
 * @generation: 0 while it is not sealed
 * @enforcing: what is not allowed is denied; else it is recorded only
 * @digest: SHA-256 of the packed bytes
 * @name: for people
 * @length: of the packed bytes
 * @domain_count: VMs, templates and helpers
 *
 * The first five are the caller's to set.
 */
struct moor_access {
	u64 version;
	u64 generation;
	bool enforcing;
	u8 digest[32];
	char name[MOOR_POLICY_NAME_MAX + 1];
	u32 length;
	u32 domain_count;
	/* private: */
	void *bytes;
	const struct moor_access_domain *domains;
	const struct moor_access_rule *rules;
	const struct moor_access_slice *command_sets;
	const u32 *commands;
	const char *text;
	struct moor_dfa *automata;
	u32 vm_count;
	u32 guest; /* domain for VMs without one, or domain_count */
	u32 probe; /* likewise, for starts without a VM */
};

/**
 * struct moor_access_finding - what the rules say of something that is to be done
 * @granted: all that they grant on the path, MOOR_PERM_*
 * @missing: of what is needed, what they do not grant
 * @recorded: of what is needed, what is to be recorded although it is granted
 * @helper: of a program: the child domain that it runs in, 0: it stays
 * @quiet: all that is missing is denied quietly
 * @enforced: what is missing is to be denied, and not only recorded
 */
struct moor_access_finding {
	u32 granted;
	u32 missing;
	u32 recorded;
	u32 helper;
	bool quiet;
	bool enforced;
};

/* In place of a domain: everything is denied. */
#define MOOR_ACCESS_NO_DOMAIN U32_MAX

/**
 * struct moor_access_peer - the other end of a signal, or of tracing
 * @kind: enum moor_peer
 * @helper: its number, when it is one
 */
struct moor_access_peer {
	enum moor_peer kind;
	u32 helper;
};

/* access.c, and access_check.c behind it */
struct moor_access *moor_access_create(void *bytes, u32 length, u32 *error_offset);
void moor_access_free(struct moor_access *access);
u32 moor_access_find(const struct moor_access *access, const char *vm);
u32 moor_access_helper(const struct moor_access *access, u32 domain, u32 helper);
bool moor_access_enforces(const struct moor_access *access, u32 domain);
bool moor_access_enforces_alike(const struct moor_access *access, const struct moor_access *from,
				u32 domain);
void moor_access_look(const struct moor_access *access, u32 domain, enum moor_dfa_root root,
		      const char *path, u32 length, struct moor_dfa_answer *answer);
void moor_access_add_temporary(struct moor_dfa_answer *answer);
u32 moor_access_denied(const struct moor_dfa_answer *answer);
struct moor_access_finding moor_access_judge(const struct moor_access *access, u32 domain,
					     const struct moor_dfa_answer *answer, u32 need);

/* How the kernel names a processor of a VM; its number follows. */
#define MOOR_PROCESSOR_NAME "kvm-vcpu:"

/* access_rules.c: what has no path, and ioctl commands */
bool moor_command_is_harmless(u32 command, bool is_device);
enum moor_anonymous moor_anonymous_kind(const char *name, u32 length);
bool moor_access_commands(const struct moor_access *access, const struct moor_dfa_answer *answer,
			  u32 command);
struct moor_access_finding moor_access_judge_command(const struct moor_access *access, u32 domain,
						     const struct moor_dfa_answer *answer,
						     u32 command);
struct moor_access_finding moor_access_judge_anonymous(const struct moor_access *access, u32 domain,
						       enum moor_anonymous kind);
struct moor_access_finding moor_access_judge_anonymous_command(const struct moor_access *access,
							       u32 domain, enum moor_anonymous kind,
							       u32 command);
struct moor_access_finding moor_access_judge_capability(const struct moor_access *access,
							u32 domain, u32 capability);
struct moor_access_finding moor_access_judge_signal(const struct moor_access *access, u32 domain,
						    u32 signal, struct moor_access_peer peer);
struct moor_access_finding moor_access_judge_trace(const struct moor_access *access, u32 domain,
						   bool attach, struct moor_access_peer peer,
						   const char *program, u32 length);
struct moor_access_finding moor_access_judge_memory(const struct moor_access *access, u32 domain);
struct moor_access_finding moor_access_judge_descriptor(const struct moor_access *access,
							u32 domain, u8 way,
							enum moor_descriptor kind);
struct moor_access_finding moor_access_judge_unnamed(const struct moor_access *access, u32 domain);

#endif /* MOOR_ACCESS_H */

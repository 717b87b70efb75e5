/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The decisions, free of the kernel: plain facts in, a verdict out. A hook
 * gathers the facts, asks here, then records and answers what the verdict says.
 *
 * An unguarded process is hindered only at the gate, at guarded paths and at
 * kernel modules; a guarded one executes and maps only what is trusted.
 *
 * Two reasons hold in every mode: CLOSED and BROKEN, and KEXEC where it is locked. All others are
 * refusals in enforcing mode and remarks in learning mode, where the verdict allows and keeps the
 * reason, so that the record says what enforcing would have done.
 */
#ifndef MOOR_DECIDE_H
#define MOOR_DECIDE_H

#include "portable.h"

/**
 * struct moor_context - the state everything is decided in
 * @mode: enum moor_mode that holds for the subject
 * @closed: loaded with closed=1 and no policy is in force yet
 * @locked: nothing gets looser until reboot
 * @broken: the outcome of an extend is unknown; no more launches until reboot
 */
struct moor_context {
	u8 mode;
	bool closed;
	bool locked;
	bool broken;
};

/**
 * struct moor_subject - the task that acts
 * @in_domain: it runs in a guarded domain
 * @memory_exec: its domain may have anonymous executable memory
 * @bound: a VM is bound to its next exec
 * @vm_running: the bound VM runs already
 * @no_rules: the access policy says nothing of the bound VM, and enforces
 * @exec_unsafe: this exec is traced or shares its fs_struct (bprm->unsafe)
 */
struct moor_subject {
	bool in_domain;
	bool memory_exec;
	bool bound;
	bool vm_running;
	bool no_rules;
	bool exec_unsafe;
};

/**
 * struct moor_file_facts - what is known of a file
 * @has_path: a path was built that is proven to lead to it
 * @unlinked: no name leads to it: memfd, O_TMPFILE, unlinked, SysV memory
 * @filesystem_allowed: its filesystem is on the allow list
 * @guarded: its path is in guarded=, or it is a module of the kvm, vhost or
 *	vfio family
 * @listed: the policy names its path with the kind asked for; for a mapping
 *	LIBRARY or EXEC (the program maps itself)
 * @starts_domain: listed with MOOR_TRUST_DOMAIN
 * @memory_exec: listed with MOOR_TRUST_MEMORY_EXEC
 * @writer: open for writing somewhere, writers could not be kept out
 * @unreadable: measuring was tried and failed
 * @digest_known: measured, or found in the cache
 * @digest_matches: a listed digest of that algorithm equals it
 * @extended: this (kind, path, digest) stands in the log of this boot
 *
 * The last five need file contents and may be left false at first: the verdict
 * asks for them with its measure flag.
 */
struct moor_file_facts {
	bool has_path;
	bool unlinked;
	bool filesystem_allowed;
	bool guarded;
	bool listed;
	bool starts_domain;
	bool memory_exec;
	bool writer;
	bool unreadable;
	bool digest_known;
	bool digest_matches;
	bool extended;
};

/**
 * struct moor_staged - what the hops of one exec have come to so far
 * @guarded: a hop was guarded; each later one must be listed
 * @starts_domain: a hop starts a domain, so the exec does
 * @memory_exec: every hop that counts grants executable memory
 *
 * Zero before the first hop; moor_decide_exec() reads it and says in the
 * verdict what it is after this hop. Kept with the bprm, dropped when the exec
 * fails, obeyed when it is committed.
 */
struct moor_staged {
	bool guarded;
	bool starts_domain;
	bool memory_exec;
};

/**
 * struct moor_verdict - what to do
 * @measure: the digest is needed first: measure (or find out that it cannot be
 *	done), fill the facts, ask again; the other fields mean nothing yet
 * @allow: let it pass; otherwise -EPERM
 * @reason: enum moor_reason, also when allowed in learning mode
 * @record: enum moor_record to write, or 0: MEASURE for a measured file that
 *	passes, UNMEASURED for what passes in spite of a reason and has no
 *	digest, REFUSE for what does not pass
 * @staged: after moor_decide_exec(): what to remember of this exec
 */
struct moor_verdict {
	bool measure;
	bool allow;
	u8 reason;
	u8 record;
	struct moor_staged staged;
};

/**
 * struct moor_protection - a mapping that is to become, or stay, executable
 * @file: there is a file behind it
 * @writable: it is to be writable as well
 * @private_copy: pages of it may have been changed (vma->anon_vma is set)
 * @accepted: the file's digest was accepted for this domain before
 */
struct moor_protection {
	bool file;
	bool writable;
	bool private_copy;
	bool accepted;
};

/**
 * struct moor_trace - one task that looks into another
 * @tracer_in_domain: who looks
 * @target_in_domain: who is looked into
 * @same_domain: both are in the same one
 * @attach: control or memory (PTRACE_MODE_ATTACH, traceme), not PTRACE_MODE_READ
 * @granted: a rule of access names both and allows it
 */
struct moor_trace {
	bool tracer_in_domain;
	bool target_in_domain;
	bool same_domain;
	bool attach;
	bool granted;
};

struct moor_verdict moor_decide_exec(const struct moor_context *context,
				     const struct moor_subject *subject,
				     const struct moor_staged *staged,
				     const struct moor_file_facts *file);
struct moor_verdict moor_decide_map(const struct moor_context *context,
				    const struct moor_subject *subject,
				    const struct moor_file_facts *file, bool writable);
struct moor_verdict moor_decide_anonymous(const struct moor_context *context,
					  const struct moor_subject *subject);
struct moor_verdict moor_decide_userfaultfd(const struct moor_context *context,
					    const struct moor_subject *subject);
struct moor_verdict moor_decide_protect(const struct moor_context *context,
					const struct moor_subject *subject,
					const struct moor_file_facts *file,
					const struct moor_protection *protection);
struct moor_verdict moor_decide_firmware(const struct moor_context *context,
					 const struct moor_subject *subject,
					 const struct moor_file_facts *file, bool writable);
struct moor_verdict moor_decide_module(const struct moor_context *context,
				       const struct moor_file_facts *file);
struct moor_verdict moor_decide_module_without_file(const struct moor_context *context);
struct moor_verdict moor_decide_kexec(const struct moor_context *context,
				      const struct moor_subject *subject);
struct moor_verdict moor_decide_trace(const struct moor_context *context,
				      const struct moor_trace *trace);
struct moor_verdict moor_decide_device(const struct moor_context *context,
				       const struct moor_subject *subject);

bool moor_module_name_guarded(const char *path, u32 length);

#endif /* MOOR_DECIDE_H */

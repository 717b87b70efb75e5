// SPDX-License-Identifier: GPL-2.0-only
/*
 * The decisions over files, see decide.h. Every function checks in a fixed order,
 * the first reason wins; tests/decide_test.c holds the order.
 */
#include "decide.h"
#include "verdict.h"

/* What speaks against a file before a byte of it is read. */
static enum moor_reason outer_reason(const struct moor_file_facts *file)
{
	if (file->unlinked)
		return MOOR_REASON_UNLINKED;
	if (!file->has_path)
		return MOOR_REASON_PATH;
	if (!file->filesystem_allowed)
		return MOOR_REASON_FILESYSTEM;
	if (!file->listed)
		return MOOR_REASON_UNLISTED;
	return MOOR_REASON_NONE;
}

/* What speaks against its contents, once somebody tried to measure them. */
static enum moor_reason inner_reason(const struct moor_file_facts *file)
{
	if (file->writer)
		return MOOR_REASON_WRITER;
	if (file->unreadable)
		return MOOR_REASON_UNREADABLE;
	if (file->digest_known && !file->digest_matches)
		return MOOR_REASON_DIGEST;
	return MOOR_REASON_NONE;
}

/* Learning wants the digest of whatever could be listed later. Enforcing wants
 * it only where it decides, so that what is refused anyway costs no reading. */
static bool digest_wanted(const struct moor_context *context, const struct moor_file_facts *file,
			  enum moor_reason reason)
{
	if (file->digest_known || file->unreadable || file->writer)
		return false;
	if (reason == MOOR_REASON_NONE)
		return true;
	return learning(context) && file->has_path && !file->unlinked && file->filesystem_allowed;
}

/*
 * The heart of every decision on a guarded file. @act_reason speaks against
 * what is done with it and goes before the file's own reasons, @late_reason
 * after them.
 */
static struct moor_verdict judge_file(const struct moor_context *context,
				      const struct moor_file_facts *file,
				      enum moor_reason act_reason, enum moor_reason late_reason)
{
	enum moor_reason reason = act_reason;
	struct moor_verdict verdict;

	if (reason == MOOR_REASON_NONE)
		reason = outer_reason(file);
	if (digest_wanted(context, file, reason))
		return (struct moor_verdict){.measure = true};
	if (reason == MOOR_REASON_NONE)
		reason = inner_reason(file);
	if (reason == MOOR_REASON_NONE)
		reason = late_reason;

	verdict = judge_act(context, reason);
	if (!verdict.allow)
		return verdict;
	/* What cannot be written down any more does not come in any more. */
	if (context->broken && !file->extended)
		return refuse(MOOR_REASON_BROKEN);
	if (file->digest_known)
		verdict.record = MOOR_RECORD_MEASURE;
	return verdict;
}

/* What speaks against a domain's start, apart from the program. */
static enum moor_reason start_reason(const struct moor_subject *subject)
{
	if (subject->exec_unsafe)
		return MOOR_REASON_TRACED;
	if (!subject->bound)
		return MOOR_REASON_UNBOUND;
	if (subject->vm_running)
		return MOOR_REASON_RUNNING;
	if (subject->no_rules)
		return MOOR_REASON_NO_RULES;
	return MOOR_REASON_NONE;
}

/* What the exec has come to after a hop that passes. Permissions only shrink:
 * inside a domain every hop, at a start every hop that starts one must grant. */
static struct moor_staged stage(const struct moor_subject *subject,
				const struct moor_staged *before,
				const struct moor_file_facts *file)
{
	struct moor_staged after = *before;

	after.guarded = true;
	if (subject->in_domain) {
		after.memory_exec = file->memory_exec &&
				    (before->guarded ? before->memory_exec : subject->memory_exec);
	} else if (file->starts_domain) {
		after.memory_exec =
			file->memory_exec && (!before->starts_domain || before->memory_exec);
		after.starts_domain = true;
	}
	return after;
}

/**
 * moor_decide_exec - one hop of an exec
 * @context: the state
 * @subject: who executes
 * @staged: what earlier hops came to; zero at the first
 * @file: this hop's file: a script, an interpreter, the program
 *
 * Guarded are: anything a domain executes, what the policy lists as EXEC, every
 * hop after such a one, the exec a VM is bound to, and while closed the paths of
 * guarded=. All else passes unrecorded.
 *
 * Order: CLOSED, BROKEN (a start), UNLINKED, PATH, FILESYSTEM, UNLISTED, WRITER,
 * UNREADABLE, DIGEST, then for a start TRACED, UNBOUND, RUNNING, NO_RULES; BROKEN
 * last for what would need a new record. So a record of a refused start names the
 * file's digest before it complains about who started it.
 *
 * Return: the verdict, with @staged carried on.
 * Context: any.
 */
struct moor_verdict moor_decide_exec(const struct moor_context *context,
				     const struct moor_subject *subject,
				     const struct moor_staged *staged,
				     const struct moor_file_facts *file)
{
	bool starts = !subject->in_domain && (file->starts_domain || staged->starts_domain);
	bool guarded = subject->in_domain || subject->bound || staged->guarded || file->listed ||
		       (context->closed && file->guarded);
	struct moor_verdict verdict = pass;

	if (!guarded)
		goto out_stage;
	if (context->closed)
		verdict = refuse(MOOR_REASON_CLOSED);
	else if (context->broken && (starts || subject->bound))
		verdict = refuse(MOOR_REASON_BROKEN);
	else
		verdict = judge_file(context, file, MOOR_REASON_NONE,
				     starts ? start_reason(subject) : MOOR_REASON_NONE);
out_stage:
	verdict.staged = guarded && verdict.allow ? stage(subject, staged, file) : *staged;
	return verdict;
}

/**
 * moor_decide_map - an executable mapping of a file
 * @context: the state
 * @subject: who maps
 * @file: what is mapped
 * @writable: the mapping is writable as well
 *
 * Order: WRITABLE, UNLINKED, PATH, FILESYSTEM, UNLISTED, WRITER, UNREADABLE,
 * DIGEST, BROKEN. Outside a domain everything passes.
 *
 * Return: the verdict.
 * Context: any.
 */
struct moor_verdict moor_decide_map(const struct moor_context *context,
				    const struct moor_subject *subject,
				    const struct moor_file_facts *file, bool writable)
{
	if (!subject->in_domain)
		return pass;
	return judge_file(context, file, writable ? MOOR_REASON_WRITABLE : MOOR_REASON_NONE,
			  MOOR_REASON_NONE);
}

/**
 * moor_decide_protect - mprotect after which a mapping is executable
 * @context: the state
 * @subject: whose mapping
 * @file: the file behind it; ignored when @protection says there is none
 * @protection: what is known of the mapping
 *
 * Nothing can be measured here, so only a file that was accepted before passes;
 * that it has lost its name since does not matter, its bytes are pinned.
 *
 * Order: ANONYMOUS, WRITABLE, then for what was not accepted UNLINKED, PATH,
 * FILESYSTEM, UNLISTED, DIGEST.
 *
 * Return: the verdict; it never asks to measure.
 * Context: any.
 */
struct moor_verdict moor_decide_protect(const struct moor_context *context,
					const struct moor_subject *subject,
					const struct moor_file_facts *file,
					const struct moor_protection *protection)
{
	enum moor_reason reason;

	if (!subject->in_domain)
		return pass;
	if (!protection->file)
		return moor_decide_anonymous(context, subject);
	if (protection->writable || protection->private_copy)
		return judge_act(context, MOOR_REASON_WRITABLE);
	if (protection->accepted)
		return pass;
	reason = outer_reason(file);
	return judge_act(context, reason == MOOR_REASON_NONE ? MOOR_REASON_DIGEST : reason);
}

/**
 * moor_decide_firmware - a file that a domain opens, receives or brings in
 * @context: the state
 * @subject: who gets it
 * @file: what it gets
 * @writable: it gets it for writing
 *
 * Only what the policy lists as FIRMWARE is held to it here. Order: WRITABLE,
 * UNLINKED, PATH, FILESYSTEM, WRITER, UNREADABLE, DIGEST, BROKEN.
 *
 * Return: the verdict.
 * Context: any.
 */
struct moor_verdict moor_decide_firmware(const struct moor_context *context,
					 const struct moor_subject *subject,
					 const struct moor_file_facts *file, bool writable)
{
	if (!subject->in_domain || !file->listed)
		return pass;
	return judge_file(context, file, writable ? MOOR_REASON_WRITABLE : MOOR_REASON_NONE,
			  MOOR_REASON_NONE);
}

/**
 * moor_decide_module - a kernel module read from a file
 * @context: the state
 * @file: the module; @file->guarded when its name is one of the guarded
 *	families, see moor_module_name_guarded()
 *
 * Guarded are the modules the policy lists and those of the families, from
 * whatever path. Order: CLOSED, UNLINKED, PATH, FILESYSTEM, UNLISTED, WRITER,
 * UNREADABLE, DIGEST, BROKEN.
 *
 * Return: the verdict.
 * Context: any.
 */
struct moor_verdict moor_decide_module(const struct moor_context *context,
				       const struct moor_file_facts *file)
{
	if (unguarded(context) || (!file->listed && !file->guarded))
		return pass;
	if (context->closed)
		return refuse(MOOR_REASON_CLOSED);
	return judge_file(context, file, MOOR_REASON_NONE, MOOR_REASON_NONE);
}

/**
 * moor_module_name_guarded - does a module's file name belong to what is gated
 * @path: of the module's file; need not end with a NUL
 * @length: of @path
 *
 * Return: true for the kvm, vhost and vfio families and iommufd, whose devices
 * are behind the gate.
 * Context: any.
 */
bool moor_module_name_guarded(const char *path, u32 length)
{
	static const char *const families[] = {"kvm", "vhost", "vfio", "iommufd"};
	u32 start = length;
	u32 i;

	while (start > 0 && path[start - 1] != '/')
		start--;
	for (i = 0; i < ARRAY_SIZE(families); i++) {
		u32 family = (u32)strlen(families[i]);

		if (length - start >= family && memcmp(path + start, families[i], family) == 0)
			return true;
	}
	return false;
}

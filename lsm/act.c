// SPDX-License-Identifier: GPL-2.0-only
/*
 * Acts that need no file to be measured: tracing, gated devices, modules without
 * a file, memory. Their hooks may not sleep, so their records are deferred.
 */
#include "moor.h"

#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/ptrace.h>
#include <linux/slab.h>

#include "compat.h"

/**
 * moor_context_read - the state, for a decision that needs no policy's entries
 * @context: out
 */
void moor_context_read(struct moor_context *context)
{
	context->mode = moor_mode();
	context->closed = moor_loaded_closed && context->mode == MOOR_MODE_NONE;
	context->locked = moor_locked();
	context->broken = moor_state() == MOOR_STATE_BROKEN;
}

/**
 * moor_act_answer - record a verdict on an act, and answer
 * @verdict: from decide.c
 * @kind: of the thing acted on, or 0
 * @file: it was done to, or NULL
 *
 * Return: 0 or -EPERM.
 *
 * Context: any; does not sleep.
 */
int moor_act_answer(struct moor_verdict verdict, u8 kind, const struct file *file)
{
	const struct moor_domain *domain = moor_task_domain();
	struct moor_event event = {
		.present = MOOR_HAS(REASON),
		.record = verdict.record,
		.kind = kind,
		.reason = verdict.reason,
	};
	char *buffer = NULL;

	if (!verdict.record)
		return 0;
	if (kind)
		event.present |= MOOR_HAS(KIND);
	if (file)
		buffer = kmalloc(PATH_MAX, GFP_ATOMIC);
	if (buffer) {
		const char *name = moor_path(moor_user_path(file), buffer, PATH_MAX);

		if (!IS_ERR(name)) {
			event.path = (struct moor_bytes){name, strlen(name)};
			event.present |= MOOR_HAS(PATH);
		}
	}
	moor_log_defer(&event, domain ? domain->vm : NULL);
	kfree(buffer);
	if (verdict.allow)
		return 0;
	moor_count(MOOR_COUNT_refused);
	return -EPERM;
}

/**
 * moor_check_trace - one task looks into another
 * @mode: PTRACE_MODE_*
 * @tracer: who looks
 * @target: whom it looks into
 *
 * Context: does not sleep.
 *
 * Return: 0 or -EPERM.
 */
int moor_check_trace(struct task_struct *tracer, struct task_struct *target, unsigned int mode)
{
	struct moor_trace trace = {.attach = mode & PTRACE_MODE_ATTACH};
	struct moor_context context;

	moor_task_relation(tracer, target, &trace);
	if (!trace.tracer_in_domain && !trace.target_in_domain)
		return 0;
	if (static_branch_unlikely(&moor_access_in_force)) {
		const struct moor_access_trace asked = {
			.tracer = tracer,
			.target = target,
			.attach = trace.attach,
			.asks = mode & PTRACE_MODE_NOAUDIT,
		};
		int err = moor_access_traced(&asked, &trace.granted);

		if (err)
			return err;
	}
	moor_context_read(&context);
	return moor_act_answer(moor_decide_trace(&context, &trace), 0, NULL);
}

/**
 * moor_check_module_without_file - init_module, or a compressed module that
 * user space unpacked
 *
 * Context: does not sleep; nobody knows which module it is.
 */
int moor_check_module_without_file(void)
{
	struct moor_context context;

	moor_context_read(&context);
	return moor_act_answer(moor_decide_module_without_file(&context), MOOR_KIND_MODULE, NULL);
}

/**
 * moor_check_anonymous_inode - a domain's task makes an object without a file
 * @name: of its class
 *
 * A userfaultfd gives the pages of private mappings their contents, also of one that is executable
 * already. It serves the address space that it was made in, and no other: one received from another
 * process gives nothing over this one's memory, and what was made before the exec that led into the
 * domain serves memory that has gone. So making it is the only thing to be looked at.
 *
 * Context: a task of a domain; does not sleep.
 *
 * Return: 0 or -EPERM.
 */
int moor_check_anonymous_inode(const struct qstr *name)
{
	static const char userfaultfd[] = "[userfaultfd]", io_uring[] = "[io_uring]";
	const struct moor_subject subject = {
		.in_domain = true,
		.memory_exec = moor_task_memory_exec(),
	};
	struct moor_context context;

	/* It lends other credentials, by which an overlay's own opens are known. */
	if (name->len == sizeof(io_uring) - 1 && !memcmp(name->name, io_uring, name->len))
		return static_branch_unlikely(&moor_access_in_force)
			       ? moor_access_made(moor_task_domain(), MOOR_ANONYMOUS_IO_URING,
						  "io_uring")
			       : 0;
	if (name->len != sizeof(userfaultfd) - 1 || memcmp(name->name, userfaultfd, name->len))
		return 0;
	moor_context_read(&context);
	return moor_act_answer(moor_decide_userfaultfd(&context, &subject), 0, NULL);
}

/**
 * moor_check_kexec - another kernel or its initrd is about to be loaded
 * @file: it is read from, or NULL when it is handed in as bytes
 *
 * Taking one back is the same call without bytes, which no hook can tell from it.
 *
 * Context: does not sleep.
 *
 * Return: 0 or -EPERM.
 */
int moor_check_kexec(const struct file *file)
{
	const struct moor_subject subject = {.in_domain = moor_task_domain()};
	struct moor_context context;

	moor_context_read(&context);
	return moor_act_answer(moor_decide_kexec(&context, &subject), 0, file);
}

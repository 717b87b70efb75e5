// SPDX-License-Identifier: GPL-2.0-only
/* Executable memory inside a domain: what is mapped, and what becomes executable later. */
#include "measure.h"

#include <linux/mm.h>
#include <linux/mman.h>

/**
 * moor_check_anonymous_memory - a domain's task makes executable memory without a file
 *
 * Context: does not sleep.
 *
 * Return: 0 or -EPERM.
 */
int moor_check_anonymous_memory(void)
{
	const struct moor_subject subject = {
		.in_domain = true,
		.memory_exec = moor_task_memory_exec(),
	};
	struct moor_context context;

	moor_context_read(&context);
	return moor_act_answer(moor_decide_anonymous(&context, &subject), MOOR_KIND_LIBRARY, NULL);
}

static struct moor_verdict decide(const struct moor_measurement *m)
{
	return moor_decide_map(&m->context, &m->subject, &m->facts, m->writable);
}

/* What has not passed before in this domain, nor as a library under this policy. */
static noinline int measure_mapping(struct moor_domain *domain, struct file *file, bool writable)
{
	struct moor_measurement m MOOR_UNCLEARED;
	struct moor_verdict verdict;
	int err;

	moor_measurement_begin(&m, file, domain);
	m.writable = writable;
	err = moor_measurement_name(&m);
	if (err)
		goto out_end;
	m.kind = MOOR_KIND_LIBRARY;
	/* A program is mapped as well, by its own exec. */
	if (!moor_measurement_look_up(&m, MOOR_KIND_LIBRARY))
		moor_measurement_look_up(&m, MOOR_KIND_EXEC);
	moor_measurement_passed_before(&m, m.kind);
	err = moor_measurement_judge(&m, decide, moor_measurement_take, &verdict);
	if (!err && m.held && m.facts.digest_known) {
		err = moor_domain_use(domain, m.held, true);
		m.held = NULL;
	}

out_end:
	moor_measurement_end(&m);
	return err;
}

/**
 * moor_check_mapping - a domain makes an executable mapping
 * @domain: of the current task
 * @file: what is mapped, or NULL for anonymous memory
 * @writable: it is to be writable as well
 *
 * Return: 0; -EPERM, or why it could not be measured or recorded.
 */
int moor_check_mapping(struct moor_domain *domain, struct file *file, bool writable)
{
	const struct inode *inode;
	struct moor_file *held;

	if (!file)
		return moor_check_anonymous_memory();
	if (writable)
		return measure_mapping(domain, file, writable);
	inode = moor_real_inode(file);
	if (moor_domain_executes(domain, inode))
		return 0;
	if (moor_file_unlinked(file))
		return measure_mapping(domain, file, writable);
	held = moor_file_hold_accepted(file, inode, moor_policy_serial(), MOOR_KIND_LIBRARY, NULL);
	return held ? moor_domain_use(domain, held, true) : measure_mapping(domain, file, writable);
}

/**
 * moor_check_protection - mprotect makes a mapping of a domain executable
 * @domain: of the current task
 * @vma: the mapping
 * @writable: it is to be writable as well
 *
 * Context: under mmap_lock; does not sleep, so nothing can be measured here.
 *
 * Return: 0 or -EPERM.
 */
int moor_check_protection(struct moor_domain *domain, const struct vm_area_struct *vma,
			  bool writable)
{
	const struct moor_subject subject = {
		.in_domain = true,
		.memory_exec = moor_task_memory_exec(),
	};
	struct moor_protection protection = {
		.file = vma->vm_file,
		.writable = writable,
		.private_copy = vma->anon_vma,
	};
	struct moor_file_facts facts = {0};
	struct moor_context context;

	moor_context_read(&context);
	if (vma->vm_file) {
		facts.has_path = true;
		facts.unlinked = moor_file_unlinked(vma->vm_file);
		facts.filesystem_allowed = moor_filesystem_allowed(vma->vm_file);
		protection.accepted = moor_domain_executes(domain, moor_real_inode(vma->vm_file));
	}
	return moor_act_answer(moor_decide_protect(&context, &subject, &facts, &protection),
			       MOOR_KIND_LIBRARY, vma->vm_file);
}

/**
 * moor_check_memory_file - a domain opens /proc/PID/mem for writing
 * @file: it
 *
 * What is mapped executable could be changed through it, past every protection.
 *
 * Return: 0 or -EPERM.
 */
int moor_check_memory_file(const struct file *file)
{
	const struct moor_subject subject = {.in_domain = true};
	const struct moor_protection protection = {.file = true, .writable = true};
	const struct moor_file_facts facts = {0};
	struct moor_context context;

	moor_context_read(&context);
	return moor_act_answer(moor_decide_protect(&context, &subject, &facts, &protection), 0,
			       file);
}

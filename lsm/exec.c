// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exec: every hop of it is decided by itself. What passes is staged, because an
 * exec can still fail, and enters its domain when it is committed.
 */
#include "measure.h"

#include <linux/binfmts.h>
#include <linux/security.h>

static struct moor_verdict decide(const struct moor_measurement *m)
{
	return moor_decide_exec(&m->context, &m->subject, m->earlier, &m->facts);
}

/* What is known of a hop that has not passed before. */
static int look_up(struct moor_measurement *m)
{
	int err = moor_measurement_name(m);

	if (err)
		return err;
	m->kind = MOOR_KIND_EXEC;
	moor_measurement_look_up(m, MOOR_KIND_EXEC);
	m->facts.guarded = m->name && moor_guarded_path(m->name, m->name_length);
	return 0;
}

/* What the verdict lets in enters the domain, or will when the exec commits. */
static int stage_exec(struct moor_measurement *m, struct linux_binprm *bprm,
		      struct moor_domain *domain, const struct moor_staged *staged)
{
	struct moor_domain *fresh = NULL;
	const struct moor_exec *earlier = moor_task_exec(bprm);
	u32 helper = 0;
	int err;

	if (domain && static_branch_unlikely(&moor_access_in_force)) {
		helper = earlier ? earlier->helper : moor_task_helper();
		err = moor_access_executed(domain, m->file, &helper);
		if (err)
			return err;
	}

	if (!domain && staged->starts_domain) {
		fresh = moor_domain_create(m->vm ?: "");
		if (!fresh)
			return -ENOMEM;
	}
	if (m->held && (domain || fresh)) {
		err = moor_domain_use(domain ?: fresh, m->held, true);
		m->held = NULL;
		if (err)
			goto out_put;
	}
	err = moor_task_stage(bprm, staged, fresh, helper);
	if (err)
		goto out_put;
	/* ld.so takes neither LD_PRELOAD nor LD_LIBRARY_PATH then. */
	bprm->secureexec = 1;
	return 0;

out_put:
	moor_domain_put(fresh);
	return err;
}

/**
 * moor_check_exec - one hop of an exec
 * @bprm: the exec, at this hop
 *
 * Return: 0 to go on; -EPERM, or why it could not be measured or recorded.
 */
int moor_check_exec(struct linux_binprm *bprm)
{
	static const struct moor_staged none;
	struct moor_domain *domain = moor_task_domain();
	const struct moor_exec *earlier = moor_task_exec(bprm);
	struct moor_measurement m MOOR_UNCLEARED;
	struct moor_verdict verdict;
	int err = 0;

	if (!moor_guards())
		return 0;
	/* Nearly every exec of a host leaves here. */
	if (!domain && !earlier && !moor_task_bound() &&
	    !moor_maybe_listed(&bprm->file->f_path, MOOR_KIND_EXEC))
		return 0;
	moor_measurement_begin(&m, bprm->file, domain);
	m.earlier = earlier ? &earlier->staged : &none;
	m.subject.memory_exec = moor_task_memory_exec();
	m.subject.bound = !domain && m.vm;
	m.subject.exec_unsafe = bprm->unsafe & (LSM_UNSAFE_PTRACE | LSM_UNSAFE_SHARE);
	m.subject.vm_running =
		m.subject.bound && moor_domain_runs(m.vm, earlier ? earlier->domain : NULL);
	m.subject.no_rules = m.subject.bound && static_branch_unlikely(&moor_access_in_force) &&
			     !moor_access_knows(m.vm);
	if (!moor_measurement_passed_before(&m, MOOR_KIND_EXEC))
		err = look_up(&m);
	if (!err)
		err = moor_measurement_judge(&m, decide, moor_measurement_take, &verdict);
	if (!err && verdict.staged.guarded)
		err = stage_exec(&m, bprm, domain, &verdict.staged);
	moor_measurement_end(&m);
	return err;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernel modules that are read from a file. Those behind the gated devices are
 * measured as everything else; they stay held, so that nobody can change the
 * file between the measurement and the kernel's own reading.
 */
#include "measure.h"

/* Uses of the loaded modules' files, let go when the hooks are given back. */
static struct moor_domain *module_uses;
static DEFINE_MUTEX(module_uses_mutex);

static int keep(struct moor_file *held)
{
	int err = -ENOMEM;

	mutex_lock(&module_uses_mutex);
	if (!module_uses)
		module_uses = moor_domain_create("");
	if (module_uses)
		err = moor_domain_use(module_uses, held, false);
	else
		moor_file_put(held);
	mutex_unlock(&module_uses_mutex);
	return err;
}

/* Gives the files of loaded modules back to writers. */
void moor_module_files_release(void)
{
	mutex_lock(&module_uses_mutex);
	moor_domain_put(module_uses);
	module_uses = NULL;
	mutex_unlock(&module_uses_mutex);
}

static struct moor_verdict decide(const struct moor_measurement *m)
{
	return moor_decide_module(&m->context, &m->facts);
}

/**
 * moor_check_module - the kernel is about to read a module from a file
 * @file: it is read from
 *
 * Return: 0; -EPERM, or why it could not be measured or recorded.
 */
int moor_check_module(struct file *file)
{
	struct moor_measurement m MOOR_UNCLEARED;
	struct moor_verdict verdict;
	int err;

	moor_measurement_begin(&m, file, moor_task_domain());
	err = moor_measurement_name(&m);
	if (err)
		goto out_end;
	m.kind = MOOR_KIND_MODULE;
	moor_measurement_look_up(&m, MOOR_KIND_MODULE);
	m.facts.guarded = m.name && moor_module_name_guarded(m.name, m.name_length);
	if (!m.facts.listed && !m.facts.guarded)
		goto out_end;
	moor_measurement_passed_before(&m, MOOR_KIND_MODULE);
	err = moor_measurement_judge(&m, decide, moor_measurement_take, &verdict);
	if (!err && m.held) {
		err = keep(m.held);
		m.held = NULL;
	}

out_end:
	moor_measurement_end(&m);
	return err;
}

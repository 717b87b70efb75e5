// SPDX-License-Identifier: GPL-2.0-only
/*
 * One file on its way from a hook to its answer: the facts are gathered, the
 * caller decides with decide.c, and the verdict is recorded before it counts.
 */
#include "measure.h"

#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/slab.h>

#include "compat.h"

static void fill_context(struct moor_context *context, const struct moor_policy *policy)
{
	context->mode = policy ? policy->mode : MOOR_MODE_NONE;
	context->closed = moor_loaded_closed && !policy;
	context->locked = moor_locked();
	context->broken = moor_state() == MOOR_STATE_BROKEN;
}

/**
 * moor_measurement_look_up - does the policy list this file as @kind?
 * @m: the measurement
 * @kind: enum moor_kind
 *
 * Sets the kind, and what the entry says of the file, when it does.
 */
bool moor_measurement_look_up(struct moor_measurement *m, u8 kind)
{
	if (!m->policy || !m->name ||
	    !moor_trust_find(m->policy->trust, kind, m->name, m->name_length, &m->match))
		return false;
	m->kind = kind;
	m->facts.listed = true;
	m->facts.starts_domain = m->match.flags & MOOR_TRUST_DOMAIN;
	m->facts.memory_exec = m->match.flags & MOOR_TRUST_MEMORY_EXEC;
	return true;
}

/**
 * moor_measurement_begin - the state, who acts and on which file
 * @m: out: to be ended with moor_measurement_end()
 * @file: open
 * @domain: of the current task, or NULL
 */
void moor_measurement_begin(struct moor_measurement *m, struct file *file,
			    struct moor_domain *domain)
{
	memset(m, 0, offsetof(struct moor_measurement, short_name));
	m->file = file;
	m->policy = moor_policy_get();
	fill_context(&m->context, m->policy);
	m->subject.in_domain = domain;
	m->vm = domain ? domain->vm : moor_task_bound();
}

/**
 * moor_measurement_name - the path, and what else is known without reading
 * @m: the measurement
 *
 * Return: 0 or -ENOMEM.
 */
int moor_measurement_name(struct moor_measurement *m)
{
	const struct path *path = moor_user_path(m->file);
	char *name;

	m->renames = moor_renames();
	name = moor_path(path, m->short_name, sizeof(m->short_name));
	if (name == ERR_PTR(-ENAMETOOLONG)) {
		m->buffer = __getname();
		if (!m->buffer)
			return -ENOMEM;
		name = moor_path(path, m->buffer, PATH_MAX);
	}
	if (!IS_ERR(name)) {
		m->name = name;
		m->name_length = strlen(name);
	}
	m->facts.has_path = m->name;
	m->facts.unlinked = moor_file_unlinked(m->file);
	m->facts.filesystem_allowed = moor_filesystem_allowed(m->file);
	return 0;
}

void moor_measurement_end(struct moor_measurement *m)
{
	moor_file_put(m->held);
	if (m->buffer)
		__putname(m->buffer);
	moor_policy_put(m->policy);
}

/* The fs-verity digest, when the policy lists one and the file has it. */
static bool verity_digest(struct moor_measurement *m)
{
	enum hash_algo algorithm;
	int length;

	if (!(m->match.algorithms &
	      (BIT(MOOR_ALGORITHM_FSVERITY_SHA256) | BIT(MOOR_ALGORITHM_FSVERITY_SHA512))))
		return false;
	length = moor_verity_digest(moor_real_inode(m->file), m->digest, &algorithm);
	if (length <= 0)
		return false;
	switch (algorithm) {
	case HASH_ALGO_SHA256:
		m->algorithm = MOOR_ALGORITHM_FSVERITY_SHA256;
		break;
	case HASH_ALGO_SHA512:
		m->algorithm = MOOR_ALGORITHM_FSVERITY_SHA512;
		break;
	default:
		return false;
	}
	m->digest_length = length;
	return m->match.algorithms & BIT(m->algorithm);
}

/**
 * moor_measurement_take - keep writers out, and take the digest
 * @readable: the same file, open for reading
 * @m: the measurement
 *
 * That there is a writer, or that reading failed, is a fact for the decision.
 *
 * Return: 0; -EINTR, -ENOMEM or -ENOSPC when nothing can be said.
 */
int moor_measurement_take(struct moor_measurement *m, struct file *readable)
{
	int err = 0;

	readable = moor_backing_file(readable);
	if (!m->held)
		err = moor_file_hold(m->file, &m->held);
	/* Copied up since it, or @readable, was opened: a name with two contents. */
	if (!err && (moor_file_inode(m->held) != d_real_inode(moor_user_path(m->file)->dentry) ||
		     moor_file_inode(m->held) != file_inode(readable)))
		err = -ETXTBSY;
	if (err == -ETXTBSY) {
		m->facts.writer = true;
		return 0;
	}
	if (err)
		return err;
	if (verity_digest(m)) {
		err = moor_tail_check(readable);
	} else {
		m->algorithm = MOOR_ALGORITHM_SHA256;
		m->digest_length = 32;
		err = moor_file_digest(m->held, readable, m->digest);
	}
	if (err == -EINTR || err == -ENOMEM)
		return err;
	m->facts.unreadable = err;
	m->facts.digest_known = !err;
	m->facts.digest_matches =
		!err && m->match.trust &&
		moor_trust_matches(&m->match, m->algorithm, m->digest, m->digest_length);
	return 0;
}

/* Records the verdict where it says so, and tells the system log. */
static int record(struct moor_measurement *m, const struct moor_verdict *verdict)
{
	struct moor_event event = {
		.present = MOOR_HAS(KIND),
		.record = verdict->record,
		.kind = m->kind,
		.reason = verdict->reason,
	};
	u32 length;

	if (!verdict->record)
		return 0;
	if (m->name) {
		event.present |= MOOR_HAS(PATH);
		event.path = (struct moor_bytes){m->name, m->name_length};
	}
	if (m->facts.digest_known) {
		event.present |= MOOR_HAS(ALGORITHM) | MOOR_HAS(DIGEST);
		event.algorithm = m->algorithm;
		event.digest = (struct moor_bytes){m->digest, m->digest_length};
	}
	if (verdict->reason) {
		event.present |= MOOR_HAS(REASON);
		if (verdict->reason == MOOR_REASON_DIGEST && m->match.trust) {
			event.expected.data = moor_trust_expected(&m->match, m->algorithm, &length);
			event.expected.length = length;
		}
		if (event.expected.data)
			event.present |= MOOR_HAS(EXPECTED);
	}
	return moor_log_append(&event, m->vm);
}

/* The next time it needs no second look. */
static void accept(const struct moor_measurement *m)
{
	const struct moor_accepted how = {
		.kind = m->kind,
		.flags = m->match.flags,
		.listed = m->facts.listed,
		.matches = m->facts.digest_matches,
	};

	moor_file_accept(m->held, m->file, m->policy ? m->policy->serial : 0, m->renames, &how);
}

/* What the record of a file wants that passed before: its name, and its digest from the cache. */
static int complete_facts(struct moor_measurement *m)
{
	int err = m->name ? 0 : moor_measurement_name(m);

	if (err)
		return err;
	if (!m->match.trust)
		moor_measurement_look_up(m, m->kind);
	return moor_measurement_take(m, m->file);
}

/**
 * moor_measurement_answer - record the verdict, then answer
 * @m: the measurement
 * @verdict: from decide.c
 *
 * Return: 0; -EPERM when refused; why it could not be recorded, which refuses
 * what the verdict would have let in.
 */
int moor_measurement_answer(struct moor_measurement *m, const struct moor_verdict *verdict)
{
	int err;

	/* It passes as it did before, and stands in the log. */
	if (m->facts.extended && verdict->record == MOOR_RECORD_MEASURE)
		return 0;
	/* Passed before, but not this time. */
	if (m->facts.extended && !m->digest_length) {
		err = complete_facts(m);
		if (err)
			return err;
	}
	err = record(m, verdict);

	if (!verdict->allow) {
		moor_count(MOOR_COUNT_refused);
		return -EPERM;
	}
	if (err)
		moor_count(MOOR_COUNT_refused);
	else if (m->held && m->facts.digest_known)
		accept(m);
	return err;
}

/**
 * moor_measurement_passed_before - has it passed under this name, policy and kind?
 * @m: the measurement; it needs no name yet
 * @kind: enum moor_kind it would be looked at as
 *
 * Then there is nothing to read, to look up or to record; the facts say so.
 */
bool moor_measurement_passed_before(struct moor_measurement *m, u8 kind)
{
	const struct inode *inode = moor_real_inode(m->file);
	struct moor_accepted how;

	if (!m->policy || !moor_inode_maybe_known(inode) || moor_file_unlinked(m->file))
		return false;
	m->held = moor_file_hold_accepted(m->file, inode, m->policy->serial, kind, &how);
	if (!m->held)
		return false;
	m->kind = kind;
	m->facts.has_path = true;
	m->facts.filesystem_allowed = true;
	m->facts.listed = how.listed;
	m->facts.starts_domain = how.flags & MOOR_TRUST_DOMAIN;
	m->facts.memory_exec = how.flags & MOOR_TRUST_MEMORY_EXEC;
	m->facts.digest_known = true;
	m->facts.digest_matches = how.matches;
	m->facts.extended = true;
	return true;
}

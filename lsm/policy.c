// SPDX-License-Identifier: GPL-2.0-only
/*
 * The trust policy in force. A new one is checked whole, recorded, extended and
 * then put in place of the old one: there is always one or the other.
 */
#include "moor.h"

#include <linux/err.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

static struct moor_policy __rcu *in_force;
static u64 last_serial;

/* The mode, for those who need nothing else of the policy. */
static u8 mode_in_force;
static u64 serial_in_force; /* likewise; 0: no policy */

static void free_policy(struct moor_policy *policy)
{
	moor_trust_free(policy->trust);
	kfree(policy);
}

/* After the last reader; large sets are freed where it is allowed to sleep. */
static void free_policy_later(struct work_struct *work)
{
	free_policy(container_of(to_rcu_work(work), struct moor_policy, release));
}

/* The policy in force with a reference, or NULL. */
struct moor_policy *moor_policy_get(void)
{
	struct moor_policy *policy;

	rcu_read_lock();
	do {
		policy = rcu_dereference(in_force);
	} while (policy && !refcount_inc_not_zero(&policy->references));
	rcu_read_unlock();
	return policy;
}

/* Gives a reference back. Accepts NULL. */
void moor_policy_put(struct moor_policy *policy)
{
	if (policy && refcount_dec_and_test(&policy->references))
		queue_rcu_work(moor_queue, &policy->release);
}

enum moor_mode moor_mode(void)
{
	return READ_ONCE(mode_in_force);
}

/* The serial of the policy in force, or 0. */
u64 moor_policy_serial(void)
{
	return READ_ONCE(serial_in_force);
}

/* As moor_trust_maybe_listed(); true as well where no policy is in force. Context: under
 * rcu_read_lock(). */
bool moor_policy_maybe_listed(enum moor_kind kind, const char *name, u32 length)
{
	const struct moor_policy *policy = rcu_dereference(in_force);

	return !policy || moor_trust_maybe_listed(policy->trust, kind, name, length);
}

/* While locked nothing may get older or looser. */
static int check_lock(const struct moor_policy *current_policy, const struct moor_trust *next)
{
	if (moor_state() != MOOR_STATE_LOCKED || !current_policy)
		return 0;
	if (next->generation < current_policy->trust->generation ||
	    next->version < current_policy->trust->version)
		return -ESTALE;
	if (current_policy->trust->enforcing && !next->enforcing)
		return -EPERM;
	return 0;
}

static int record_policy(const struct moor_trust *trust, bool mode_changes)
{
	const u8 mode = trust->enforcing ? MOOR_MODE_ENFORCING : MOOR_MODE_LEARNING;
	const struct moor_event loaded = {
		.present = MOOR_HAS(ALGORITHM) | MOOR_HAS(DIGEST) | MOOR_HAS(MODE) |
			   MOOR_HAS(NAME) | MOOR_HAS(VERSION) | MOOR_HAS(GENERATION),
		.record = MOOR_RECORD_POLICY,
		.algorithm = MOOR_ALGORITHM_SHA256,
		.digest = {trust->digest, sizeof(trust->digest)},
		.mode = mode,
		.name = {trust->name, strlen(trust->name)},
		.version = trust->version,
		.generation = trust->generation,
	};
	const struct moor_event changed = {
		.present = MOOR_HAS(MODE),
		.record = MOOR_RECORD_MODE,
		.mode = mode,
	};
	int err = moor_log_append(&loaded, NULL);

	return err || !mode_changes ? err : moor_log_append(&changed, NULL);
}

/**
 * moor_policy_commit - put a staged policy in force
 * @bytes: kvmalloc'd packed entries; taken over on success
 * @length: of @bytes
 * @entry_count: entries in @bytes
 * @commit: what user space says of them
 *
 * Return: 0; -EAGAIN before arming or the cap; -EBADMSG when the digest is not
 * that of @bytes; -EINVAL, -E2BIG, -EEXIST, -ENOTUNIQ for what is wrong with an
 * entry; -ESTALE for an older one while locked, -EPERM for a looser; -EIO when
 * it could not be recorded; -ENOMEM.
 */
int moor_policy_commit(void *bytes, u32 length, u32 entry_count,
		       const struct moor_trust_commit *commit)
{
	const enum moor_state state = moor_state();
	struct moor_policy *policy, *old;
	struct moor_trust *trust;
	u32 error_offset;
	u8 digest[32];
	int err;

	lockdep_assert_held(&moor_control);
	if (state == MOOR_STATE_BROKEN)
		return -EIO;
	if (state != MOOR_STATE_OPEN && state != MOOR_STATE_LOCKED)
		return -EAGAIN;
	err = moor_sha256(bytes, length, digest);
	if (err)
		return err;
	if (memcmp(digest, commit->digest, sizeof(digest)))
		return -EBADMSG;
	policy = kzalloc(sizeof(*policy), GFP_KERNEL_ACCOUNT);
	if (!policy)
		return -ENOMEM;
	trust = moor_trust_create(bytes, length, entry_count, get_random_u64(), &error_offset);
	if (IS_ERR(trust)) {
		kfree(policy);
		return PTR_ERR(trust);
	}
	trust->version = commit->version;
	trust->generation = commit->generation;
	trust->enforcing = commit->flags & MOOR_COMMIT_ENFORCING;
	memcpy(trust->digest, digest, sizeof(digest));
	strscpy(trust->name, commit->name, sizeof(trust->name));
	policy->trust = trust;
	policy->serial = ++last_serial;
	policy->mode = trust->enforcing ? MOOR_MODE_ENFORCING : MOOR_MODE_LEARNING;
	refcount_set(&policy->references, 1);
	INIT_RCU_WORK(&policy->release, free_policy_later);

	old = rcu_dereference_protected(in_force, lockdep_is_held(&moor_control));
	err = check_lock(old, trust);
	if (!err)
		err = record_policy(trust, policy->mode != mode_in_force);
	if (err) {
		/* The bytes stay the caller's. */
		trust->bytes = NULL;
		free_policy(policy);
		return err;
	}
	rcu_assign_pointer(in_force, policy);
	WRITE_ONCE(mode_in_force, policy->mode);
	WRITE_ONCE(serial_in_force, policy->serial);
	moor_policy_put(old);
	return 0;
}

/* No policy is in force any more; only when the hooks are given back. */
void moor_policy_drop(void)
{
	struct moor_policy *old = rcu_dereference_protected(in_force, true);

	RCU_INIT_POINTER(in_force, NULL);
	WRITE_ONCE(mode_in_force, MOOR_MODE_NONE);
	WRITE_ONCE(serial_in_force, 0);
	moor_policy_put(old);
}

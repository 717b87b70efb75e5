// SPDX-License-Identifier: GPL-2.0-only
/*
 * The access policy in force, and how one comes there: staged in pieces, then
 * checked whole, recorded, extended, and put in place of the old one.
 */
#include "access_load.h"
#include "access_cache.h"
#include "access_record.h"
#include "identity.h"

#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

/* A loader that is silent for so long has died: another may take its place. */
#define STAGING_SECONDS 30

static struct moor_access_policy __rcu *in_force;
/* Whether there is one, for those who ask at each open. */
DEFINE_STATIC_KEY_FALSE(moor_access_in_force);

/* What is being handed over, under moor_control. */
static struct {
	u8 *bytes;
	u64 byte_count;
	u64 filled;
	u64 token;
	unsigned long touched; /* jiffies */
} staged;

/* What was wrong with the last one, for people. */
static char problem[128];

static void drop_staged(void)
{
	kvfree(staged.bytes);
	memset(&staged, 0, sizeof(staged));
	moor_identities_unstage();
}

static void free_policy(struct moor_access_policy *policy)
{
	moor_access_free(policy->access);
	kfree(policy);
}

/* After the last reader; large policies are freed where it is allowed to sleep. */
static void free_policy_later(struct work_struct *work)
{
	free_policy(container_of(to_rcu_work(work), struct moor_access_policy, release));
}

/**
 * moor_access_policy - the access policy in force
 *
 * Return: the policy, while the caller holds rcu_read_lock(); NULL when there is none.
 */
const struct moor_access_policy *moor_access_policy(void)
{
	return rcu_dereference(in_force);
}

/* May this VM start at all? In enforcing mode not without a domain of the policy. */
bool moor_access_knows(const char *vm)
{
	const struct moor_access_policy *policy;
	bool known = true;

	rcu_read_lock();
	policy = moor_access_policy();
	if (policy && policy->access->enforcing)
		known = moor_access_find(policy->access, vm) != MOOR_ACCESS_NO_DOMAIN;
	rcu_read_unlock();
	return known;
}

/**
 * moor_access_begin - make room for a policy
 * @byte_count: of all its packed bytes
 * @token: out: what the commit has to name
 *
 * Return: 0; -EBUSY while another loader is at it; -E2BIG, -EINVAL for its size; -ENOMEM.
 */
int moor_access_begin(u64 byte_count, u64 *token)
{
	lockdep_assert_held(&moor_control);
	problem[0] = '\0';
	if (byte_count > MOOR_ACCESS_BYTES_MAX)
		return -E2BIG;
	if (byte_count < sizeof(struct moor_access_header))
		return -EINVAL;
	if (staged.bytes && time_before(jiffies, staged.touched + STAGING_SECONDS * HZ))
		return -EBUSY;
	drop_staged();
	staged.bytes = kvmalloc(byte_count, GFP_KERNEL_ACCOUNT);
	if (!staged.bytes)
		return -ENOMEM;
	staged.byte_count = byte_count;
	staged.touched = jiffies;
	staged.token = *token = get_random_u64() | 1;
	return 0;
}

/**
 * moor_access_token - of what is being staged
 *
 * Return: the token, or 0.
 */
u64 moor_access_token(void)
{
	lockdep_assert_held(&moor_control);
	return staged.token;
}

/**
 * moor_access_add - take the next bytes
 * @bytes: of the policy
 * @offset: where they stand in it; where the last ones ended
 * @length: how many
 *
 * Return: 0; -ENODATA when nothing was begun, -ESPIPE for another offset, -E2BIG for more than were
 * spoken of.
 */
int moor_access_add(const void *bytes, u64 offset, u64 length)
{
	lockdep_assert_held(&moor_control);
	if (!staged.bytes)
		return -ENODATA;
	if (offset != staged.filled)
		return -ESPIPE;
	if (length > staged.byte_count - staged.filled)
		return -E2BIG;
	memcpy(staged.bytes + offset, bytes, length);
	staged.filled += length;
	staged.touched = jiffies;
	return 0;
}

/**
 * moor_access_claim - what is being staged says that an object is a VM's alone
 * @token: of what is being staged
 * @path: the object, held by the caller
 * @vm: the VM
 * @number: of the claim; with -EEXIST that of the other VM's
 *
 * Return: 0; -ENODATA when nothing was begun, -EKEYREJECTED for another token, -ENOTCONN while
 * nobody would hear that an object is freed; as moor_identity_stage().
 */
int moor_access_claim(u64 token, const struct path *path, const char *vm, u32 *number)
{
	lockdep_assert_held(&moor_control);
	if (!staged.bytes)
		return -ENODATA;
	if (staged.token != token)
		return -EKEYREJECTED;
	if (!moor_attach_holds_access())
		return -ENOTCONN;
	staged.touched = jiffies;
	return moor_identity_stage(path->dentry, vm, *number, number);
}

/* Does a domain learn in @next whose VM is held to its rules @now? One that @next has not is not
 * seen here. */
static bool one_learns_anew(const struct moor_access *now, const struct moor_access *next)
{
	u32 i;

	for (i = 0; i < next->domain_count; i++)
		if (!moor_access_enforces(next, i) && moor_access_enforces_alike(now, next, i))
			return true;
	return false;
}

/* While locked nothing may get older or looser. */
static int check_lock(const struct moor_access_policy *current_policy,
		      const struct moor_access *next)
{
	const struct moor_access *now;

	if (moor_state() != MOOR_STATE_LOCKED || !current_policy)
		return 0;
	now = current_policy->access;
	if (next->generation < now->generation || next->version < now->version)
		return -ESTALE;
	if (now->enforcing && !next->enforcing)
		return -EPERM;
	return one_learns_anew(now, next) ? -EPERM : 0;
}

static int record(const struct moor_access *access)
{
	const struct moor_event event = {
		.present = MOOR_HAS(ALGORITHM) | MOOR_HAS(DIGEST) | MOOR_HAS(MODE) |
			   MOOR_HAS(NAME) | MOOR_HAS(VERSION) | MOOR_HAS(GENERATION),
		.record = MOOR_RECORD_ACCESS,
		.algorithm = MOOR_ALGORITHM_SHA256,
		.digest = {access->digest, sizeof(access->digest)},
		.mode = access->enforcing ? MOOR_MODE_ENFORCING : MOOR_MODE_LEARNING,
		.name = {access->name, strlen(access->name)},
		.version = access->version,
		.generation = access->generation,
	};

	return moor_log_append(&event, NULL);
}

/*
 * While locked, the policy in force may be loaded once more, by somebody who leaves its claims out:
 * that is not to make its objects anybody's.
 */
static bool keeps_claims(const struct moor_access_policy *old,
			 const struct moor_access_policy *next)
{
	return old && next && moor_state() == MOOR_STATE_LOCKED &&
	       !memcmp(old->access->digest, next->access->digest, sizeof(old->access->digest));
}

static void put_in_force(struct moor_access_policy *policy)
{
	struct moor_access_policy *old =
		rcu_dereference_protected(in_force, lockdep_is_held(&moor_control));

	/* What the old policy let pass is not to be remembered past the new claims either. */
	moor_identities_put_in_force(keeps_claims(old, policy));
	rcu_assign_pointer(in_force, policy);
	moor_access_forget();
	moor_identities_settle(policy ? policy->access : NULL);
	moor_access_record_anew();
	if (old)
		queue_rcu_work(moor_queue, &old->release);
	else
		static_branch_enable(&moor_access_in_force);
}

static int commit_whole(const struct moor_access_commit *commit)
{
	struct moor_access_policy *policy;
	struct moor_access *access;
	u32 error_offset;
	u8 digest[32];
	int err = moor_sha256(staged.bytes, (u32)staged.byte_count, digest);

	if (err)
		return err;
	if (memcmp(digest, commit->digest, sizeof(digest)))
		return -EBADMSG;
	policy = kzalloc(sizeof(*policy), GFP_KERNEL_ACCOUNT);
	if (!policy)
		return -ENOMEM;
	access = moor_access_create(staged.bytes, (u32)staged.byte_count, &error_offset);
	if (IS_ERR(access)) {
		if (PTR_ERR(access) == -EINVAL)
			scnprintf(problem, sizeof(problem), "no access policy: wrong at byte %u\n",
				  error_offset);
		kfree(policy);
		return PTR_ERR(access);
	}
	/* They are the policy's now. */
	staged.bytes = NULL;
	access->version = commit->version;
	access->generation = commit->generation;
	access->enforcing = commit->flags & MOOR_COMMIT_ENFORCING;
	memcpy(access->digest, digest, sizeof(digest));
	strscpy(access->name, commit->name, sizeof(access->name));
	policy->access = access;
	INIT_RCU_WORK(&policy->release, free_policy_later);

	err = check_lock(rcu_dereference_protected(in_force, lockdep_is_held(&moor_control)),
			 access);
	if (!err && !moor_identities_fit(access)) {
		scnprintf(problem, sizeof(problem), "an object is claimed for an unknown VM\n");
		err = -EINVAL;
	}
	if (!err)
		err = record(access);
	if (err)
		free_policy(policy);
	else
		put_in_force(policy);
	return err;
}

/**
 * moor_access_commit - put what is staged in force
 * @commit: what user space says of it
 *
 * With the right token nothing is staged afterwards, whatever comes of it; another loader's bytes
 * stay.
 *
 * Return: 0; -EAGAIN before arming or the cap, -ENOTCONN when armed without its hooks; -ENODATA
 * when it is not whole; -EKEYREJECTED for another token; -EBADMSG when the digest is not that of
 * the bytes; -EINVAL for what is no policy, or when an object was claimed for a VM that it has not;
 * -E2BIG for one with too many domains; -ESTALE for an
 * older one while locked, -EPERM for one that only learns in place of one that enforces; -EIO when
 * it could not be recorded; -ENOMEM.
 */
int moor_access_commit(const struct moor_access_commit *commit)
{
	const enum moor_state state = moor_state();
	int err;

	lockdep_assert_held(&moor_control);
	problem[0] = '\0';
	if (!staged.bytes)
		return -ENODATA;
	if (staged.token != commit->token)
		return -EKEYREJECTED;
	if (state == MOOR_STATE_BROKEN)
		err = -EIO;
	else if (state != MOOR_STATE_OPEN && state != MOOR_STATE_LOCKED)
		err = -EAGAIN;
	else if (!moor_attach_holds_access())
		err = -ENOTCONN;
	else
		err = staged.filled == staged.byte_count ? commit_whole(commit) : -ENODATA;
	if (err && !problem[0])
		scnprintf(problem, sizeof(problem), "not put in force: error %d\n", -err);
	drop_staged();
	return err;
}

/* What was wrong with the last one, a line; "" when nothing was. */
const char *moor_access_problem(void)
{
	lockdep_assert_held(&moor_control);
	return problem;
}

/* No policy is in force or staged any more; only when the hooks are given back. */
void moor_access_drop(void)
{
	drop_staged();
	if (!rcu_access_pointer(in_force))
		return;
	static_branch_disable(&moor_access_in_force);
	put_in_force(NULL);
}

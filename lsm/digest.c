// SPDX-License-Identifier: GPL-2.0-only
/* The digest of a held file: one task reads, the others that want it wait. */
#include "file.h"

#include <linux/string.h>
#include <linux/wait.h>

static DECLARE_WAIT_QUEUE_HEAD(digest_taken);

/* What the caller of moor_file_digest() has to do next. */
enum digest_turn { TURN_DONE, TURN_TAKE, TURN_WAIT };

static enum digest_turn digest_turn(struct moor_file *held, u8 digest[32])
{
	enum digest_turn turn = TURN_WAIT;
	unsigned long flags;

	spin_lock_irqsave(&moor_files_lock, flags);
	if (moor_file_digest_fits(held)) {
		memcpy(digest, held->digest, sizeof(held->digest));
		turn = TURN_DONE;
	} else if (held->state != DIGEST_BEING_TAKEN) {
		held->state = DIGEST_BEING_TAKEN;
		held->written = false;
		held->acceptance.policy = 0;
		turn = TURN_TAKE;
	}
	spin_unlock_irqrestore(&moor_files_lock, flags);
	return turn;
}

static void digest_end(struct moor_file *held, const u8 digest[32], bool valid)
{
	unsigned long flags;

	spin_lock_irqsave(&moor_files_lock, flags);
	held->state = valid ? DIGEST_VALID : DIGEST_NONE;
	if (valid) {
		memcpy(held->digest, digest, sizeof(held->digest));
		held->size = i_size_read(held->inode);
		moor_inode_times(held->inode, &held->modified, &held->changed);
	}
	spin_unlock_irqrestore(&moor_files_lock, flags);
	wake_up_all(&digest_taken);
}

/**
 * moor_file_digest - the SHA-256 of a held file, from the cache or taken now
 * @held: the file, held
 * @file: open for reading
 * @digest: out
 *
 * One task reads, others that want the same file wait for it and can be killed
 * meanwhile.
 *
 * Return: 0; -EINTR when killed while waiting; what reading failed with.
 */
int moor_file_digest(struct moor_file *held, struct file *file, u8 digest[32])
{
	enum digest_turn turn;
	int err;

	might_sleep();
	err = wait_event_killable(digest_taken, (turn = digest_turn(held, digest)) != TURN_WAIT);
	if (err)
		return -EINTR;
	if (turn == TURN_DONE)
		return 0;
	moor_count(MOOR_COUNT_hashed_files);
	err = moor_sha256_file(file, digest);
	if (!err)
		err = moor_tail_check(file);
	digest_end(held, digest, !err);
	return err;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The trust policy in memory: an immutable set of packed entries with an index
 * over (kind, path). Built once from the bytes user space staged, published by
 * the caller through RCU, never changed after.
 */
#ifndef MOOR_TRUST_H
#define MOOR_TRUST_H

#include "portable.h"

struct moor_trust_node;

#define MOOR_NAME_FILTER_BITS 10

/**
 * struct moor_trust - a trust policy in force, or about to be
 * @version: the person's number from the policy's header
 * @generation: of the sealed bundle, 0 while the policy is not sealed
 * @name: of the policy, NUL-terminated
 * @digest: SHA-256 of all packed bytes in order
 * @enforcing: mode it came with; false is learning
 * @entry_count: how many entries it holds
 *
 * moor_trust_create() sets @entry_count and leaves the other public fields
 * zero; the caller fills them before it publishes the pointer and nobody
 * writes to them afterwards.
 */
struct moor_trust {
	u64 version;
	u64 generation;
	char name[MOOR_POLICY_NAME_MAX + 1];
	u8 digest[32];
	bool enforcing;
	u32 entry_count;
	/* private: */
	const u8 *bytes;
	struct moor_trust_node *nodes;
	u32 *slots;
	u32 slot_mask;
	u64 seed;
	/* of the last names of what is listed as EXEC or FIRMWARE, a bit for each hash */
	u64 last_names[(1 << MOOR_NAME_FILTER_BITS) / 64];
};

/**
 * struct moor_trust_match - the entries of one (kind, path)
 * @trust: the policy they stand in; valid as long as that is (RCU)
 * @flags: MOOR_TRUST_* of the path, the same in each of its entries
 * @algorithms: bit N is set when an entry with algorithm N is listed; bit
 *	MOOR_ALGORITHM_NONE says that the policy names the path without a digest
 */
struct moor_trust_match {
	const struct moor_trust *trust;
	u8 flags;
	u8 algorithms;
	/* private: number of the last entry, whose next is the first */
	u32 last;
};

int moor_trust_check(const void *bytes, u32 length, u32 *entry_count, u32 *error_offset);

struct moor_trust *moor_trust_create(void *bytes, u32 length, u32 entry_count, u64 seed,
				     u32 *error_offset);
void moor_trust_free(struct moor_trust *trust);

bool moor_trust_find(const struct moor_trust *trust, enum moor_kind kind, const char *path,
		     u32 length, struct moor_trust_match *match);
bool moor_trust_maybe_listed(const struct moor_trust *trust, enum moor_kind kind, const char *name,
			     u32 length);
bool moor_trust_matches(const struct moor_trust_match *match, u8 algorithm, const u8 *digest,
			u32 length);
const u8 *moor_trust_expected(const struct moor_trust_match *match, u8 algorithm, u32 *length);

u32 moor_digest_length(u8 algorithm);

#endif /* MOOR_TRUST_H */

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The trust policy in memory, see trust.h.
 *
 * The entries stay packed as user space sent them. Beside them stand one node
 * an entry and an open-addressing table with one slot a (kind, path). The nodes
 * of one path form a ring: the slot names the last one, whose next is the first.
 * So a run grows at its end in constant time and is read in the policy's order.
 */
#include "trust.h"
#include "trust_entry.h"

struct moor_trust_node {
	u32 offset; /* of the entry in the packed bytes */
	u32 next;   /* number of the next node of this path, round to the first */
};

static struct entry node_entry(const struct moor_trust *trust, u32 node)
{
	return read_entry(trust->bytes + trust->nodes[node].offset);
}

/* A keyed multiply-and-fold over eight bytes at a time: cheap, because it runs
 * in hooks. The seed keeps runs of equal slots out of reach of who writes paths. */
static u64 hash_bytes(u64 hash, const void *bytes, u32 length)
{
	const u8 *at = bytes;
	u8 tail[8] = {0};

	hash ^= (u64)length << 32;
	for (; length >= 8; length -= 8, at += 8) {
		hash = (hash ^ get_unaligned_le64(at)) * 0x9e3779b97f4a7c15ULL;
		hash ^= hash >> 29;
	}
	if (length)
		memcpy(tail, at, length);
	hash = (hash ^ get_unaligned_le64(tail)) * 0xbf58476d1ce4e5b9ULL;
	return hash ^ hash >> 32;
}

static u64 hash_path(u64 seed, u8 kind, const char *path, u32 length)
{
	return hash_bytes(seed + kind, path, length);
}

static bool same_path(const struct entry *entry, u8 kind, const char *path, u32 length)
{
	return entry->header.kind == kind && entry->header.path_length == length &&
	       memcmp(entry->path, path, length) == 0;
}

/* The slot that holds (kind, path), or the free one where it belongs. At least
 * half of the slots are free, so the search ends. */
static u32 *find_slot(const struct moor_trust *trust, u8 kind, const char *path, u32 length)
{
	u32 slot = (u32)hash_path(trust->seed, kind, path, length) & trust->slot_mask;

	while (trust->slots[slot]) {
		struct entry entry = node_entry(trust, trust->slots[slot] - 1);

		if (same_path(&entry, kind, path, length))
			break;
		slot = (slot + 1) & trust->slot_mask;
	}
	return &trust->slots[slot];
}

/* Notes in @seen that entry @node exists; false when its equal was there. */
static bool note_new(const struct moor_trust *trust, u32 *seen, u32 node)
{
	struct entry entry = node_entry(trust, node);
	u64 hash = hash_path(trust->seed, entry.header.kind, entry.path, entry.header.path_length);
	u32 slot;

	hash = hash_bytes(hash + entry.header.algorithm, entry.digest, entry.header.digest_length);
	for (slot = (u32)hash & trust->slot_mask; seen[slot];
	     slot = (slot + 1) & trust->slot_mask) {
		struct entry other = node_entry(trust, seen[slot] - 1);

		if (other.header.algorithm == entry.header.algorithm &&
		    memcmp(other.digest, entry.digest, entry.header.digest_length) == 0 &&
		    same_path(&other, entry.header.kind, entry.path, entry.header.path_length))
			return false;
	}
	seen[slot] = node + 1;
	return true;
}

/* What is opened or executed all the time. The other kinds would fill the filter. */
static bool kind_is_filtered(u8 kind)
{
	return kind == MOOR_KIND_EXEC || kind == MOOR_KIND_FIRMWARE;
}

static u32 name_bit(const struct moor_trust *trust, u8 kind, const char *name, u32 length)
{
	return (u32)hash_path(trust->seed, kind, name, length) &
	       ((1u << MOOR_NAME_FILTER_BITS) - 1);
}

/* Notes the last name of a path. */
static void note_name(struct moor_trust *trust, const struct entry *entry)
{
	u32 start = entry->header.path_length;
	u32 bit;

	if (!kind_is_filtered(entry->header.kind))
		return;
	while (start > 0 && entry->path[start - 1] != '/')
		start--;
	bit = name_bit(trust, entry->header.kind, entry->path + start,
		       entry->header.path_length - start);
	trust->last_names[bit / 64] |= 1ULL << bit % 64;
}

/* Appends @node to the run of its path. */
static int link_node(struct moor_trust *trust, u32 node)
{
	struct entry entry = node_entry(trust, node);
	u32 *slot = find_slot(trust, entry.header.kind, entry.path, entry.header.path_length);

	if (*slot) {
		u32 last = *slot - 1;

		if (node_entry(trust, last).header.flags != entry.header.flags)
			return -ENOTUNIQ;
		trust->nodes[node].next = trust->nodes[last].next;
		trust->nodes[last].next = node;
	} else {
		trust->nodes[node].next = node;
		note_name(trust, &entry);
	}
	*slot = node + 1;
	return 0;
}

static int build_index(struct moor_trust *trust, u32 *seen, u32 *error_offset)
{
	u32 offset = 0;
	u32 node;

	for (node = 0; node < trust->entry_count; node++) {
		int error = 0;

		trust->nodes[node].offset = offset;
		if (!note_new(trust, seen, node))
			error = -EEXIST;
		else
			error = link_node(trust, node);
		if (error) {
			*error_offset = offset;
			return error;
		}
		offset += node_entry(trust, node).header.size;
	}
	return 0;
}

/**
 * moor_trust_create - make a set out of all packed entries
 * @bytes: packed entries from kvmalloc(); the set owns them when this succeeds,
 *	the caller still does when it fails. May be NULL when @length is 0.
 * @length: of all of them
 * @entry_count: how many user space promised
 * @seed: random; the index depends on it, answers do not
 * @error_offset: out: with an error that has a place, where that entry begins
 *
 * Reads everything again, however often it was checked on the way in.
 *
 * Return: the set, or ERR_PTR: -E2BIG for too many entries or bytes, -EINVAL
 * for an entry that cannot be read (placed), -EBADMSG when there are more or
 * fewer than promised, -EEXIST for an entry that stands there twice (the second
 * is placed), -ENOTUNIQ for one whose flags differ from those of an earlier
 * entry with its kind and path (placed), -ENOMEM.
 * Context: process, may sleep to allocate.
 */
struct moor_trust *moor_trust_create(void *bytes, u32 length, u32 entry_count, u64 seed,
				     u32 *error_offset)
{
	struct moor_trust *trust = NULL;
	u32 *seen = NULL;
	u32 slot_count, found;
	int error;

	*error_offset = 0;
	if (entry_count > MOOR_TRUST_ENTRIES_MAX)
		return ERR_PTR(-E2BIG);
	error = moor_trust_check(bytes, length, &found, error_offset);
	if (error)
		return ERR_PTR(error);
	if (found != entry_count)
		return ERR_PTR(-EBADMSG);

	slot_count = (u32)roundup_pow_of_two(2 * (unsigned long)entry_count + 2);
	trust = kzalloc(sizeof(*trust), GFP_KERNEL_ACCOUNT);
	if (!trust)
		return ERR_PTR(-ENOMEM);
	trust->seed = seed;
	trust->slot_mask = slot_count - 1;
	trust->entry_count = entry_count;
	trust->slots = kvcalloc(slot_count, sizeof(*trust->slots), GFP_KERNEL_ACCOUNT);
	/* One more than needed: no allocation of nothing for an empty policy. */
	trust->nodes = kvcalloc((size_t)entry_count + 1, sizeof(*trust->nodes), GFP_KERNEL_ACCOUNT);
	seen = kvcalloc(slot_count, sizeof(*seen), GFP_KERNEL);
	if (!trust->slots || !trust->nodes || !seen) {
		error = -ENOMEM;
		goto out_free;
	}

	trust->bytes = bytes;
	error = build_index(trust, seen, error_offset);
	if (error)
		goto out_free;
	kvfree(seen);
	return trust;

out_free:
	kvfree(seen);
	trust->bytes = NULL; /* they stay with the caller */
	moor_trust_free(trust);
	return ERR_PTR(error);
}

/**
 * moor_trust_free - give a set back, its packed bytes included
 * @trust: from moor_trust_create(); NULL and ERR_PTR are let pass
 *
 * Context: process, may sleep; after the last reader (RCU) is gone.
 */
void moor_trust_free(struct moor_trust *trust)
{
	if (IS_ERR_OR_NULL(trust))
		return;
	kvfree(trust->bytes);
	kvfree(trust->nodes);
	kvfree(trust->slots);
	kfree(trust);
}

/**
 * moor_trust_find - the entries of one path
 * @trust: the set, or NULL where no policy is in force
 * @kind: what the file is used as
 * @path: as the kernel built it; need not end with a NUL
 * @length: of @path
 * @match: out: filled when something was found
 *
 * Return: true when the policy names that path with that kind.
 * Context: any; no allocation, no sleep, no lock. The caller holds
 * rcu_read_lock() or otherwise keeps @trust, for as long as it uses @match.
 */
bool moor_trust_find(const struct moor_trust *trust, enum moor_kind kind, const char *path,
		     u32 length, struct moor_trust_match *match)
{
	u32 slot, node;

	if (!trust || !length || length > MOOR_PATH_MAX)
		return false;
	slot = *find_slot(trust, (u8)kind, path, length);
	if (!slot)
		return false;

	match->trust = trust;
	match->last = slot - 1;
	match->flags = node_entry(trust, match->last).header.flags;
	match->algorithms = 0;
	node = match->last;
	do {
		node = trust->nodes[node].next;
		match->algorithms |= (u8)BIT(node_entry(trust, node).header.algorithm);
	} while (node != match->last);
	return true;
}

/**
 * moor_trust_maybe_listed - can a file with this last name be listed?
 * @trust: the set
 * @kind: what the file is used as; only EXEC and FIRMWARE are ever told apart
 * @name: the last name of its path; need not end with a NUL
 * @length: of @name
 *
 * Return: false is certain; true is worth a look with moor_trust_find().
 * Context: any, as moor_trust_find().
 */
bool moor_trust_maybe_listed(const struct moor_trust *trust, enum moor_kind kind, const char *name,
			     u32 length)
{
	u32 bit = name_bit(trust, (u8)kind, name, length);

	return !kind_is_filtered((u8)kind) || (trust->last_names[bit / 64] >> bit % 64 & 1);
}

/**
 * moor_trust_matches - is this one of the listed digests
 * @match: from moor_trust_find()
 * @algorithm: how the digest was taken; NONE never matches
 * @digest: what was found
 * @length: of @digest
 *
 * Return: true when an entry lists exactly this digest.
 * Context: any, as moor_trust_find().
 */
bool moor_trust_matches(const struct moor_trust_match *match, u8 algorithm, const u8 *digest,
			u32 length)
{
	const struct moor_trust *trust = match->trust;
	u32 node = match->last;

	if (algorithm == MOOR_ALGORITHM_NONE)
		return false;
	do {
		struct entry entry;

		node = trust->nodes[node].next;
		entry = node_entry(trust, node);
		if (entry.header.algorithm == algorithm && entry.header.digest_length == length &&
		    memcmp(entry.digest, digest, length) == 0)
			return true;
	} while (node != match->last);
	return false;
}

/**
 * moor_trust_expected - the first listed digest, for the record of a refusal
 * @match: from moor_trust_find()
 * @algorithm: how the digest that was found was taken
 * @length: out: of the digest, 0 when there is none
 *
 * Return: the digest inside the set, valid as long as that is, or NULL when
 * none is listed for @algorithm.
 * Context: any, as moor_trust_find().
 */
const u8 *moor_trust_expected(const struct moor_trust_match *match, u8 algorithm, u32 *length)
{
	const struct moor_trust *trust = match->trust;
	u32 node = match->last;

	*length = 0;
	if (algorithm == MOOR_ALGORITHM_NONE)
		return NULL;
	do {
		struct entry entry;

		node = trust->nodes[node].next;
		entry = node_entry(trust, node);
		if (entry.header.algorithm == algorithm) {
			*length = entry.header.digest_length;
			return entry.digest;
		}
	} while (node != match->last);
	return NULL;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as packed trust entries: check, create, and when that succeeds every
 * entry must be found, and what is found must stand in the bytes.
 */
#include "allocation.h"
#include "trust.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define REQUIRE(condition)                                                                         \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

struct plain_entry {
	struct moor_trust_entry header;
	const u8 *digest;
	const char *path;
};

static struct plain_entry read_plain(const u8 *at)
{
	struct plain_entry entry;

	memcpy(&entry.header, at, sizeof(entry.header));
	entry.digest = at + sizeof(entry.header);
	entry.path = (const char *)entry.digest + entry.header.digest_length;
	return entry;
}

static bool same_path(const struct plain_entry *one, const struct plain_entry *other)
{
	return one->header.kind == other->header.kind &&
	       one->header.path_length == other->header.path_length &&
	       memcmp(one->path, other->path, one->header.path_length) == 0;
}

/* What a linear search says of the entry's path. */
static void compare(const struct moor_trust *trust, const u8 *data, u32 length,
		    const struct plain_entry *wanted)
{
	const u8 *first = NULL, *expected;
	struct moor_trust_match match;
	u8 algorithms = 0;
	u32 at, expected_length;

	REQUIRE(moor_trust_find(trust, wanted->header.kind, wanted->path,
				wanted->header.path_length, &match));
	REQUIRE(match.flags == wanted->header.flags);
	for (at = 0; at < length;) {
		struct plain_entry entry = read_plain(data + at);

		at += entry.header.size;
		if (!same_path(&entry, wanted))
			continue;
		algorithms |= (u8)(1 << entry.header.algorithm);
		if (!first && entry.header.algorithm == wanted->header.algorithm)
			first = entry.digest;
	}
	REQUIRE(match.algorithms == algorithms);

	expected = moor_trust_expected(&match, wanted->header.algorithm, &expected_length);
	REQUIRE(expected_length == wanted->header.digest_length);
	if (wanted->header.algorithm == MOOR_ALGORITHM_NONE) {
		REQUIRE(!expected);
		return;
	}
	REQUIRE(memcmp(expected, first, expected_length) == 0);
	REQUIRE(moor_trust_matches(&match, wanted->header.algorithm, wanted->digest,
				   wanted->header.digest_length));
}

/* What stands on no list must not be found, however near it is. */
static void try_near_miss(const struct moor_trust *trust, const struct plain_entry *wanted)
{
	u8 digest[MOOR_DIGEST_MAX];
	struct moor_trust_match match;

	REQUIRE(!moor_trust_find(trust, 0, wanted->path, wanted->header.path_length, &match));
	if (!wanted->header.digest_length)
		return;
	REQUIRE(moor_trust_find(trust, wanted->header.kind, wanted->path,
				wanted->header.path_length, &match));
	memcpy(digest, wanted->digest, wanted->header.digest_length);
	REQUIRE(!moor_trust_matches(&match, wanted->header.algorithm, digest,
				    wanted->header.digest_length - 1U));
	REQUIRE(!moor_trust_matches(&match, MOOR_ALGORITHM_NONE, digest,
				    wanted->header.digest_length));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u32 count, error_offset, create_offset, at;
	u32 length = (u32)size;
	struct moor_trust *trust;
	u8 *bytes = kvcalloc(size + 1, 1, GFP_KERNEL);
	int checked;

	REQUIRE(bytes);
	memcpy(bytes, data, size);
	checked = moor_trust_check(data, length, &count, &error_offset);
	trust = moor_trust_create(bytes, length, count, size * 0x9e3779b97f4a7c15ULL,
				  &create_offset);
	if (checked) {
		REQUIRE(checked == -EINVAL && error_offset < length);
		REQUIRE(IS_ERR(trust) && PTR_ERR(trust) == -EINVAL);
		REQUIRE(create_offset == error_offset);
		/* All before the bad entry is a policy of its own. */
		REQUIRE(moor_trust_check(data, error_offset, &at, &create_offset) == 0);
		REQUIRE(at == count);
	}
	if (IS_ERR(trust)) {
		REQUIRE(checked || PTR_ERR(trust) == -EEXIST || PTR_ERR(trust) == -ENOTUNIQ);
		REQUIRE(checked || (create_offset > 0 && create_offset < length));
		kvfree(bytes);
	} else {
		REQUIRE(trust->entry_count == count);
		for (at = 0; at < length;) {
			struct plain_entry entry = read_plain(data + at);

			compare(trust, data, length, &entry);
			try_near_miss(trust, &entry);
			at += entry.header.size;
		}
		moor_trust_free(trust);
	}
	REQUIRE(allocation_counts().blocks == 0);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/* What moor_trust_create() takes and refuses, and what it costs. */
#include "trust_make.h"

#include <stdlib.h>

static bool find(const struct moor_trust *trust, enum moor_kind kind, const char *path,
		 struct moor_trust_match *match)
{
	return moor_trust_find(trust, kind, path, (u32)strlen(path), match);
}

static bool matches(const struct moor_trust_match *match, u8 algorithm, u8 fill)
{
	u8 digest[MOOR_DIGEST_MAX];

	memset(digest, fill, sizeof(digest));
	return moor_trust_matches(match, algorithm, digest, moor_digest_length(algorithm));
}

static void refuses_wrong_counts(void)
{
	struct packer packer;

	test_begin("trust create refuses one entry more or less than promised");
	packer_init(&packer, LARGE);
	pack_sample(&packer);
	packer.count++;
	expect_create(&packer, -EBADMSG, 0);
	packer.count -= 2;
	expect_create(&packer, -EBADMSG, 0);
	packer.count = 0;
	expect_create(&packer, -EBADMSG, 0);
	packer_free(&packer);
	test_end();
}

static void holds_its_limits(void)
{
	struct moor_trust *trust;
	struct packer packer;
	u32 count, offset;

	test_begin("trust create takes 65536 entries");
	packer_init(&packer, MOOR_TRUST_BYTES_MAX);
	pack_many(&packer, MOOR_TRUST_ENTRIES_MAX, "/lib/%u");
	trust = create_valid(&packer);
	CHECK(trust && trust->entry_count == MOOR_TRUST_ENTRIES_MAX);
	moor_trust_free(trust);
	test_end();

	test_begin("trust create refuses 65537 entries");
	packer_init(&packer, MOOR_TRUST_BYTES_MAX);
	pack_many(&packer, MOOR_TRUST_ENTRIES_MAX + 1, "/lib/%u");
	expect_create(&packer, -E2BIG, 0);
	packer_free(&packer);
	test_end();

	test_begin("trust check refuses more than 16 MiB before it reads a byte");
	CHECK_EQUAL(moor_trust_check(NULL, MOOR_TRUST_BYTES_MAX + 1, &count, &offset), -E2BIG);
	CHECK_EQUAL(moor_trust_check(NULL, U32_MAX, &count, &offset), -E2BIG);
	CHECK_EQUAL(PTR_ERR(moor_trust_create(NULL, U32_MAX, 1, SEED, &offset)), -E2BIG);
	test_end();
}

static void many_digests_of_one_path(void)
{
	struct moor_trust_match match;
	u8 digest[32] = {0};
	struct moor_trust *trust;
	struct packer packer;
	const u8 *expected;
	u32 length;

	test_begin("trust holds 65536 digests of one path, the first listed is the expected one");
	packer_init(&packer, MOOR_TRUST_BYTES_MAX);
	pack_many(&packer, MOOR_TRUST_ENTRIES_MAX, "/lib/one");
	trust = create_valid(&packer);
	if (!trust)
		goto out_end;
	CHECK(find(trust, MOOR_KIND_LIBRARY, "/lib/one", &match));
	CHECK(moor_trust_matches(&match, SHA, digest, 32));
	put_unaligned_be32(MOOR_TRUST_ENTRIES_MAX - 1, digest);
	CHECK(moor_trust_matches(&match, SHA, digest, 32));
	put_unaligned_be32(MOOR_TRUST_ENTRIES_MAX, digest);
	CHECK(!moor_trust_matches(&match, SHA, digest, 32));
	expected = moor_trust_expected(&match, SHA, &length);
	memset(digest, 0, sizeof(digest));
	CHECK(expected && length == 32 && memcmp(expected, digest, 32) == 0);
	moor_trust_free(trust);
out_end:
	test_end();
}

static void refuses_doubled_entries(void)
{
	struct packer packer;
	u32 second;

	test_begin("trust create refuses an entry that stands there twice and places the second");
	packer_init(&packer, LARGE);
	pack_sample(&packer);
	second = packer.length;
	pack(&packer, EXEC, MOOR_TRUST_FLAGS, SHA, 0x11, QEMU);
	pack(&packer, EXEC, 0, SHA, 0x77, "/bin/true");
	expect_create(&packer, -EEXIST, second);
	packer_free(&packer);
	test_end();

	test_begin("trust create refuses a path named twice without a digest");
	packer_init(&packer, LARGE);
	pack(&packer, EXEC, 0, MOOR_ALGORITHM_NONE, 0, "/a");
	second = packer.length;
	pack(&packer, EXEC, 0, MOOR_ALGORITHM_NONE, 0, "/a");
	expect_create(&packer, -EEXIST, second);
	packer_free(&packer);
	test_end();

	test_begin("trust create refuses the same digest again even with other flags");
	packer_init(&packer, LARGE);
	pack(&packer, EXEC, 0, SHA, 1, "/a");
	second = packer.length;
	pack(&packer, EXEC, MOOR_TRUST_DOMAIN, SHA, 1, "/a");
	expect_create(&packer, -EEXIST, second);
	packer_free(&packer);
	test_end();
}

static void refuses_contradicting_flags(void)
{
	struct packer packer;
	u32 second;

	test_begin("trust create refuses other flags for the same path and places the entry");
	packer_init(&packer, LARGE);
	pack_sample(&packer);
	second = packer.length;
	pack(&packer, EXEC, MOOR_TRUST_DOMAIN, SHA, 0x99, QEMU);
	expect_create(&packer, -ENOTUNIQ, second);
	packer_free(&packer);
	test_end();
}

static void accepts_what_only_looks_doubled(void)
{
	struct moor_trust_match match;
	struct moor_trust *trust;
	struct packer packer;
	u32 offset;
	u64 seed;

	test_begin(
		"trust create takes equal digests of two algorithms, wherever the seed puts them");
	for (seed = 0; seed < 256; seed++) {
		packer_init(&packer, 256);
		pack(&packer, EXEC, 0, SHA, 1, "/a");
		pack(&packer, EXEC, 0, MOOR_ALGORITHM_FSVERITY_SHA256, 1, "/a");
		trust = moor_trust_create(packer.bytes, packer.length, packer.count, seed, &offset);
		CHECK(!IS_ERR(trust));
		if (IS_ERR(trust))
			packer_free(&packer);
		moor_trust_free(trust);
	}
	test_end();

	test_begin("trust create accepts one path with several kinds, algorithms and digests");
	packer_init(&packer, LARGE);
	pack(&packer, EXEC, MOOR_TRUST_DOMAIN, SHA, 1, "/a");
	pack(&packer, EXEC, MOOR_TRUST_DOMAIN, SHA, 2, "/a");
	pack(&packer, EXEC, MOOR_TRUST_DOMAIN, MOOR_ALGORITHM_NONE, 0, "/a");
	pack(&packer, EXEC, MOOR_TRUST_DOMAIN, MOOR_ALGORITHM_FSVERITY_SHA256, 1, "/a");
	pack(&packer, MOOR_KIND_LIBRARY, 0, SHA, 1, "/a");
	pack(&packer, EXEC, 0, SHA, 1, "/b");
	trust = create_valid(&packer);
	CHECK(trust && find(trust, EXEC, "/a", &match));
	CHECK_EQUAL(match.algorithms,
		    BIT(MOOR_ALGORITHM_NONE) | BIT(SHA) | BIT(MOOR_ALGORITHM_FSVERITY_SHA256));
	CHECK(matches(&match, SHA, 2));
	CHECK(find(trust, MOOR_KIND_LIBRARY, "/a", &match));
	CHECK_EQUAL(match.flags, 0);
	CHECK(!matches(&match, SHA, 2));
	moor_trust_free(trust);
	test_end();
}

static void survives_each_failed_allocation(void)
{
	size_t call = 0;
	long error;

	do {
		struct moor_trust *trust;
		struct packer packer;
		size_t blocks;
		u32 offset;

		packer_init(&packer, LARGE);
		pack_sample(&packer);
		blocks = allocation_counts().blocks;
		test_begin("trust create when allocation %zu fails", ++call);
		allocation_reset(call);
		trust = create(&packer, &offset);
		error = IS_ERR(trust) ? PTR_ERR(trust) : 0;
		/* Done when the failing call was never reached. */
		CHECK_EQUAL(error, allocation_counts().calls >= call ? -ENOMEM : 0);
		if (error) {
			CHECK_EQUAL(allocation_counts().blocks, blocks);
			packer_free(&packer);
		}
		allocation_reset(0);
		if (!error)
			moor_trust_free(trust);
		CHECK_EQUAL(allocation_counts().blocks, blocks - 1);
		test_end();
	} while (error);

	test_begin("trust create allocates as often as the failures above assume");
	CHECK_EQUAL(call - 1, 4);
	test_end();
}

static void stays_small(void)
{
	struct moor_trust *trust;
	struct packer packer;
	size_t before = allocation_counts().bytes;
	struct allocation_counts counts;
	u8 *exact;

	test_begin("trust set of 10000 entries with paths of 80 bytes stays below 3 MB");
	packer_init(&packer, MOOR_TRUST_BYTES_MAX);
	pack_many(&packer, 10000,
		  "/usr/lib/x86_64-linux-gnu/a-folder-with-a-long-name/libraries/library-%08u");
	exact = kvcalloc(packer.length, 1, GFP_KERNEL);
	if (!exact)
		abort();
	memcpy(exact, packer.bytes, packer.length);
	packer_free(&packer);
	packer.bytes = exact;
	allocation_reset(0);
	trust = create_valid(&packer);
	counts = allocation_counts();
	CHECK(trust && packer.length == 10000 * (8 + 32 + 80));
	CHECK(counts.bytes - before < 3000000);
	CHECK(counts.peak - before < 3000000);
	moor_trust_free(trust);
	CHECK_EQUAL(allocation_counts().bytes, before);
	test_end();
}

void trust_create_tests(void)
{
	refuses_wrong_counts();
	holds_its_limits();
	many_digests_of_one_path();
	refuses_doubled_entries();
	refuses_contradicting_flags();
	accepts_what_only_looks_doubled();
	survives_each_failed_allocation();
	stays_small();
}

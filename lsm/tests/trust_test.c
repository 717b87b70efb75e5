// SPDX-License-Identifier: GPL-2.0-only
/* What a set answers. */
#include "trust_make.h"

#include <stdio.h>
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

static void finds_what_was_packed(void)
{
	struct moor_trust_match match;
	struct moor_trust *trust;
	struct packer packer;
	const u8 *expected;
	u32 length;

	test_begin("trust finds each path with its flags, algorithms and digests");
	packer_init(&packer, LARGE);
	pack_sample(&packer);
	trust = create_valid(&packer);
	if (!trust)
		goto out_end;
	CHECK_EQUAL(trust->entry_count, 7);
	CHECK(!trust->enforcing && !trust->version && !trust->generation && !trust->name[0]);

	CHECK(find(trust, EXEC, QEMU, &match));
	CHECK_EQUAL(match.flags, MOOR_TRUST_DOMAIN | MOOR_TRUST_MEMORY_EXEC);
	CHECK_EQUAL(match.algorithms, BIT(SHA) | BIT(MOOR_ALGORITHM_FSVERITY_SHA512));
	CHECK(matches(&match, SHA, 0x11));
	CHECK(matches(&match, SHA, 0x13));
	CHECK(matches(&match, MOOR_ALGORITHM_FSVERITY_SHA512, 0x12));
	CHECK(!matches(&match, SHA, 0x12));
	CHECK(!matches(&match, MOOR_ALGORITHM_FSVERITY_SHA256, 0x11));
	CHECK(!matches(&match, MOOR_ALGORITHM_FSVERITY_SHA512, 0x11));
	expected = moor_trust_expected(&match, SHA, &length);
	CHECK(expected && length == 32 && expected[0] == 0x11 && expected[31] == 0x11);
	expected = moor_trust_expected(&match, MOOR_ALGORITHM_FSVERITY_SHA512, &length);
	CHECK(expected && length == 64 && expected[63] == 0x12);
	CHECK(!moor_trust_expected(&match, MOOR_ALGORITHM_FSVERITY_SHA256, &length) && !length);
	CHECK(!moor_trust_expected(&match, MOOR_ALGORITHM_NONE, &length) && !length);

	CHECK(find(trust, EXEC, "/usr/sbin/virtqemud", &match));
	CHECK_EQUAL(match.flags, 0);
	CHECK(matches(&match, SHA, 0x51));

	CHECK(find(trust, MOOR_KIND_MODULE, "/lib/modules/6.12/kernel/arch/x86/kvm/kvm.ko",
		   &match));
	CHECK_EQUAL(match.algorithms, BIT(MOOR_ALGORITHM_FSVERITY_SHA256));
	moor_trust_free(trust);
out_end:
	test_end();
}

static void finds_nothing_else(void)
{
	static const struct {
		const char *name;
		enum moor_kind kind;
		const char *path;
		u32 length; /* 0: all of it */
	} rows[] = {
		{"the same path with another kind", MOOR_KIND_LIBRARY, QEMU, 0},
		{"a longer path", EXEC, QEMU "x", 0},
		{"a shorter path", EXEC, QEMU, sizeof(QEMU) - 2},
		{"the path and a slash", EXEC, QEMU "/", 0},
		{"another case", EXEC, "/usr/bin/QEMU-system-x86_64", 0},
		{"the name alone", EXEC, "qemu-system-x86_64", 0},
		{"a path with its NUL", EXEC, QEMU, sizeof(QEMU)},
		{"a kind that does not exist", (enum moor_kind)0, QEMU, 0},
	};
	struct moor_trust_match match;
	struct moor_trust *trust;
	struct packer packer;
	char *longest;
	u32 i;

	packer_init(&packer, LARGE);
	pack_sample(&packer);
	trust = create_valid(&packer);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		u32 length = rows[i].length ? rows[i].length : (u32)strlen(rows[i].path);

		test_begin("trust does not find %s", rows[i].name);
		CHECK(trust && !moor_trust_find(trust, rows[i].kind, rows[i].path, length, &match));
		test_end();
	}

	test_begin("trust does not find an empty or an overlong path, or anything without a set");
	longest = calloc(1, MOOR_PATH_MAX + 1);
	CHECK(!moor_trust_find(trust, EXEC, "", 0, &match));
	CHECK(!moor_trust_find(trust, EXEC, longest, MOOR_PATH_MAX + 1, &match));
	CHECK(!find(NULL, EXEC, QEMU, &match));
	free(longest);
	test_end();
	moor_trust_free(trust);
}

/* How many of 1,000 names that no entry has the filter takes for listed as @kind. */
static int mistaken(const struct moor_trust *trust, enum moor_kind kind)
{
	char name[16];
	int i, maybe = 0;

	for (i = 0; i < 1000; i++)
		maybe += moor_trust_maybe_listed(trust, kind, name,
						 (u32)snprintf(name, sizeof(name), "tool-%d", i));
	return maybe;
}

/* A filter may say yes too often, never no where it should say yes. */
static void knows_by_last_name(void)
{
	struct moor_trust *trust;
	struct packer packer;

	test_begin("trust tells most programs and firmware from those listed by their last name");
	packer_init(&packer, LARGE);
	pack_sample(&packer);
	trust = create_valid(&packer);
	CHECK(moor_trust_maybe_listed(trust, EXEC, "qemu-system-x86_64", 18));
	CHECK(moor_trust_maybe_listed(trust, EXEC, "virtqemud and more", 9));
	CHECK(moor_trust_maybe_listed(trust, MOOR_KIND_FIRMWARE, "bios-256k.bin", 13));
	CHECK(mistaken(trust, EXEC) < 50);
	CHECK(mistaken(trust, MOOR_KIND_FIRMWARE) < 50);
	/* What is listed as one kind is not as another. */
	CHECK(!moor_trust_maybe_listed(trust, EXEC, "bios-256k.bin", 13) ||
	      !moor_trust_maybe_listed(trust, MOOR_KIND_FIRMWARE, "virtqemud", 9));
	/* No answer is certain for kinds that are not told apart. */
	CHECK_EQUAL(mistaken(trust, MOOR_KIND_LIBRARY), 1000);
	CHECK_EQUAL(mistaken(trust, MOOR_KIND_MODULE), 1000);
	moor_trust_free(trust);
	test_end();
}

static void unknown_digest_matches_nothing(void)
{
	struct moor_trust_match match;
	struct moor_trust *trust;
	struct packer packer;

	test_begin("trust entry without a digest is found and matches no digest");
	packer_init(&packer, LARGE);
	pack_sample(&packer);
	trust = create_valid(&packer);
	CHECK(find(trust, MOOR_KIND_FIRMWARE, "/usr/share/seabios/bios-256k.bin", &match));
	CHECK_EQUAL(match.algorithms, BIT(MOOR_ALGORITHM_NONE));
	CHECK(!matches(&match, MOOR_ALGORITHM_NONE, 0));
	CHECK(!matches(&match, SHA, 0));
	CHECK(!moor_trust_matches(&match, MOOR_ALGORITHM_NONE, NULL, 0));
	moor_trust_free(trust);
	test_end();
}

static void digest_length_counts(void)
{
	struct moor_trust_match match;
	struct moor_trust *trust;
	u8 digest[MOOR_DIGEST_MAX];
	struct packer packer;
	u32 length;

	test_begin("trust matches a digest only at its full length");
	packer_init(&packer, LARGE);
	pack(&packer, EXEC, 0, SHA, 7, "/a");
	trust = create_valid(&packer);
	memset(digest, 7, sizeof(digest));
	CHECK(find(trust, EXEC, "/a", &match));
	for (length = 0; length <= sizeof(digest); length++)
		CHECK_EQUAL(moor_trust_matches(&match, SHA, digest, length), length == 32);
	for (length = 0; length < 32; length++) {
		digest[length] ^= 0x80;
		CHECK(!moor_trust_matches(&match, SHA, digest, 32));
		digest[length] ^= 0x80;
	}
	moor_trust_free(trust);
	test_end();
}

static void empty_policy(void)
{
	struct moor_trust_match match;
	struct moor_trust *trust;
	u32 count, offset;

	test_begin("trust set without entries is a set and finds nothing");
	CHECK_EQUAL(moor_trust_check(NULL, 0, &count, &offset), 0);
	CHECK_EQUAL(count, 0);
	trust = moor_trust_create(NULL, 0, 0, SEED, &offset);
	CHECK(!IS_ERR_OR_NULL(trust));
	CHECK(!IS_ERR(trust) && !find(trust, EXEC, QEMU, &match));
	moor_trust_free(trust);
	test_end();
}

static void free_takes_anything(void)
{
	test_begin("trust free lets NULL and ERR_PTR pass");
	moor_trust_free(NULL);
	moor_trust_free(ERR_PTR(-ENOMEM));
	moor_trust_free(ERR_PTR(-EINVAL));
	test_end();
}

/* Two hundred short paths over five letters: many runs, many near misses. */
static void agrees_with_a_linear_search(void)
{
	static const u64 seeds[] = {0, 1, SEED, ~0ULL};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(seeds); i++) {
		struct moor_trust *trust;
		struct packer packer;
		u32 random = 12345, offset, n;

		test_begin("trust answers as a linear search does, seed %llu",
			   (unsigned long long)seeds[i]);
		packer_init(&packer, LARGE);
		pack_many(&packer, 200, "/d%u/file");
		trust = moor_trust_create(packer.bytes, packer.length, packer.count, seeds[i],
					  &offset);
		CHECK(!IS_ERR(trust));
		for (n = 0; !IS_ERR(trust) && n < 20000; n++) {
			struct moor_trust_match match;
			u8 digest[32] = {0};
			u32 which, listed;
			char path[32];

			random = random * 1664525U + 1013904223U;
			which = random >> 8 & 255;
			listed = random >> 20 & 255;
			snprintf(path, sizeof(path), "/d%u/file", which);
			put_unaligned_be32(listed, digest);
			CHECK_EQUAL(find(trust, MOOR_KIND_LIBRARY, path, &match), which < 200);
			if (which < 200)
				CHECK_EQUAL(moor_trust_matches(&match, SHA, digest, 32),
					    which == listed);
		}
		moor_trust_free(trust);
		test_end();
	}
}

static void knows_digest_lengths(void)
{
	u32 algorithm;

	test_begin("trust knows the digest length of each algorithm and of no other");
	CHECK_EQUAL(moor_digest_length(MOOR_ALGORITHM_NONE), 0);
	CHECK_EQUAL(moor_digest_length(MOOR_ALGORITHM_SHA256), 32);
	CHECK_EQUAL(moor_digest_length(MOOR_ALGORITHM_FSVERITY_SHA256), 32);
	CHECK_EQUAL(moor_digest_length(MOOR_ALGORITHM_FSVERITY_SHA512), 64);
	for (algorithm = 4; algorithm < 256; algorithm++)
		CHECK_EQUAL(moor_digest_length((u8)algorithm), U32_MAX);
	test_end();
}

void trust_tests(void)
{
	finds_what_was_packed();
	finds_nothing_else();
	knows_by_last_name();
	unknown_digest_matches_nothing();
	digest_length_counts();
	empty_policy();
	free_takes_anything();
	agrees_with_a_linear_search();
	knows_digest_lengths();

	test_begin("trust tests give back all memory");
	CHECK_EQUAL(allocation_counts().blocks, 0);
	test_end();
}

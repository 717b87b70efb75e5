// SPDX-License-Identifier: GPL-2.0-only
/* What trust.c promises in trust.h. */
#include "allocation.h"
#include "packer.h"
#include "test.h"
#include "trust.h"

#include <stdio.h>
#include <stdlib.h>

#define SEED  0x0123456789abcdefULL
#define QEMU  "/usr/bin/qemu-system-x86_64"
#define SHA   MOOR_ALGORITHM_SHA256
#define EXEC  MOOR_KIND_EXEC
#define LARGE (1U << 20)

static struct moor_trust *create(const struct packer *packer, u32 *error_offset)
{
	return moor_trust_create(packer->bytes, packer->length, packer->count, SEED, error_offset);
}

/* Creates a set that must come to be; the packer's bytes are its own then. */
static struct moor_trust *create_valid(struct packer *packer)
{
	u32 offset;
	struct moor_trust *trust = create(packer, &offset);

	if (IS_ERR(trust)) {
		test_fail(__FILE__, __LINE__, "create: %ld at %u", PTR_ERR(trust), offset);
		packer_free(packer);
		return NULL;
	}
	packer->bytes = NULL;
	return trust;
}

/* Creating must fail so, at that offset, and leave the bytes with the caller. */
static void expect_create(struct packer *packer, long error, u32 expected_offset)
{
	size_t blocks = allocation_counts().blocks;
	u32 offset = U32_MAX;
	struct moor_trust *trust = create(packer, &offset);

	CHECK(IS_ERR(trust));
	CHECK_EQUAL(PTR_ERR(trust), error);
	CHECK_EQUAL(offset, expected_offset);
	CHECK_EQUAL(allocation_counts().blocks, blocks);
	if (!IS_ERR(trust)) {
		moor_trust_free(trust);
		packer->bytes = NULL;
	}
}

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

/* Changes one thing in the header or the bytes of a valid entry. */
struct damage {
	const char *name;
	enum { SIZE, PATH_LENGTH, KIND, ALGORITHM, DIGEST_LENGTH, FLAGS } field;
	u16 value;
	int error;
};

static void damage_header(u8 *at, const struct damage *damage)
{
	struct moor_trust_entry header;

	memcpy(&header, at, sizeof(header));
	switch (damage->field) {
	case SIZE:
		header.size = damage->value;
		break;
	case PATH_LENGTH:
		header.path_length = damage->value;
		break;
	case KIND:
		header.kind = (u8)damage->value;
		break;
	case ALGORITHM:
		header.algorithm = (u8)damage->value;
		break;
	case DIGEST_LENGTH:
		header.digest_length = (u8)damage->value;
		break;
	case FLAGS:
		header.flags = (u8)damage->value;
		break;
	}
	memcpy(at, &header, sizeof(header));
}

static void refuses_damaged_headers(void)
{
	/* The entry: EXEC, SHA-256, "/bin/true": 8 + 32 + 9 = 49, size 56. */
	static const struct damage rows[] = {
		{"the header as it is", SIZE, 56, 0},
		{"size 0", SIZE, 0, -EINVAL},
		{"size of the header alone", SIZE, 8, -EINVAL},
		{"size one less", SIZE, 55, -EINVAL},
		{"size one more", SIZE, 57, -EINVAL},
		{"size without the end of the path", SIZE, 48, -EINVAL},
		{"size with eight bytes too many", SIZE, 64, -EINVAL},
		{"the largest size", SIZE, 0xfff8, -EINVAL},
		{"size 65535", SIZE, 0xffff, -EINVAL},
		{"path length 0", PATH_LENGTH, 0, -EINVAL},
		{"path length one less, a byte of it as padding", PATH_LENGTH, 8, -EINVAL},
		{"path length one more, a NUL in it", PATH_LENGTH, 10, -EINVAL},
		{"path length beyond the entry", PATH_LENGTH, 17, -EINVAL},
		{"path length 4096", PATH_LENGTH, 4096, -EINVAL},
		{"path length 65535", PATH_LENGTH, 0xffff, -EINVAL},
		{"kind library", KIND, MOOR_KIND_LIBRARY, 0},
		{"kind module", KIND, MOOR_KIND_MODULE, 0},
		{"kind 0", KIND, 0, -EINVAL},
		{"kind 5", KIND, 5, -EINVAL},
		{"kind 255", KIND, 255, -EINVAL},
		{"fs-verity of the same length", ALGORITHM, MOOR_ALGORITHM_FSVERITY_SHA256, 0},
		{"algorithm none with a digest", ALGORITHM, MOOR_ALGORITHM_NONE, -EINVAL},
		{"algorithm of a longer digest", ALGORITHM, MOOR_ALGORITHM_FSVERITY_SHA512,
		 -EINVAL},
		{"algorithm 4", ALGORITHM, 4, -EINVAL},
		{"algorithm 255", ALGORITHM, 255, -EINVAL},
		{"digest length 0", DIGEST_LENGTH, 0, -EINVAL},
		{"digest length 31", DIGEST_LENGTH, 31, -EINVAL},
		{"digest length 33", DIGEST_LENGTH, 33, -EINVAL},
		{"digest length 255", DIGEST_LENGTH, 255, -EINVAL},
		{"flag domain", FLAGS, MOOR_TRUST_DOMAIN, 0},
		{"flag memory exec alone", FLAGS, MOOR_TRUST_MEMORY_EXEC, 0},
		{"both flags", FLAGS, MOOR_TRUST_FLAGS, 0},
		{"an unknown flag", FLAGS, 4, -EINVAL},
		{"the highest flag", FLAGS, 0x80, -EINVAL},
	};
	struct packer packer;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		u32 count = U32_MAX, offset = U32_MAX;
		u32 before;

		test_begin("trust check %s %s", rows[i].error ? "refuses" : "accepts",
			   rows[i].name);
		packer_init(&packer, LARGE);
		pack(&packer, MOOR_KIND_LIBRARY, 0, SHA, 3, "/lib/a.so");
		before = packer.length;
		pack(&packer, EXEC, 0, SHA, 3, "/bin/true");
		damage_header(packer.bytes + before, &rows[i]);
		CHECK_EQUAL(moor_trust_check(packer.bytes, packer.length, &count, &offset),
			    rows[i].error);
		CHECK_EQUAL(count, rows[i].error ? 1 : 2);
		CHECK_EQUAL(offset, rows[i].error ? before : 0);
		if (rows[i].error)
			expect_create(&packer, rows[i].error, before);
		packer_free(&packer);
		test_end();
	}
}

static void refuses_flags_outside_exec(void)
{
	static const enum moor_kind kinds[] = {MOOR_KIND_LIBRARY, MOOR_KIND_FIRMWARE,
					       MOOR_KIND_MODULE};
	struct packer packer;
	u32 i, count, offset;
	u8 flags;

	test_begin("trust check refuses flags with anything but exec");
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		for (flags = 0; flags <= MOOR_TRUST_FLAGS; flags++) {
			packer_init(&packer, LARGE);
			pack(&packer, kinds[i], flags, SHA, 3, "/lib/a.so");
			CHECK_EQUAL(moor_trust_check(packer.bytes, packer.length, &count, &offset),
				    flags ? -EINVAL : 0);
			packer_free(&packer);
		}
	test_end();
}

static void judges_paths(void)
{
	static const struct {
		const char *path;
		u32 length;
		bool valid;
	} rows[] = {
#define PATH(text, valid) {text, sizeof(text) - 1, valid}
		PATH("/a", true),
		PATH("/usr/bin/qemu-system-x86_64", true),
		PATH("/...", true),
		PATH("/.hidden", true),
		PATH("/..data/x", true),
		PATH("/a.", true),
		PATH("/a..", true),
		PATH("/a/.b", true),
		PATH("/with space/\xc3\xa9\x01\xff", true),
		PATH("/a (deleted)", true),
		PATH("", false),
		PATH("/", false),
		PATH("a", false),
		PATH("usr/bin/a", false),
		PATH("./a", false),
		PATH("//", false),
		PATH("//a", false),
		PATH("/a//b", false),
		PATH("/a/", false),
		PATH("/a//", false),
		PATH("/.", false),
		PATH("/..", false),
		PATH("/./a", false),
		PATH("/../a", false),
		PATH("/a/.", false),
		PATH("/a/..", false),
		PATH("/a/./b", false),
		PATH("/a/../b", false),
		PATH("/a\0", false),
		PATH("/a\0b", false),
		PATH("/\0", false),
		PATH("\0/a", false),
#undef PATH
	};
	struct packer packer;
	u32 i, count, offset;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		test_begin("trust check %s path %s of %u bytes",
			   rows[i].valid ? "accepts" : "refuses", rows[i].path, rows[i].length);
		packer_init(&packer, LARGE);
		pack_bytes(&packer, EXEC, 0, MOOR_ALGORITHM_NONE, NULL, rows[i].path,
			   rows[i].length);
		CHECK_EQUAL(moor_trust_check(packer.bytes, packer.length, &count, &offset),
			    rows[i].valid ? 0 : -EINVAL);
		packer_free(&packer);
		test_end();
	}
}

static void judges_path_lengths(void)
{
	u32 length;

	for (length = MOOR_PATH_MAX - 1; length <= MOOR_PATH_MAX + 1; length++) {
		struct moor_trust_match match;
		struct moor_trust *trust;
		char path[MOOR_PATH_MAX + 2];
		struct packer packer;
		u32 count, offset;

		test_begin("trust check of a path of %u bytes", length);
		memset(path, 'x', sizeof(path));
		path[0] = '/';
		packer_init(&packer, LARGE);
		pack_bytes(&packer, EXEC, 0, MOOR_ALGORITHM_NONE, NULL, path, length);
		CHECK_EQUAL(moor_trust_check(packer.bytes, packer.length, &count, &offset),
			    length <= MOOR_PATH_MAX ? 0 : -EINVAL);
		if (length <= MOOR_PATH_MAX) {
			trust = create_valid(&packer);
			CHECK(trust && moor_trust_find(trust, EXEC, path, length, &match));
			CHECK(!moor_trust_find(trust, EXEC, path, length - 1, &match));
			moor_trust_free(trust);
		} else {
			expect_create(&packer, -EINVAL, 0);
			packer_free(&packer);
		}
		test_end();
	}
}

static void refuses_padding(void)
{
	struct packer packer;
	u32 at, count, offset;

	test_begin("trust check refuses each byte of padding that is not zero");
	packer_init(&packer, LARGE);
	pack(&packer, EXEC, 0, MOOR_ALGORITHM_NONE, 0, "/a"); /* 8 + 2, size 16 */
	for (at = 0; at < 16; at++) {
		u8 before = packer.bytes[at];

		packer.bytes[at] ^= 1;
		if (at >= 10)
			CHECK_EQUAL(moor_trust_check(packer.bytes, 16, &count, &offset), -EINVAL);
		packer.bytes[at] = before;
	}
	CHECK_EQUAL(moor_trust_check(packer.bytes, 16, &count, &offset), 0);
	packer_free(&packer);
	test_end();
}

static void refuses_each_truncation(void)
{
	struct packer packer;
	u32 length, border = 0, complete = 0;

	test_begin("trust check accepts a cut at an entry's end and nowhere else");
	packer_init(&packer, LARGE);
	pack_sample(&packer);
	for (length = 0; length <= packer.length; length++) {
		/* An exact copy: the sanitizer sees the first byte read beyond. */
		u8 *copy = malloc(length ? length : 1);
		struct moor_trust_entry header;
		u32 count, offset;
		int found;

		if (!copy)
			abort();
		memcpy(copy, packer.bytes, length);
		memcpy(&header, packer.bytes + border, sizeof(header));
		if (length == border + header.size) {
			border = length;
			complete++;
		}
		found = moor_trust_check(copy, length, &count, &offset);
		CHECK_EQUAL(found, length == border ? 0 : -EINVAL);
		CHECK_EQUAL(count, complete);
		CHECK_EQUAL(offset, length == border ? 0 : border);
		free(copy);
	}
	CHECK_EQUAL(complete, packer.count);
	packer_free(&packer);
	test_end();
}

static void reads_at_any_alignment(void)
{
	struct packer packer;
	u32 shift;

	test_begin("trust check reads bytes at any alignment");
	packer_init(&packer, LARGE);
	pack_sample(&packer);
	for (shift = 0; shift < 8; shift++) {
		u8 *copy = malloc(packer.length + shift);
		u32 count, offset;

		if (!copy)
			abort();
		memcpy(copy + shift, packer.bytes, packer.length);
		CHECK_EQUAL(moor_trust_check(copy + shift, packer.length, &count, &offset), 0);
		CHECK_EQUAL(count, packer.count);
		free(copy);
	}
	packer_free(&packer);
	test_end();
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

static void pack_many(struct packer *packer, u32 count, const char *format)
{
	char path[MOOR_PATH_MAX + 1];
	u8 digest[MOOR_DIGEST_MAX] = {0};
	u32 i;

	for (i = 0; i < count; i++) {
		int length = snprintf(path, sizeof(path), format, i);

		put_unaligned_be32(i, digest);
		pack_bytes(packer, MOOR_KIND_LIBRARY, 0, SHA, digest, path, (u32)length);
	}
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
	unknown_digest_matches_nothing();
	digest_length_counts();
	empty_policy();
	free_takes_anything();
	refuses_damaged_headers();
	refuses_flags_outside_exec();
	judges_paths();
	judges_path_lengths();
	refuses_padding();
	refuses_each_truncation();
	reads_at_any_alignment();
	refuses_wrong_counts();
	holds_its_limits();
	many_digests_of_one_path();
	refuses_doubled_entries();
	refuses_contradicting_flags();
	accepts_what_only_looks_doubled();
	survives_each_failed_allocation();
	stays_small();
	agrees_with_a_linear_search();
	knows_digest_lengths();

	test_begin("trust tests give back all memory");
	CHECK_EQUAL(allocation_counts().blocks, 0);
	test_end();
}

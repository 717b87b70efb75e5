// SPDX-License-Identifier: GPL-2.0-only
/* What moor_trust_check() takes and refuses, and where. */
#include "trust_make.h"

#include <stdlib.h>

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

void trust_check_tests(void)
{
	refuses_damaged_headers();
	refuses_flags_outside_exec();
	judges_paths();
	judges_path_lengths();
	refuses_padding();
	refuses_each_truncation();
	reads_at_any_alignment();
}

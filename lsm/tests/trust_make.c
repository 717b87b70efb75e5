// SPDX-License-Identifier: GPL-2.0-only
/* See trust_make.h. */
#include "trust_make.h"

#include <stdio.h>

struct moor_trust *create(const struct packer *packer, u32 *error_offset)
{
	return moor_trust_create(packer->bytes, packer->length, packer->count, SEED, error_offset);
}

struct moor_trust *create_valid(struct packer *packer)
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

void expect_create(struct packer *packer, long error, u32 expected_offset)
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

void pack_many(struct packer *packer, u32 count, const char *format)
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

/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes packed trust entries, right ones and wrong ones. */
#ifndef MOOR_PACKER_H
#define MOOR_PACKER_H

#include "portable.h"

struct packer {
	u8 *bytes; /* from kvcalloc(), as a policy's are */
	u32 length;
	u32 room;
	u32 count;
};

void packer_init(struct packer *packer, u32 room);
void packer_free(struct packer *packer);

/* Appends an entry whose digest is @fill repeated; aborts when there is no room. */
void pack(struct packer *packer, enum moor_kind kind, u8 flags, enum moor_algorithm algorithm,
	  u8 fill, const char *path);
/* The same with any bytes as path and a digest given in full. */
void pack_bytes(struct packer *packer, enum moor_kind kind, u8 flags, enum moor_algorithm algorithm,
		const u8 *digest, const char *path, u32 length);
/* What the samples of the tests and the fuzzer begin with. */
void pack_sample(struct packer *packer);

#endif /* MOOR_PACKER_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/* Making sets for the tests of trust.c. */
#ifndef MOOR_TRUST_MAKE_H
#define MOOR_TRUST_MAKE_H

#include "allocation.h"
#include "packer.h"
#include "test.h"
#include "trust.h"

#define SEED  0x0123456789abcdefULL
#define QEMU  "/usr/bin/qemu-system-x86_64"
#define SHA   MOOR_ALGORITHM_SHA256
#define EXEC  MOOR_KIND_EXEC
#define LARGE (1U << 20)

struct moor_trust *create(const struct packer *packer, u32 *error_offset);

/* Creates a set that must come to be; the packer's bytes are its own then. */
struct moor_trust *create_valid(struct packer *packer);

/* Creating must fail so, at that offset, and leave the bytes with the caller. */
void expect_create(struct packer *packer, long error, u32 expected_offset);

/* Libraries with digests 0, 1, ... and paths from a format with one number. */
void pack_many(struct packer *packer, u32 count, const char *format)
	__attribute__((format(printf, 3, 0)));

#endif /* MOOR_TRUST_MAKE_H */

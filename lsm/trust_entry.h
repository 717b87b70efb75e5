/* SPDX-License-Identifier: GPL-2.0-only */
/* One packed entry, for trust_check.c, which doubts it, and trust.c, which looks it up. */
#ifndef MOOR_TRUST_ENTRY_H
#define MOOR_TRUST_ENTRY_H

#include "portable.h"

/* A packed entry taken apart; the pointers lead into the packed bytes. */
struct entry {
	struct moor_trust_entry header;
	const u8 *digest;
	const char *path;
};

static inline struct entry read_entry(const u8 *at)
{
	struct entry entry;

	memcpy(&entry.header, at, sizeof(entry.header));
	entry.digest = at + sizeof(entry.header);
	entry.path = (const char *)entry.digest + entry.header.digest_length;
	return entry;
}

#endif /* MOOR_TRUST_ENTRY_H */

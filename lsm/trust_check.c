// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packed entries as user space sends them: nothing in them is believed before
 * it went through here.
 */
#include "trust.h"
#include "trust_entry.h"

/**
 * moor_digest_length - length of an algorithm's digest
 * @algorithm: enum moor_algorithm
 *
 * Return: bytes; 0 for NONE; U32_MAX for an unknown algorithm.
 * Context: any.
 */
u32 moor_digest_length(u8 algorithm)
{
	switch (algorithm) {
	case MOOR_ALGORITHM_NONE:
		return 0;
	case MOOR_ALGORITHM_SHA256:
	case MOOR_ALGORITHM_FSVERITY_SHA256:
		return 32;
	case MOOR_ALGORITHM_FSVERITY_SHA512:
		return 64;
	default:
		return U32_MAX;
	}
}

/* Absolute and as the kernel would print it: no empty, "." or ".." component. */
static bool path_is_normal(const char *path, u32 length)
{
	u32 start = 1; /* of the component being read */
	u32 at;

	if (length < 2 || length > MOOR_PATH_MAX || path[0] != '/')
		return false;
	for (at = 1; at <= length; at++) {
		u32 component = at - start;

		if (at < length && path[at] != '/') {
			if (path[at] == '\0')
				return false;
			continue;
		}
		if (component == 0)
			return false;
		if (component == 1 && path[start] == '.')
			return false;
		if (component == 2 && path[start] == '.' && path[start + 1] == '.')
			return false;
		start = at + 1;
	}
	return true;
}

/* Length of the entry that begins at @at, or 0 when it cannot be read. */
static u32 check_entry(const u8 *at, u32 room)
{
	struct entry entry;
	u32 used, padding;

	if (room < sizeof(entry.header))
		return 0;
	entry = read_entry(at);
	if (entry.header.kind < MOOR_KIND_EXEC || entry.header.kind > MOOR_KIND_MODULE)
		return 0;
	if (entry.header.digest_length != moor_digest_length(entry.header.algorithm))
		return 0;
	if (entry.header.flags & ~MOOR_TRUST_FLAGS)
		return 0;
	if (entry.header.flags && entry.header.kind != MOOR_KIND_EXEC)
		return 0;
	used = (u32)sizeof(entry.header) + entry.header.digest_length + entry.header.path_length;
	if (entry.header.size != ALIGN(used, 8) || entry.header.size > room)
		return 0;
	if (!path_is_normal(entry.path, entry.header.path_length))
		return 0;
	for (padding = used; padding < entry.header.size; padding++)
		if (at[padding])
			return 0;
	return entry.header.size;
}

/**
 * moor_trust_check - read packed entries one by one
 * @bytes: packed entries, at any alignment; may be NULL when @length is 0
 * @length: of all of them
 * @entry_count: out: how many there are; with an error, how many precede it
 * @error_offset: out: with an error, where the first unreadable entry begins
 *
 * A chunk must end where an entry ends. Doubled and contradicting entries are
 * found by moor_trust_create(), which sees all chunks together.
 *
 * Return: 0; -E2BIG for more than MOOR_TRUST_BYTES_MAX bytes; -EINVAL for an
 * entry that cannot be read.
 * Context: any; the time it takes is linear in @length.
 */
int moor_trust_check(const void *bytes, u32 length, u32 *entry_count, u32 *error_offset)
{
	u32 offset = 0;

	*entry_count = 0;
	*error_offset = 0;
	if (length > MOOR_TRUST_BYTES_MAX)
		return -E2BIG;
	while (offset < length) {
		u32 size = check_entry((const u8 *)bytes + offset, length - offset);

		if (!size) {
			*error_offset = offset;
			return -EINVAL;
		}
		offset += size;
		++*entry_count;
	}
	return 0;
}

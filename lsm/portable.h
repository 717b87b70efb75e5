/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files without a kernel in them need of their surroundings: trust.c, event.c
 * and the others that tests/Makefile has as CORE. In the kernel that is the kernel
 * itself; in user space, where the same files are tested and fuzzed, it is the small
 * set below. tests/allocation.c has the allocator:
 * it can be told to fail at any call.
 */
#ifndef MOOR_PORTABLE_H
#define MOOR_PORTABLE_H

#ifdef __KERNEL__

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/version.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

#else /* user space */

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef unsigned int gfp_t;

#define GFP_KERNEL	   0U
#define GFP_KERNEL_ACCOUNT 0U

/* tests/allocation.c */
void *moor_test_allocate(size_t count, size_t size);
void moor_test_release(const void *memory);

static inline void *kzalloc(size_t size, gfp_t flags)
{
	(void)flags;
	return moor_test_allocate(1, size);
}

static inline void *kvcalloc(size_t count, size_t size, gfp_t flags)
{
	(void)flags;
	return moor_test_allocate(count, size);
}

static inline void kfree(const void *memory)
{
	moor_test_release(memory);
}

static inline void kvfree(const void *memory)
{
	moor_test_release(memory);
}

#define MAX_ERRNO 4095

static inline void *ERR_PTR(long error)
{
	return (void *)error;
}

static inline long PTR_ERR(const void *pointer)
{
	return (long)pointer;
}

static inline bool IS_ERR(const void *pointer)
{
	return (unsigned long)pointer >= (unsigned long)-MAX_ERRNO;
}

static inline bool IS_ERR_OR_NULL(const void *pointer)
{
	return !pointer || IS_ERR(pointer);
}

static inline void put_unaligned_be16(u16 value, void *to)
{
	u8 *bytes = to;

	bytes[0] = (u8)(value >> 8);
	bytes[1] = (u8)value;
}

static inline void put_unaligned_be32(u32 value, void *to)
{
	put_unaligned_be16((u16)(value >> 16), to);
	put_unaligned_be16((u16)value, (u8 *)to + 2);
}

static inline void put_unaligned_be64(u64 value, void *to)
{
	put_unaligned_be32((u32)(value >> 32), to);
	put_unaligned_be32((u32)value, (u8 *)to + 4);
}

static inline u64 get_unaligned_le64(const void *from)
{
	const u8 *bytes = from;
	u64 value = 0;

	for (int i = 7; i >= 0; i--)
		value = value << 8 | bytes[i];
	return value;
}

static inline unsigned long roundup_pow_of_two(unsigned long value)
{
	unsigned long power = 1;

	while (power < value)
		power <<= 1;
	return power;
}

#define BIT(bit)		(1UL << (bit))
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define BUILD_BUG_ON(condition) _Static_assert(!(condition), #condition)
#define U32_MAX			UINT32_MAX
#define ALIGN(value, to)	(((value) + (to)-1) & ~((typeof(value))(to)-1))

#endif /* __KERNEL__ */

#include "uapi/moor.h"

#endif /* MOOR_PORTABLE_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * As much of the kernel as the measurement log needs, for its tests in user space: every header
 * <linux/...> that it includes is this one (the Makefile makes them). One task, so locks only
 * check that they are taken and given back; a work queue runs when the test says so; every
 * allocation is one of allocation.c, which can be told to fail.
 */
#ifndef MOOR_TESTS_KERNEL_SHIM_H
#define MOOR_TESTS_KERNEL_SHIM_H

#include "portable.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* The module is built without these, as the kernel is. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

/* types, and what moor.h only names */
typedef int64_t s64;
typedef struct {
	u8 b[16];
} uuid_t;
typedef struct {
	int held;
} spinlock_t;
typedef struct {
	int count;
} refcount_t;
typedef struct {
	int counter;
} atomic_t;
typedef struct {
	u32 value;
} kuid_t;
struct rcu_head {
	int unused;
};
struct file;
struct inode;
struct path {
	void *mnt;
	void *dentry;
};
struct task_struct;
struct vm_area_struct;
#define __user
#define __printf(string, first)		    __attribute__((__format__(__printf__, string, first)))
#define READ_ONCE(value)		    (value)
#define container_of(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))
#define min(one, other)			    ((one) < (other) ? (one) : (other))
#define struct_size(pointer, member, count)                                                        \
	(sizeof(*(pointer)) + (count) * sizeof((pointer)->member[0]))
#define might_sleep() ((void)0)
#define WARN_ON_ONCE(condition)                                                                    \
	({                                                                                         \
		bool warned_ = (condition);                                                        \
		assert(!warned_);                                                                  \
		warned_;                                                                           \
	})
#define DECLARE_STATIC_KEY_FALSE(name) extern int name
#define hash_ptr(pointer, bits)	       (((uintptr_t)(pointer) >> 4) & ((1U << (bits)) - 1))

/* memory */
#define GFP_ATOMIC 1U

static inline void *kmalloc(size_t size, gfp_t flags)
{
	return kzalloc(size, flags);
}

static inline void *kcalloc(size_t count, size_t size, gfp_t flags)
{
	return kvcalloc(count, size, flags);
}

static inline void *kvmalloc(size_t size, gfp_t flags)
{
	return kzalloc(size, flags);
}

static inline void *kmemdup(const void *from, size_t size, gfp_t flags)
{
	void *copy = kzalloc(size, flags);

	return copy ? memcpy(copy, from, size) : NULL;
}

static inline u32 get_unaligned_u32(const void *from)
{
	u32 value;

	memcpy(&value, from, sizeof(value));
	return value;
}
#define get_unaligned(pointer) get_unaligned_u32(pointer)

static inline ssize_t strscpy(char *to, const char *from, size_t room)
{
	snprintf(to, room, "%s", from);
	return (ssize_t)strlen(to);
}

static inline int vscnprintf(char *to, size_t room, const char *format, va_list arguments)
{
	int length = vsnprintf(to, room, format, arguments);

	return room && (size_t)length >= room ? (int)room - 1 : length;
}

/* locks */
struct mutex {
	int held;
};
#define __MUTEX_INITIALIZER(name)                                                                  \
	{                                                                                          \
		0                                                                                  \
	}
#define DEFINE_SPINLOCK(name)	  spinlock_t name
#define lockdep_assert_held(lock) assert((lock)->held == 1)

static inline void mutex_lock(struct mutex *mutex)
{
	assert(!mutex->held++);
}

static inline void mutex_unlock(struct mutex *mutex)
{
	assert(!--mutex->held);
}

static inline void spin_lock_irq(spinlock_t *lock)
{
	assert(!lock->held++);
}

static inline void spin_unlock_irq(spinlock_t *lock)
{
	assert(!--lock->held);
}
#define spin_lock_irqsave(lock, flags)	    ((flags) = 0, spin_lock_irq(lock))
#define spin_unlock_irqrestore(lock, flags) ((void)(flags), spin_unlock_irq(lock))

/* lists: of include/linux/list.h the few that are used, with the same meaning */
struct list_head {
	struct list_head *next, *prev;
};
#define LIST_HEAD_INIT(name)                                                                       \
	{                                                                                          \
		&(name), &(name)                                                                   \
	}
#define LIST_HEAD(name) struct list_head name = LIST_HEAD_INIT(name)
#define list_entry	container_of
#define list_for_each_entry(at, head, member)                                                      \
	for ((at) = list_entry((head)->next, typeof(*(at)), member); &(at)->member != (head);      \
	     (at) = list_entry((at)->member.next, typeof(*(at)), member))
#define list_for_each_entry_safe(at, after, head, member)                                          \
	for ((at) = list_entry((head)->next, typeof(*(at)), member),                               \
	    (after) = list_entry((at)->member.next, typeof(*(at)), member);                        \
	     &(at)->member != (head);                                                              \
	     (at) = (after), (after) = list_entry((after)->member.next, typeof(*(at)), member))

static inline void list_add_tail(struct list_head *node, struct list_head *head)
{
	node->prev = head->prev;
	node->next = head;
	head->prev->next = node;
	head->prev = node;
}

static inline void list_del(struct list_head *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	node->next = node->prev = NULL;
}

static inline void list_splice_init(struct list_head *from, struct list_head *to)
{
	if (from->next == from)
		return;
	from->prev->next = to->next;
	to->next->prev = from->prev;
	to->next = from->next;
	from->next->prev = to;
	from->next = from->prev = from;
}

/* hash tables */
struct hlist_node {
	struct hlist_node *next, **pprev;
};
struct hlist_head {
	struct hlist_node *first;
};
#define DEFINE_HASHTABLE(name, bits) struct hlist_head name[1 << (bits)]
#define hash_init(table)	     memset(table, 0, sizeof(table))
#define hash_bucket(table, key)	     (&(table)[(key) % ARRAY_SIZE(table)])
#define hash_add(table, node, key)   hlist_add_head(node, hash_bucket(table, key))
#define hash_for_each_possible(table, at, member, key)                                             \
	for (struct hlist_node *node_ = hash_bucket(table, key)->first;                            \
	     node_ && ((at) = container_of(node_, typeof(*(at)), member)); node_ = node_->next)

static inline void hlist_add_head(struct hlist_node *node, struct hlist_head *head)
{
	node->next = head->first;
	if (head->first)
		head->first->pprev = &node->next;
	head->first = node;
	node->pprev = &head->first;
}

static inline void hash_del(struct hlist_node *node)
{
	if (!node->pprev)
		return;
	*node->pprev = node->next;
	if (node->next)
		node->next->pprev = node->pprev;
	node->next = NULL;
	node->pprev = NULL;
}

/* work: log_test.c has the queue, and runs it */
struct workqueue_struct;
struct work_struct {
	void (*run)(struct work_struct *work);
	bool queued;
};
struct rcu_work {
	struct work_struct work;
};
#define DECLARE_WORK(name, function) struct work_struct name = {.run = (function)}
bool queue_work(struct workqueue_struct *queue, struct work_struct *work);
bool flush_work(struct work_struct *work);

/* the task, and the time: log_test.c decides */
extern kuid_t test_uid;
#define GLOBAL_ROOT_UID		((kuid_t){0})
#define current			NULL
#define current_uid()		test_uid
#define uid_eq(one, other)	((one).value == (other).value)
#define task_tgid_nr(task)	((void)(task), 77)
#define ktime_get_boottime_ns() 1234567890ULL
#define export_uuid(to, uuid)	memcpy(to, (uuid)->b, 16)

#endif /* MOOR_TESTS_KERNEL_SHIM_H */

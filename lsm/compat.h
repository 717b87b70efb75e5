/* SPDX-License-Identifier: GPL-2.0-only */
/* Where Linux 6.1 and 6.12 differ; nowhere else may ask for the version. */
#ifndef MOOR_COMPAT_H
#define MOOR_COMPAT_H

#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/fs.h>
#include <linux/fsnotify_backend.h>
#include <linux/fsverity.h>
#include <linux/io_uring.h>
#include <linux/mm_types.h>
#include <linux/sched.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)

#include <linux/io_uring/cmd.h>

#define MOOR_KFUNCS_START(name)	    BTF_KFUNCS_START(name)
#define MOOR_KFUNCS_END(name)	    BTF_KFUNCS_END(name)
#define MOOR_KF_TRUSTED		    KF_TRUSTED_ARGS
#define MOOR_KFUNC_FILTER(function) .filter = (function),
#define MOOR_LATER_HOOKS	    true /* those of group LATER are there */

static inline bool moor_program_sleeps(const struct bpf_prog *program)
{
	return program->sleepable;
}

#else

#define MOOR_KFUNCS_START(name) BTF_SET8_START(name)
#define MOOR_KFUNCS_END(name)	BTF_SET8_END(name)
/* On 6.1 this flag demands referenced pointers, which hooks do not pass. */
#define MOOR_KF_TRUSTED		0
#define MOOR_KFUNC_FILTER(function)
#define MOOR_LATER_HOOKS false

static inline bool moor_program_sleeps(const struct bpf_prog *program)
{
	return program->aux->sleepable;
}

#endif

/* Later kernels never reclaim under the lock of a group of marks. */
#ifdef FSNOTIFY_GROUP_NOFS
#define MOOR_GROUP_NOFS FSNOTIFY_GROUP_NOFS
#else
#define MOOR_GROUP_NOFS 0
#endif

#ifndef __bpf_kfunc
#define __bpf_kfunc __used noinline
#endif

#ifndef __bpf_kfunc_start_defs
#define __bpf_kfunc_start_defs()                                                                   \
	__diag_push();                                                                             \
	__diag_ignore_all("-Wmissing-prototypes", "kfuncs are called by programs alone")
#define __bpf_kfunc_end_defs() __diag_pop()
#endif

/*
 * The fs-verity file digest of an inode, and the algorithm as enum hash_algo;
 * 6.1 does not export it to modules.
 *
 * Return: the digest's length in bytes, 0 when the file has none.
 */
static inline int moor_verity_digest(struct inode *inode, u8 digest[FS_VERITY_MAX_DIGEST_SIZE],
				     enum hash_algo *algorithm)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
	return fsverity_get_digest(inode, digest, NULL, algorithm);
#else
	return 0;
#endif
}

/*
 * The path that somebody opened: of a file below an overlay that of the overlay. 6.1 has no other
 * in the file; 6.12 has there the path below, in a mount of the overlay's own.
 */
static inline const struct path *moor_user_path(const struct file *file)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
	return file_user_path((struct file *)file);
#else
	return &file->f_path;
#endif
}

/* Was this file opened by an overlay, to stand behind another open file? 6.1 gives it the other's
 * path. */
static inline bool moor_file_backs_another(const struct file *file)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
	return file->f_mode & FMODE_BACKING;
#else
	return false;
#endif
}

/*
 * The program that the current task runs, with a reference; or NULL. The kernel's own function
 * for it is not exported.
 */
static inline struct file *moor_current_program(void)
{
	struct file *program = NULL;

	if (!current->mm)
		return NULL;
	rcu_read_lock();
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
	program = get_file_rcu(&current->mm->exe_file);
#else
	program = rcu_dereference(current->mm->exe_file);
	if (program && !get_file_rcu(program))
		program = NULL;
#endif
	rcu_read_unlock();
	return program;
}

/* When an inode's bytes and its status changed last. */
static inline void moor_inode_times(const struct inode *inode, struct timespec64 *modified,
				    struct timespec64 *changed)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
	*modified = inode_get_mtime(inode);
	*changed = inode_get_ctime(inode);
#else
	*modified = inode->i_mtime;
	*changed = inode->i_ctime;
#endif
}

#endif /* MOOR_COMPAT_H */

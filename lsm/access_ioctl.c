// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ioctl commands that a domain sends. What has a path goes by the rules about
 * that path; what has none by its kind, as the kernel names it.
 *
 * A processor of a VM sends KVM_RUN over and over, so the last command that passed is
 * remembered for each task: by the kind, or by the device's number. Nothing here is
 * known by its address, which another file can have a moment later.
 */
#include "access_cache.h"
#include "access_load.h"
#include "access_record.h"
#include "names.h"
#include "task.h"

#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/mount.h>

/* The upper half of an object's number says what the lower half is. */
enum { OBJECT_CHARACTER = 1, OBJECT_BLOCK = 2, OBJECT_ANONYMOUS = 3 };

static u64 object(u32 what, u32 number)
{
	return (u64)what << 32 | number;
}

static bool is_anonymous(const struct inode *inode)
{
	return inode->i_sb->s_magic == ANON_INODE_FS_MAGIC;
}

/* Such names are given by the kernel and never change; of a memfd what follows is user space's. */
static enum moor_anonymous kind_of(const struct file *file)
{
	const struct qstr *name = &file->f_path.dentry->d_name;

	/* First of all that which is asked about most. */
	if (name->len >= strlen(MOOR_PROCESSOR_NAME) &&
	    !memcmp(name->name, MOOR_PROCESSOR_NAME, strlen(MOOR_PROCESSOR_NAME)))
		return MOOR_ANONYMOUS_KVM_VCPU;
	return moor_anonymous_kind(name->name, name->len);
}

/* Return: 0 for what is not remembered. */
static u64 object_of(const struct file *file)
{
	const struct inode *inode = file_inode(file);

	if (is_anonymous(inode))
		return object(OBJECT_ANONYMOUS, kind_of(file));
	/* Each mount of devpts has terminals of the same numbers. */
	if (inode->i_sb->s_magic == DEVPTS_SUPER_MAGIC)
		return 0;
	if (S_ISCHR(inode->i_mode))
		return object(OBJECT_CHARACTER, inode->i_rdev);
	if (S_ISBLK(inode->i_mode))
		return object(OBJECT_BLOCK, inode->i_rdev);
	return 0;
}

/* Of what no path leads to. */
static const char *kind_name(const struct file *file, enum moor_anonymous *kind)
{
	umode_t mode = file_inode(file)->i_mode;

	*kind = MOOR_ANONYMOUS_KINDS;
	if (S_ISSOCK(mode))
		return "socket";
	if (S_ISFIFO(mode))
		return "pipe";
	if (is_anonymous(file_inode(file)) || S_ISREG(mode))
		*kind = kind_of(file);
	return moor_anonymous_name(*kind);
}

static int check_kind(struct moor_domain *vm, const struct file *file,
		      struct moor_access_event *event, bool *again)
{
	const struct moor_access_policy *policy;
	struct moor_access_finding finding = {0};
	enum moor_anonymous kind;
	int err;

	event->kind = kind_name(file, &kind);
	rcu_read_lock();
	policy = moor_access_policy();
	if (policy)
		finding = moor_access_judge_anonymous_command(
			policy->access, moor_access_domain_of(policy->access, vm, event->helper),
			kind, event->command);
	rcu_read_unlock();
	err = moor_access_settle(event, &finding) ? -EACCES : 0;
	*again = !finding.missing && !finding.recorded;
	return err;
}

/* Is it something that paths lead to? Only then rules about paths are about it. */
bool moor_access_has_path(const struct file *file)
{
	const struct inode *inode = file_inode(file);

	return !(file->f_path.mnt->mnt_flags & MNT_INTERNAL) && !is_anonymous(inode) &&
	       !S_ISSOCK(inode->i_mode) &&
	       !(S_ISFIFO(inode->i_mode) && inode->i_sb->s_magic == PIPEFS_MAGIC);
}

static noinline int check(struct moor_task *task, const struct file *file, u32 command,
			  bool by_ring)
{
	/* Before the policy is asked: see moor_access_epoch. */
	u32 epoch = (u32)atomic_read_acquire(&moor_access_epoch);
	struct moor_access_event event = {
		.vm = task->domain,
		.helper = task->helper,
		.class = "ioctl",
		.has_command = true,
		.command = command,
	};
	umode_t mode = file_inode(file)->i_mode;
	bool again;
	int err;

	/* What io_uring sends has numbers of its own. */
	if (!by_ring && moor_command_is_harmless(command, S_ISCHR(mode) || S_ISBLK(mode)))
		return 0;
	if (moor_access_has_path(file))
		err = moor_access_commanded(task->domain, &file->f_path, &event, &again);
	else
		err = check_kind(task->domain, file, &event, &again);
	if (!err && again)
		task->commanded = (struct moor_commanded){
			.object = object_of(file),
			.epoch = epoch,
			.command = command,
			.helper = task->helper,
		};
	return err;
}

/* In a program that may not sleep, which runs under rcu_read_lock(). */
static __always_inline int check_command(const struct file *file, u32 command, bool by_ring)
{
	struct moor_task *task = moor_task_find_under_rcu();
	const struct moor_commanded *last;

	if (!task || !task->domain)
		return 0;
	last = &task->commanded;
	if (likely(last->command == command &&
		   last->epoch == (u32)atomic_read(&moor_access_epoch) &&
		   last->helper == task->helper && last->object && last->object == object_of(file)))
		return 0;
	return check(task, file, command, by_ring);
}

/**
 * moor_access_ioctl - the current task, which may be in a domain, sends an ioctl command
 * @file: to what
 * @command: as the caller has it: a program of 32 bits may have other numbers
 *
 * Return: 0; -EACCES or -ENOMEM.
 *
 * Context: in a program that may not sleep, which runs under rcu_read_lock().
 */
int moor_access_ioctl(const struct file *file, u32 command)
{
	return check_command(file, command, false);
}

/**
 * moor_access_uring_command - likewise by io_uring (IORING_OP_URING_CMD)
 * @file: to what
 * @command: cmd_op of the request
 *
 * A rule about an ioctl command of the same number allows it; none passes without a rule.
 *
 * Return: as moor_access_ioctl().
 */
int moor_access_uring_command(const struct file *file, u32 command)
{
	return check_command(file, command, true);
}

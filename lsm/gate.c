// SPDX-License-Identifier: GPL-2.0-only
/*
 * The gate: devices that only a guarded domain may have. They are known by
 * number, whatever node leads to them, so a copied emulator gets no KVM.
 */
#include "moor.h"

#include <linux/fdtable.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/major.h>
#include <linux/miscdevice.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#define GATES_MAX 64

struct gate {
	dev_t first;
	dev_t last;
};

/* Grows only, and under the mutex; readers see an entry before the count. */
static struct gate gates[GATES_MAX] = {
	{MKDEV(MISC_MAJOR, KVM_MINOR), MKDEV(MISC_MAJOR, KVM_MINOR)},
	{MKDEV(MISC_MAJOR, VHOST_NET_MINOR), MKDEV(MISC_MAJOR, VHOST_NET_MINOR)},
	{MKDEV(MISC_MAJOR, VHOST_VSOCK_MINOR), MKDEV(MISC_MAJOR, VHOST_VSOCK_MINOR)},
	{MKDEV(MISC_MAJOR, VFIO_MINOR), MKDEV(MISC_MAJOR, VFIO_MINOR)},
};
static u32 gate_count = 4;

/**
 * moor_gate_add - add devices whose numbers are given out while running
 * @major: of the devices
 * @minor_first: first of them
 * @minor_last: last of them
 *
 * Return: 0; -EINVAL for a range that is none, -EEXIST when they are gated
 * already, -ENOSPC.
 */
int moor_gate_add(u32 major, u32 minor_first, u32 minor_last)
{
	u32 i;

	lockdep_assert_held(&moor_control);
	if (!major || major > 0xfff || minor_first > minor_last || minor_last > MINORMASK)
		return -EINVAL;
	for (i = 0; i < gate_count; i++)
		if (MKDEV(major, minor_first) >= gates[i].first &&
		    MKDEV(major, minor_last) <= gates[i].last)
			return -EEXIST;
	if (gate_count == GATES_MAX)
		return -ENOSPC;
	gates[gate_count] = (struct gate){MKDEV(major, minor_first), MKDEV(major, minor_last)};
	smp_store_release(&gate_count, gate_count + 1);
	return 0;
}

static bool gated(dev_t device)
{
	u32 count = smp_load_acquire(&gate_count);
	u32 i;

	for (i = 0; i < count; i++)
		if (device >= gates[i].first && device <= gates[i].last)
			return true;
	return false;
}

/**
 * moor_check_device - a character device is opened, received or brought in
 * @domain: of the current task, or NULL
 * @file: a character device
 *
 * Return: 0 or -EPERM.
 *
 * Context: does not sleep.
 */
int moor_check_device(const struct moor_domain *domain, const struct file *file)
{
	const struct moor_subject subject = {.in_domain = domain};
	struct moor_context context;

	if (!gated(file_inode(file)->i_rdev))
		return 0;
	moor_context_read(&context);
	return moor_act_answer(moor_decide_device(&context, &subject), 0, file);
}

/* For one open file of some task: the first gated device ends the search. */
static int is_gated(const void *data, struct file *file, unsigned int fd)
{
	return S_ISCHR(file_inode(file)->i_mode) && gated(file_inode(file)->i_rdev);
}

/**
 * moor_gate_count_open - tasks that have a gated device open
 *
 * What was opened before the gate stood cannot be taken back.
 *
 * Return: how many.
 */
int moor_gate_count_open(void)
{
	struct task_struct *process, *thread;
	int count = 0;

	rcu_read_lock();
	for_each_process_thread(process, thread)
	{
		task_lock(thread);
		if (thread->files && iterate_fd(thread->files, 0, is_gated, NULL))
			count++;
		task_unlock(thread);
	}
	rcu_read_unlock();
	return count;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/moor: the ioctls of uapi/moor.h. What one open file has begun (an
 * attachment, a staged policy) belongs to it and goes with it.
 */
#include "access_load.h"
#include "moor.h"

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

/**
 * struct session - what an open file has begun
 * @staged: packed entries, or NULL
 * @expected_bytes: how many will come
 * @expected_entries: likewise
 * @staged_bytes: how many have come
 * @staged_entries: likewise
 */
struct session {
	u8 *staged;
	u32 expected_bytes;
	u32 expected_entries;
	u32 staged_bytes;
	u32 staged_entries;
};

static void drop_staged(struct session *session)
{
	kvfree(session->staged);
	*session = (struct session){0};
}

static int device_open(struct inode *inode, struct file *file)
{
	struct session *session;

	if (!capable(CAP_MAC_ADMIN))
		return -EPERM;
	if (moor_task_domain())
		return -EACCES;
	session = kzalloc(sizeof(*session), GFP_KERNEL_ACCOUNT);
	if (!session)
		return -ENOMEM;
	file->private_data = session;
	return 0;
}

static int device_release(struct inode *inode, struct file *file)
{
	struct session *session = file->private_data;

	mutex_lock(&moor_control);
	moor_attach_abort(session);
	mutex_unlock(&moor_control);
	drop_staged(session);
	kfree(session);
	return 0;
}

/* The argument, whose header must fit exactly. */
static int fetch(void *to, const void __user *from, u32 size)
{
	const struct moor_header *header = to;

	if (copy_from_user(to, from, size))
		return -EFAULT;
	if (header->size != size)
		return -EINVAL;
	return header->version == MOOR_ABI_VERSION ? 0 : -EOPNOTSUPP;
}

static int store(void __user *to, const void *from, u32 size, int err)
{
	return copy_to_user(to, from, size) ? -EFAULT : err;
}

/* A NUL-terminated name of printable bytes in a fixed field. */
bool moor_valid_name(const char *name, u32 room)
{
	u32 length = strnlen(name, room);
	u32 i;

	for (i = 0; i < length; i++)
		if (name[i] < 0x20 || name[i] == 0x7f)
			return false;
	return length < room;
}

static int attach_begin(struct session *session, void __user *user)
{
	struct moor_attach_begin argument;
	int err = fetch(&argument, user, sizeof(argument));

	if (!err && (argument.flags & ~MOOR_ATTACH_FLAGS))
		err = -EINVAL;
	/* Who cannot be told must not begin. */
	if (!err)
		err = store(user, &argument, sizeof(argument), 0);
	if (!err)
		err = moor_attach_begin(session, argument.flags & MOOR_ATTACH_ACCESS,
					&argument.cookie);
	if (err)
		return err;
	argument.hook_count = moor_attach_count();
	return store(user, &argument, sizeof(argument), 0);
}

static int attach(struct session *session, void __user *user)
{
	struct moor_attach argument;
	int err = fetch(&argument, user, sizeof(argument));

	if (!err && argument.reserved)
		err = -EINVAL;
	return err ?: moor_attach_link(session, argument.link_fd);
}

static int arm(struct session *session, void __user *user)
{
	struct moor_arm argument;
	int err = fetch(&argument, user, sizeof(argument));

	/* Who cannot be told must not arm. */
	if (!err)
		err = store(user, &argument, sizeof(argument), 0);
	if (err)
		return err;
	err = moor_arm(session, argument.missing, argument.unproven);
	return store(user, &argument, sizeof(argument), err);
}

static int trust_begin(struct session *session, void __user *user)
{
	struct moor_trust_begin argument;
	int err = fetch(&argument, user, sizeof(argument));

	if (err)
		return err;
	if (argument.entry_count > MOOR_TRUST_ENTRIES_MAX ||
	    argument.byte_count > MOOR_TRUST_BYTES_MAX)
		return -E2BIG;
	if (!argument.entry_count || !argument.byte_count)
		return -EINVAL;
	if (session->staged)
		return -EBUSY;
	session->staged = kvmalloc(argument.byte_count, GFP_KERNEL_ACCOUNT);
	if (!session->staged)
		return -ENOMEM;
	session->expected_bytes = argument.byte_count;
	session->expected_entries = argument.entry_count;
	return 0;
}

static int trust_add(struct session *session, void __user *user)
{
	struct moor_trust_add argument;
	u8 *chunk = session->staged + session->staged_bytes;
	u32 entries;
	int err = fetch(&argument, user, sizeof(argument));

	if (err)
		return err;
	argument.error_offset = 0;
	if (!session->staged)
		return -ENODATA;
	if (argument.byte_count > session->expected_bytes - session->staged_bytes)
		return -E2BIG;
	if (copy_from_user(chunk, u64_to_user_ptr(argument.entries), argument.byte_count))
		return -EFAULT;
	err = moor_trust_check(chunk, argument.byte_count, &entries, &argument.error_offset);
	if (err)
		return store(user, &argument, sizeof(argument), err);
	session->staged_bytes += argument.byte_count;
	session->staged_entries += entries;
	return 0;
}

static int trust_commit(struct session *session, void __user *user)
{
	struct moor_trust_commit argument;
	int err = fetch(&argument, user, sizeof(argument));

	if (err)
		return err;
	if (!session->staged)
		return -ENODATA;
	if (session->staged_bytes != session->expected_bytes ||
	    session->staged_entries != session->expected_entries)
		return -ENODATA;
	if ((argument.flags & ~MOOR_COMMIT_FLAGS) || argument.reserved ||
	    !moor_valid_name(argument.name, sizeof(argument.name)))
		return -EINVAL;
	err = moor_policy_commit(session->staged, session->staged_bytes, session->staged_entries,
				 &argument);
	if (!err)
		session->staged = NULL;
	drop_staged(session);
	return err;
}

static int trust_abort(struct session *session, void __user *user)
{
	struct moor_simple argument;
	int err = fetch(&argument, user, sizeof(argument));

	if (!err)
		drop_staged(session);
	return err;
}

static int bind(void __user *user)
{
	struct moor_bind argument;
	int err = fetch(&argument, user, sizeof(argument));

	if (err)
		return err;
	if (!argument.vm[0] || !moor_valid_name(argument.vm, sizeof(argument.vm)))
		return -EINVAL;
	if (moor_state() == MOOR_STATE_UNARMED || moor_mode() == MOOR_MODE_NONE)
		return -EAGAIN;
	if (moor_domain_runs(argument.vm, NULL))
		return -EBUSY;
	return moor_task_bind(argument.vm);
}

static int gate(void __user *user)
{
	struct moor_gate argument;
	int err = fetch(&argument, user, sizeof(argument));

	if (!err && argument.reserved)
		err = -EINVAL;
	return err ?: moor_gate_add(argument.major, argument.minor_first, argument.minor_last);
}

static int access_object(void __user *user)
{
	struct moor_access_object argument;
	struct file *file;
	int err = fetch(&argument, user, sizeof(argument));

	if (err)
		return err;
	if (!argument.vm[0] || !moor_valid_name(argument.vm, sizeof(argument.vm)))
		return -EINVAL;
	file = fget_raw(argument.fd);
	if (!file)
		return -EBADF;
	err = moor_access_claim(argument.token, &file->f_path, argument.vm, &argument.number);
	fput(file);
	return err == -EEXIST ? store(user, &argument, sizeof(argument), err) : err;
}

static int snapshot(void __user *user)
{
	struct moor_snapshot argument;
	void *bytes;
	int err = fetch(&argument, user, sizeof(argument));

	if (err)
		return err;
	err = moor_log_snapshot(&argument, &bytes);
	if (err && err != -ENOSPC)
		return err;
	if (!err && copy_to_user(u64_to_user_ptr(argument.buffer), bytes, argument.log_bytes))
		err = -EFAULT;
	kvfree(bytes);
	return store(user, &argument, sizeof(argument), err);
}

static int simple(void __user *user, int (*act)(void))
{
	struct moor_simple argument;
	int err = fetch(&argument, user, sizeof(argument));

	return err ?: act();
}

/**
 * moor_may_control - may the current task command the module by this open file?
 * @file: of the device, or one that can be written in sysfs
 *
 * A descriptor that was passed on gives its receiver nothing.
 *
 * Return: 0; -EPERM without CAP_MAC_ADMIN in the first user namespace; -EACCES for another opener,
 * or in a domain.
 */
int moor_may_control(const struct file *file)
{
	if (file->f_cred != current_cred())
		return -EACCES;
	if (!capable(CAP_MAC_ADMIN))
		return -EPERM;
	return moor_task_domain() ? -EACCES : 0;
}

static long device_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	struct session *session = file->private_data;
	void __user *user = (void __user *)argument;
	long err = moor_may_control(file);

	if (err)
		return err;
	mutex_lock(&moor_control);
	switch (command) {
	case MOOR_IOC_ATTACH_BEGIN:
		err = attach_begin(session, user);
		break;
	case MOOR_IOC_ATTACH:
		err = attach(session, user);
		break;
	case MOOR_IOC_ARM:
		err = arm(session, user);
		break;
	case MOOR_IOC_RELEASE:
		err = simple(user, moor_release);
		break;
	case MOOR_IOC_TRUST_BEGIN:
		err = trust_begin(session, user);
		break;
	case MOOR_IOC_TRUST_ADD:
		err = trust_add(session, user);
		break;
	case MOOR_IOC_TRUST_COMMIT:
		err = trust_commit(session, user);
		break;
	case MOOR_IOC_TRUST_ABORT:
		err = trust_abort(session, user);
		break;
	case MOOR_IOC_BIND:
		err = bind(user);
		break;
	case MOOR_IOC_GATE:
		err = gate(user);
		break;
	case MOOR_IOC_CAP:
		err = simple(user, moor_cap);
		break;
	case MOOR_IOC_LOCK:
		err = simple(user, moor_lock);
		break;
	case MOOR_IOC_ACCESS_OBJECT:
		err = access_object(user);
		break;
	case MOOR_IOC_SNAPSHOT:
		err = snapshot(user);
		break;
	default:
		err = -ENOTTY;
	}
	mutex_unlock(&moor_control);
	return err;
}

static const struct file_operations device_operations = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.unlocked_ioctl = device_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = MOOR_DEVICE_NAME,
	.mode = 0600,
	.fops = &device_operations,
};

/* The sizes are the ABI. */
static_assert(sizeof(struct moor_trust_entry) == 8);
static_assert(sizeof(struct moor_trust_begin) == 16);
static_assert(sizeof(struct moor_trust_add) == 24);
static_assert(sizeof(struct moor_trust_commit) == 192);
static_assert(sizeof(struct moor_attach_begin) == 24);
static_assert(sizeof(struct moor_attach) == 16);
static_assert(sizeof(struct moor_arm) == 40);
static_assert(sizeof(struct moor_bind) == 72);
static_assert(sizeof(struct moor_gate) == 24);
static_assert(sizeof(struct moor_snapshot) == 632);
static_assert(sizeof(struct moor_access_object) == 88);

int moor_chardev_init(void)
{
	return misc_register(&device);
}

void moor_chardev_exit(void)
{
	misc_deregister(&device);
}

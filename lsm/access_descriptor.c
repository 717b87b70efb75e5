// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptors that come into a domain: those that its program was started with, and those that
 * it receives over a unix socket or takes from another process. What a rule about the object's path
 * grants may come in, what is the VM's own, and what a rule about descriptors names.
 */
#include "access_load.h"
#include "access_record.h"
#include "names.h"

#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/magic.h>
#include <linux/major.h>
#include <linux/miscdevice.h>
#include <linux/namei.h>
#include <linux/net.h>
#include <linux/sched/signal.h>
#include <net/sock.h>

#include "compat.h"

/* In no header of the kernel. */
#define NULL_MINOR	  3
#define HVC_MAJOR	  229
#define LOW_DENSITY_MAJOR 204
#define USB_SERIAL_MAJOR  188
#define USB_MODEM_MAJOR	  166
#define PTY_MAJOR_FIRST	  UNIX98_PTY_MASTER_MAJOR
#define PTY_MAJOR_LAST	  (UNIX98_PTY_SLAVE_MAJOR + UNIX98_PTY_MAJOR_COUNT - 1)

static bool is_null(const struct inode *inode)
{
	return S_ISCHR(inode->i_mode) && inode->i_rdev == MKDEV(MEM_MAJOR, NULL_MINOR);
}

/* A terminal of any kind: who starts a VM by hand has one. */
static bool is_terminal(const struct inode *inode)
{
	switch (MAJOR(inode->i_rdev)) {
	case TTY_MAJOR:
	case TTYAUX_MAJOR:
	case HVC_MAJOR:
	case LOW_DENSITY_MAJOR:
	case USB_SERIAL_MAJOR:
	case USB_MODEM_MAJOR:
	case PTY_MAJOR_FIRST ... PTY_MAJOR_LAST:
		return true;
	default:
		return false;
	}
}

static enum moor_descriptor kind_of_device(const struct inode *inode)
{
	switch (inode->i_rdev) {
	case MKDEV(MISC_MAJOR, TUN_MINOR):
		return MOOR_DESCRIPTOR_TUN;
	case MKDEV(MISC_MAJOR, VHOST_NET_MINOR):
	case MKDEV(MISC_MAJOR, VHOST_VSOCK_MINOR):
		return MOOR_DESCRIPTOR_VHOST;
	default:
		return is_terminal(inode) ? MOOR_DESCRIPTOR_PTY : MOOR_DESCRIPTOR_DEVICE;
	}
}

static enum moor_descriptor kind_of_socket(struct file *file)
{
	const struct socket *sock = sock_from_file(file);
	const struct sock *sk = sock ? sock->sk : NULL;

	if (!sk)
		return MOOR_DESCRIPTORS;
	if (sk->sk_family == AF_UNIX)
		return MOOR_DESCRIPTOR_UNIX;
	if (sk->sk_family != AF_INET && sk->sk_family != AF_INET6)
		return MOOR_DESCRIPTORS;
	if (sk->sk_type == SOCK_STREAM && sk->sk_protocol == IPPROTO_TCP)
		return MOOR_DESCRIPTOR_TCP;
	if (sk->sk_type == SOCK_DGRAM && sk->sk_protocol == IPPROTO_UDP)
		return MOOR_DESCRIPTOR_UDP;
	return MOOR_DESCRIPTORS;
}

/* Of what has no path, by the name that the kernel gave it. */
static enum moor_descriptor kind_of_unnamed(const struct file *file)
{
	const struct qstr *name = &file->f_path.dentry->d_name;

	switch (moor_anonymous_kind(name->name, name->len)) {
	case MOOR_ANONYMOUS_MEMFD:
		return MOOR_DESCRIPTOR_MEMFD;
	case MOOR_ANONYMOUS_EVENTFD:
		return MOOR_DESCRIPTOR_EVENTFD;
	default:
		return MOOR_DESCRIPTORS;
	}
}

/* Return: MOOR_DESCRIPTORS for what no rule could name. */
static enum moor_descriptor kind_of(struct file *file)
{
	const struct inode *inode = file_inode(file);

	switch (inode->i_mode & S_IFMT) {
	case S_IFIFO:
		return MOOR_DESCRIPTOR_PIPE;
	case S_IFSOCK:
		return kind_of_socket(file);
	case S_IFCHR:
		return kind_of_device(inode);
	case S_IFBLK:
		return MOOR_DESCRIPTOR_DEVICE;
	case S_IFREG:
	case S_IFDIR:
	case S_IFLNK:
		return moor_access_has_path(file) ? MOOR_DESCRIPTOR_FILE : kind_of_unnamed(file);
	default:
		return kind_of_unnamed(file);
	}
}

/* Return: 0; -EACCES, -EPERM for what is another VM's, -ENOMEM. */
static int check(struct moor_domain *vm, struct file *file, u8 way)
{
	const enum moor_descriptor kind = kind_of(file);
	struct moor_access_event event = {
		.vm = vm,
		.helper = moor_task_helper(),
		.class = "descriptor",
		.kind = moor_descriptor_name(kind),
		.act = way == MOOR_WAY_INHERIT ? "inherit" : "receive",
	};

	/* There is nothing to be had from it. */
	if (is_null(file_inode(file)))
		return 0;
	return moor_access_arrived(vm, file, kind, way, &event);
}

/**
 * moor_access_received - a domain receives a descriptor
 * @vm: the current task's domain
 * @file: that it would get
 *
 * Return: 0; -EACCES, on which it does not get it, or -ENOMEM.
 *
 * Context: does not sleep.
 */
int moor_access_received(struct moor_domain *vm, struct file *file)
{
	int err = check(vm, file, MOOR_WAY_RECEIVE);

	return err == -EPERM ? -EACCES : err;
}

/* The next open file of the current task from @fd on, with a reference; its table is its own. */
static struct file *next_file(unsigned int *fd)
{
	struct files_struct *files = current->files;
	struct file *file = NULL;
	struct fdtable *table;

	spin_lock(&files->file_lock);
	table = files_fdtable(files);
	for (; !file; (*fd)++) {
		*fd = (unsigned int)find_next_bit(table->open_fds, table->max_fds, *fd);
		if (*fd >= table->max_fds)
			break;
		file = rcu_dereference_check_fdtable(files, table->fd[*fd]);
		if (file) {
			get_file(file);
			break;
		}
	}
	spin_unlock(&files->file_lock);
	return file;
}

/* /dev/null, as the VM has it, whatever its rules say of that path. */
static struct file *open_null(void)
{
	struct file *file;
	struct path path;
	int err = kern_path("/dev/null", LOOKUP_FOLLOW, &path);

	if (err)
		return ERR_PTR(err);
	if (!is_null(d_backing_inode(path.dentry))) {
		path_put(&path);
		return ERR_PTR(-ENODEV);
	}
	moor_task_set_measures(true);
	file = dentry_open(&path, O_RDWR | O_LARGEFILE, current_cred());
	moor_task_set_measures(false);
	path_put(&path);
	return file;
}

/* Programs expect what they were told that they have: a number without a file would be given to the
 * next file that they open. */
static int replace(unsigned int fd, struct file *old)
{
	struct files_struct *files = current->files;
	struct file *null = open_null(), *gone = null;
	struct fdtable *table;

	if (IS_ERR(null))
		return (int)PTR_ERR(null);
	spin_lock(&files->file_lock);
	table = files_fdtable(files);
	if (fd < table->max_fds && rcu_dereference_check_fdtable(files, table->fd[fd]) == old) {
		rcu_assign_pointer(table->fd[fd], null);
		gone = old;
	}
	spin_unlock(&files->file_lock);
	filp_close(gone, files);
	return 0;
}

/**
 * moor_access_brought_in - a program entered a domain: look at all that it has open
 * @vm: that was entered
 *
 * What may not come in is replaced by /dev/null. What is another VM's ends the task, since somebody
 * meant it: the exec cannot be undone any more.
 *
 * Context: at bprm_committed_creds, where the task has its table of files for itself; sleeps.
 */
void moor_access_brought_in(struct moor_domain *vm)
{
	struct file *file;
	unsigned int fd;
	int err = 0;

	for (fd = 0; !err && (file = next_file(&fd)); fd++) {
		err = check(vm, file, MOOR_WAY_INHERIT);
		if (err == -EACCES)
			err = replace(fd, file);
		fput(file);
	}
	if (err)
		send_sig(SIGKILL, current, 1);
}

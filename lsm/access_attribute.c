// SPDX-License-Identifier: GPL-2.0-only
/*
 * Times, extended attributes and ACLs of an object, and being told of what becomes of it.
 * The hooks of the former say which object it is and not where it lies: no mount comes with
 * it. So one is looked for that shows it to the task; what none shows is granted nothing.
 */
#include "task.h"

#include <linux/dcache.h>
#include <linux/fdtable.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/fsnotify_backend.h>
#include <linux/mount.h>

/* A search among a task's open files. */
struct search {
	const struct dentry *dentry;
	bool exactly; /* the object itself is open, and not only something in its mount */
	struct vfsmount *found;
};

static bool shows(const struct vfsmount *mount, const struct dentry *dentry)
{
	return mount->mnt_sb == dentry->d_sb && is_subdir((struct dentry *)dentry, mount->mnt_root);
}

static int look_at_file(const void *data, struct file *file, unsigned int fd)
{
	struct search *search = (struct search *)data;

	if (search->exactly ? file->f_path.dentry != search->dentry
			    : !shows(file->f_path.mnt, search->dentry))
		return 0;
	search->found = mntget(file->f_path.mnt);
	return 1;
}

static struct vfsmount *mount_of_open_file(const struct dentry *dentry, bool exactly)
{
	struct search search = {.dentry = dentry, .exactly = exactly};

	if (current->files)
		iterate_fd(current->files, 0, look_at_file, &search);
	return search.found;
}

static struct vfsmount *mount_of_folder(const struct dentry *dentry)
{
	struct fs_struct *fs = current->fs;
	struct vfsmount *mount = NULL;

	/* Of the folder itself no reference is taken: giving back the last one may sleep. */
	spin_lock(&fs->lock);
	if (shows(fs->pwd.mnt, dentry))
		mount = mntget(fs->pwd.mnt);
	spin_unlock(&fs->lock);
	return mount;
}

/*
 * By whichever mount the object is found, the task could have come to it: so what a rule says of
 * any of its paths is said of the object. First the one by which it is open, then that of the root,
 * which shows most of what there is.
 */
static struct vfsmount *find_mount(const struct moor_domain *vm, const struct dentry *dentry)
{
	struct vfsmount *mount = mount_of_open_file(dentry, true);

	if (!mount && shows(vm->root.mnt, dentry))
		mount = mntget(vm->root.mnt);
	if (!mount)
		mount = mount_of_folder(dentry);
	return mount ?: mount_of_open_file(dentry, false);
}

/**
 * moor_access_attributed - a domain changes an object's times, extended attributes or ACL
 * @vm: the current task's domain
 * @dentry: the object
 *
 * What an overlay changes below itself was asked about above; what the kernel has mounted for
 * itself, as for a memfd, is the business of who made it.
 *
 * Return: 0; -EACCES or -ENOMEM.
 *
 * Context: the object is locked; does not sleep.
 */
int moor_access_attributed(struct moor_domain *vm, struct dentry *dentry)
{
	struct path path = {.dentry = dentry};
	int err;

	if (moor_under_lent_credentials() || (dentry->d_sb->s_flags & SB_KERNMOUNT))
		return 0;
	path.mnt = find_mount(vm, dentry);
	if (!path.mnt)
		return moor_access_changed_unseen(vm, dentry, MOOR_PERM_CHMOD);
	err = moor_access_touched(vm, &path, MOOR_PERM_CHMOD);
	mntput(path.mnt);
	return err;
}

/**
 * moor_access_watched - a domain wants to be told of what becomes of an object
 * @vm: the current task's domain
 * @path: the object
 * @what: FSNOTIFY_OBJ_TYPE_*: the object, or the whole mount or file system that it lies on
 *
 * Who may read it may be told. Of a mount or a file system nobody is: no rule is about them.
 *
 * Return: 0; -EACCES or -ENOMEM; -EPERM for more than the object.
 *
 * Context: does not sleep.
 */
int moor_access_watched(struct moor_domain *vm, const struct path *path, unsigned int what)
{
	umode_t mode = d_inode(path->dentry)->i_mode;
	bool device = S_ISCHR(mode) || S_ISBLK(mode);

	if (what != FSNOTIFY_OBJ_TYPE_INODE)
		return moor_access_forbidden(vm, "kernel", "fanotify", -EPERM);
	return moor_access_touched(vm, path, device ? MOOR_PERM_DEVICE_READ : MOOR_PERM_READ);
}

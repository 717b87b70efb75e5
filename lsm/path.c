// SPDX-License-Identifier: GPL-2.0-only
/*
 * Paths, and when there is none; and which filesystems can be trusted to hand
 * out the bytes that were measured.
 */
#include "path.h"

#include <linux/dcache.h>
#include <linux/fs_struct.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/user_namespace.h>

#include "compat.h"

/* Not in magic.h of both kernels. */
#define MOOR_XFS_MAGIC 0x58465342

/**
 * moor_reachable - does a path lead to this object from the task's root?
 * @path: the object
 *
 * Not to one that was unlinked, lies on a detached mount, or outside of what its mount shows, as a
 * file opened by its handle may.
 */
bool moor_reachable(const struct path *path)
{
	struct path root;
	bool reachable;

	if (d_unlinked(path->dentry) || !is_subdir(path->dentry, path->mnt->mnt_root))
		return false;
	get_fs_root(current->fs, &root);
	reachable = path_is_under(path, &root);
	path_put(&root);
	return reachable;
}

/**
 * moor_path - the path that leads to an object from the task's root
 * @path: the object
 * @buffer: @size bytes for it
 * @size: of @buffer
 *
 * d_path alone would also print an unlinked name, and that of an object on a
 * detached mount, as if they were there.
 *
 * Return: the path, NUL-terminated, in @buffer; ERR_PTR(-ENOENT) when no path
 * leads to it, -ENAMETOOLONG when it does not fit.
 */
char *moor_path(const struct path *path, char *buffer, int size)
{
	char *name;

	if (!moor_reachable(path))
		return ERR_PTR(-ENOENT);
	name = d_path(path, buffer, size);
	if (IS_ERR(name))
		return name;
	/* It may have been unlinked, or its mount detached, while its name was built. */
	return name[0] == '/' && moor_reachable(path) ? name : ERR_PTR(-ENOENT);
}

/**
 * moor_maybe_listed - can the policy list this file?
 * @path: the file
 * @kind: EXEC or FIRMWARE; the others are not told apart
 *
 * Told by the last name of its path, without building the path.
 *
 * Return: false is certain.
 */
bool moor_maybe_listed(const struct path *path, enum moor_kind kind)
{
	unsigned int renames = moor_renames();
	const char *name;
	bool maybe = true;
	u32 length;

	/* What is mounted as a file has its mount point's name. Odd: a rename is under way. */
	if (path->dentry == path->mnt->mnt_root || renames & 1)
		return true;
	smp_rmb();
	rcu_read_lock();
	name = READ_ONCE(path->dentry->d_name.name);
	length = READ_ONCE(path->dentry->d_name.len);
	smp_rmb();
	/*
	 * Only when no rename came in between is this the name's length, and the name so long for
	 * as long as RCU is held, whatever its bytes become.
	 */
	if (moor_renames() == renames)
		maybe = moor_policy_maybe_listed(kind, name, length);
	rcu_read_unlock();
	/* The bytes that were read were one name's under the same condition. */
	smp_rmb();
	return maybe || moor_renames() != renames;
}

/**
 * moor_file_unlinked - has this file no name?
 * @file: open
 *
 * True for memfd, O_TMPFILE, SysV memory and what was unlinked.
 */
bool moor_file_unlinked(const struct file *file)
{
	const struct path *path = moor_user_path(file);

	return !file_inode(file)->i_nlink || d_unlinked(path->dentry) ||
	       (path->mnt->mnt_flags & MNT_INTERNAL);
}

static bool magic_allowed(const struct super_block *sb)
{
	switch (sb->s_magic) {
	case EXT4_SUPER_MAGIC:
	case MOOR_XFS_MAGIC:
	case BTRFS_SUPER_MAGIC:
	case EROFS_SUPER_MAGIC_V1:
	case SQUASHFS_MAGIC:
	case TMPFS_MAGIC:
		/* Who mounted it in another user namespace can serve any bytes. */
		return sb->s_user_ns == &init_user_ns;
	default:
		return false;
	}
}

/**
 * moor_backing_file - the open file that the bytes come from
 * @file: open
 *
 * Below an overlay that is the layer's own, chosen when @file was opened: it stays when a copy-up
 * leads the name elsewhere, and it is what a mapping shows. On both kernels an overlay keeps it in
 * private_data, which is still empty while file_open runs.
 *
 * Return: @file itself where there is nothing below it.
 */
struct file *moor_backing_file(struct file *file)
{
	while (file_inode(file)->i_sb->s_magic == OVERLAYFS_SUPER_MAGIC &&
	       S_ISREG(file_inode(file)->i_mode) && file->private_data)
		file = file->private_data;
	return file;
}

/* The inode that has the bytes of an open file, below any overlay. */
struct inode *moor_real_inode(struct file *file)
{
	struct inode *inode = file_inode(file);

	if (likely(inode->i_sb->s_magic != OVERLAYFS_SUPER_MAGIC))
		return inode;
	file = moor_backing_file(file);
	inode = file_inode(file);
	if (inode->i_sb->s_magic == OVERLAYFS_SUPER_MAGIC)
		return d_real_inode(file->f_path.dentry);
	return inode;
}

/**
 * moor_filesystem_allowed - can what was read once be trusted to stay?
 * @file: open
 *
 * Not with FUSE, network filesystems and the like, which may answer otherwise
 * the second time. An overlay is as good as the layer that has the file.
 */
bool moor_filesystem_allowed(struct file *file)
{
	const struct super_block *sb = moor_user_path(file)->dentry->d_sb;

	if (sb->s_magic == OVERLAYFS_SUPER_MAGIC && sb->s_user_ns == &init_user_ns)
		sb = moor_real_inode(file)->i_sb;
	return magic_allowed(sb);
}

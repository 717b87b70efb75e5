// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a domain does with paths: opened, made, removed, linked, renamed, changed.
 * The path is that of the object in the hook, never a string of user space, and
 * what no path leads to is granted nothing. What is another VM's is granted to
 * nobody else, whatever path leads to it.
 */
#include "access_cache.h"
#include "access_load.h"
#include "access_record.h"
#include "identity.h"
#include "path.h"
#include "task.h"

#include <linux/binfmts.h>
#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/mount.h>
#include <linux/slab.h>

#include "compat.h"

/* Most paths are shorter, and need no memory of their own. */
#define BRIEF 192

/* A path on its way to the rules. */
struct named {
	const char *name; /* NULL: no path leads there */
	u32 length;
	char *buffer;
	char owner[MOOR_VM_NAME_MAX + 1]; /* another VM, which has what is there; or "" */
	char brief[BRIEF];
};

/* What a name grants on the object behind it: another name of it must not grant more of that. */
#define ACCESS_BITS                                                                                \
	(MOOR_PERM_READ | MOOR_PERM_WRITE | MOOR_PERM_APPEND | MOOR_PERM_MAP | MOOR_PERM_EXEC |    \
	 MOOR_PERM_TRUNCATE | MOOR_PERM_CHMOD | MOOR_PERM_LOCK | MOOR_PERM_DEVICE_READ |           \
	 MOOR_PERM_DEVICE_WRITE | MOOR_PERM_UNIX_CONNECT)

/* The path of @path, and of @last in it when that is not NULL, in @size bytes. */
static int build(struct named *named, char *buffer, u32 size, const struct path *path,
		 const struct dentry *last)
{
	u32 tail = last ? 1 + last->d_name.len : 0;
	char *name, *end;

	if (tail + 2 > size)
		return -ENAMETOOLONG;
	name = moor_path(path, buffer, (int)(size - tail));
	if (IS_ERR(name))
		return (int)PTR_ERR(name);
	end = name + strlen(name);
	if (last) {
		/* Of the root there is a slash already. */
		if (end[-1] != '/')
			*end++ = '/';
		memcpy(end, last->d_name.name, last->d_name.len);
		end += last->d_name.len;
	}
	named->name = name;
	named->length = (u32)(end - name);
	return 0;
}

/* Paths are from the root that the VM was started with; from another one they say nothing. */
static bool has_its_root(const struct moor_domain *vm)
{
	const struct fs_struct *fs = current->fs;
	unsigned int sequence;
	bool same;

	/* Compared and not followed: it need not be held. */
	do {
		sequence = read_seqcount_begin(&fs->seq);
		same = path_equal(&fs->root, &vm->root);
	} while (read_seqcount_retry(&fs->seq, sequence));
	return same;
}

static void have_no_name(struct named *named)
{
	named->name = NULL;
	named->length = 0;
	named->buffer = NULL;
	named->owner[0] = '\0';
}

/* Return: 0, also when there is no path; -ENOMEM. */
static int name_path(struct named *named, const struct moor_domain *vm, const struct path *path,
		     const struct dentry *last)
{
	int err;

	have_no_name(named);
	if (!has_its_root(vm))
		return 0;
	err = build(named, named->brief, sizeof(named->brief), path, last);
	if (err != -ENAMETOOLONG)
		return 0;
	named->buffer = kmalloc(PATH_MAX, GFP_ATOMIC | __GFP_NOWARN);
	if (!named->buffer)
		return -ENOMEM;
	/* What is too long even for that has no path, and so is granted nothing. */
	build(named, named->buffer, PATH_MAX, path, last);
	return 0;
}

static void forget_name(struct named *named)
{
	kfree(named->buffer);
}

/*
 * What the rules in force say of a name, and of the object that has it or would get it: NULL for
 * one that is being made. False when none are in force.
 */
static bool look(const struct moor_domain *vm, u32 helper, struct named *named,
		 const struct dentry *object, u32 need, struct moor_access_finding *finding)
{
	enum moor_ownership whose = MOOR_OWNED_BY_ITSELF;
	const struct moor_access_policy *policy;
	struct moor_dfa_answer answer = {0};
	u32 domain;

	if (object)
		whose = moor_identity_of(object, vm->vm, named->owner);
	rcu_read_lock();
	policy = moor_access_policy();
	if (policy) {
		domain = moor_access_domain_of(policy->access, vm, helper);
		if (named->name)
			moor_access_look(policy->access, domain, MOOR_DFA_ROOT_PATH, named->name,
					 named->length, &answer);
		if (whose == MOOR_OWNED_BY_ITSELF)
			moor_access_add_temporary(&answer);
		*finding = moor_access_judge(policy->access, domain, &answer, need);
	}
	rcu_read_unlock();
	if (policy && whose == MOOR_OWNED_BY_ANOTHER)
		*finding = (struct moor_access_finding){
			/* To give it another name may need nothing of its old one. */
			.missing = need ?: MOOR_PERM_LINK,
			.enforced = finding->enforced,
		};
	return policy;
}

static int settle(struct moor_domain *vm, u32 helper, const struct named *named,
		  const struct moor_access_finding *finding)
{
	const struct moor_access_event event = {
		.vm = vm,
		.helper = helper,
		.class = "path",
		.path = named->name,
		.path_length = named->length,
		.owner_vm = named->owner[0] ? named->owner : NULL,
		.permissions = finding->missing ?: finding->recorded,
	};

	return moor_access_settle(&event, finding) ? -EACCES : 0;
}

/**
 * moor_access_unix_path - a domain listens at, connects or sends to a unix socket that has a path
 * @vm: the current task's domain
 * @path: that it was bound to, or the folder of @last; NULL for none
 * @last: the name in that folder, or NULL
 * @need: MOOR_PERM_UNIX_LISTEN or MOOR_PERM_UNIX_CONNECT
 *
 * Return: 0; -EACCES or -ENOMEM.
 *
 * Context: does not sleep; a spin lock may be held.
 */
int moor_access_unix_path(struct moor_domain *vm, const struct path *path,
			  const struct dentry *last, u32 need)
{
	struct moor_access_event event = {
		.vm = vm,
		.helper = moor_task_helper(),
		.class = "unix",
		.act = moor_access_unix_word(need),
	};
	struct moor_access_finding finding;
	struct named named MOOR_UNCLEARED;
	int err = 0;

	have_no_name(&named);
	if (path)
		err = name_path(&named, vm, path, last);
	if (!err &&
	    look(vm, event.helper, &named, path && !last ? path->dentry : NULL, need, &finding)) {
		event.owner_vm = named.owner[0] ? named.owner : NULL;
		event.path = named.name;
		event.path_length = named.length;
		err = moor_access_settle(&event, &finding) ? -EACCES : 0;
	}
	forget_name(&named);
	return err;
}

/* What has this name: NULL when there is nothing yet. */
static const struct dentry *object_of(const struct path *path, const struct dentry *last)
{
	if (!last)
		return path->dentry;
	return d_is_negative(last) ? NULL : last;
}

static int check_name(struct moor_domain *vm, const struct path *path, const struct dentry *last,
		      u32 need)
{
	u32 helper = moor_task_helper();
	struct moor_access_finding finding;
	struct named named MOOR_UNCLEARED;
	int err = name_path(&named, vm, path, last);

	if (!err && look(vm, helper, &named, object_of(path, last), need, &finding))
		err = settle(vm, helper, &named, &finding);
	forget_name(&named);
	return err;
}

/* As check_name() of what is there; not each time anew, unless a rule wants it recorded each time.
 */
static noinline int look_object_up(struct moor_domain *vm, u32 helper, const struct path *path,
				   u32 need)
{
	const u64 moment = moor_access_now();
	struct moor_access_finding finding;
	struct named named MOOR_UNCLEARED;
	int err = name_path(&named, vm, path, NULL);

	if (!err && look(vm, helper, &named, path->dentry, need, &finding)) {
		err = settle(vm, helper, &named, &finding);
		if (!err && named.name && !finding.missing && !finding.recorded)
			moor_access_remember(vm, helper, path, need, moment);
	}
	forget_name(&named);
	return err;
}

static __always_inline int check_object(struct moor_domain *vm, u32 helper, const struct path *path,
					u32 need)
{
	if (likely(has_its_root(vm) && moor_access_remembered(vm, helper, path, need)))
		return 0;
	return look_object_up(vm, helper, path, need);
}

/**
 * moor_access_changed - a domain changes something in a folder
 * @vm: the current task's domain
 * @folder: where
 * @dentry: what, or what will be there
 * @need: MOOR_PERM_*
 *
 * Return: 0; -EACCES or -ENOMEM.
 *
 * Context: the folder is locked; does not sleep.
 */
int moor_access_changed(struct moor_domain *vm, const struct path *folder,
			const struct dentry *dentry, u32 need)
{
	return check_name(vm, folder, dentry, need);
}

/**
 * moor_access_touched - a domain changes an object by its path, or by a descriptor
 * @vm: the current task's domain
 * @path: the object
 * @need: MOOR_PERM_*
 *
 * What has lost its name goes by the one that it had: any descriptor leads to it, also one that
 * grants nothing. What never had one, as a memfd, is the business of who made it.
 *
 * Return: as moor_access_changed(). Context: does not sleep.
 */
int moor_access_touched(struct moor_domain *vm, const struct path *path, u32 need)
{
	struct path folder = {.mnt = path->mnt, .dentry = path->dentry->d_parent};

	if (path->mnt->mnt_flags & MNT_INTERNAL)
		return 0;
	if (d_unlinked(path->dentry))
		return check_name(vm, &folder, path->dentry, need);
	return check_object(vm, moor_task_helper(), path, need);
}

/**
 * moor_access_changed_unseen - a domain changes an object, and nobody can say where it lies
 * @vm: the current task's domain
 * @object: it
 * @need: MOOR_PERM_*
 *
 * Return: as moor_access_changed(): what no path leads to is granted nothing.
 */
int moor_access_changed_unseen(struct moor_domain *vm, const struct dentry *object, u32 need)
{
	struct moor_access_finding finding;
	u32 helper = moor_task_helper();
	struct named none;

	have_no_name(&none);
	if (!look(vm, helper, &none, object, need, &finding))
		return 0;
	return settle(vm, helper, &none, &finding);
}

static u32 needed_to_open(const struct file *file)
{
	umode_t mode = file_inode(file)->i_mode;
	/* Opened for neither, it cannot be read or written, but a device's ioctl works as if it
	 * could. */
	bool neither = (file->f_flags & O_ACCMODE) == O_ACCMODE;
	bool reads = neither || (file->f_mode & FMODE_READ);
	bool writes = neither || (file->f_mode & FMODE_WRITE);
	u32 need = 0;

	if (S_ISCHR(mode) || S_ISBLK(mode))
		return (reads ? MOOR_PERM_DEVICE_READ : 0) | (writes ? MOOR_PERM_DEVICE_WRITE : 0);
	if (reads)
		need |= MOOR_PERM_READ;
	if (writes)
		need |= file->f_flags & O_APPEND ? MOOR_PERM_APPEND : MOOR_PERM_WRITE;
	/* Also who opens for reading may cut. */
	if ((file->f_flags & O_TRUNC) && !(file->f_mode & FMODE_CREATED))
		need |= MOOR_PERM_TRUNCATE;
	return need;
}

/*
 * An overlay opens the files below it inside the call of the task that uses it. 6.12 marks most
 * such opens; the others are known by two things together: the credentials are the mounter's, and
 * the file lies in a mount that no path leads to.
 */
static bool opened_by_overlay(const struct file *file)
{
	if (moor_file_backs_another(file))
		return true;
	return moor_under_lent_credentials() && !moor_reachable(&file->f_path);
}

/* A file that this very open has made: where it is to be the VM's own, it is from now on. */
static noinline int check_made(struct moor_domain *vm, u32 helper, const struct file *file)
{
	struct moor_access_finding finding;
	struct named named MOOR_UNCLEARED;
	int err = name_path(&named, vm, &file->f_path, NULL);

	if (!err && look(vm, helper, &named, NULL, needed_to_open(file), &finding)) {
		err = settle(vm, helper, &named, &finding);
		if (!err && (finding.granted & MOOR_PERM_OWN) && vm->vm[0])
			err = moor_identity_make(file->f_path.dentry, vm->vm);
	}
	forget_name(&named);
	return err;
}

/**
 * moor_access_opened - a domain opens something
 * @vm: the current task's domain
 * @helper: the child domain that it runs in
 * @file: as the hook has it
 *
 * A program that is opened to be executed is checked there, and a file below an overlay above it.
 *
 * Return: as moor_access_changed(); -ENOSPC when it has made too many files that are its own.
 *
 * Context: may sleep.
 */
int moor_access_opened(struct moor_domain *vm, u32 helper, const struct file *file)
{
	if ((file->f_flags & __FMODE_EXEC) || opened_by_overlay(file))
		return 0;
	if (unlikely(file->f_mode & FMODE_CREATED))
		return check_made(vm, helper, file);
	return check_object(vm, helper, &file->f_path, needed_to_open(file));
}

/**
 * moor_access_mapped - a domain maps a file executable
 * @vm: the current task's domain
 * @file: the file
 *
 * A program that was let in maps itself.
 *
 * Return: as moor_access_changed().
 */
int moor_access_mapped(struct moor_domain *vm, const struct file *file)
{
	if (current->mm && rcu_access_pointer(current->mm->exe_file) == file)
		return 0;
	return check_object(vm, moor_task_helper(), &file->f_path, MOOR_PERM_MAP);
}

/**
 * moor_access_commanded - a domain sends an ioctl command to what has a path
 * @vm: the current task's domain
 * @path: the object
 * @event: of class ioctl, with the command
 * @again: out: the same may pass again without being asked about
 *
 * Return: as moor_access_changed(). Context: does not sleep.
 */
int moor_access_commanded(struct moor_domain *vm, const struct path *path,
			  struct moor_access_event *event, bool *again)
{
	const struct moor_access_policy *policy;
	struct moor_access_finding finding = {0};
	struct moor_dfa_answer answer = {0};
	struct named named MOOR_UNCLEARED;
	int err = name_path(&named, vm, path, NULL);

	if (err)
		return err;
	rcu_read_lock();
	policy = moor_access_policy();
	if (policy) {
		u32 domain = moor_access_domain_of(policy->access, vm, event->helper);

		if (named.name)
			moor_access_look(policy->access, domain, MOOR_DFA_ROOT_PATH, named.name,
					 named.length, &answer);
		finding =
			moor_access_judge_command(policy->access, domain, &answer, event->command);
	}
	rcu_read_unlock();
	event->path = named.name;
	event->path_length = named.length;
	err = moor_access_settle(event, &finding) ? -EACCES : 0;
	*again = !finding.missing;
	forget_name(&named);
	return err;
}

/**
 * moor_access_arrived - a descriptor comes into a domain
 * @vm: the current task's domain
 * @file: that it leads to
 * @kind: of descriptor, as rules name it; MOOR_DESCRIPTORS: no rule could
 * @way: MOOR_WAY_INHERIT or MOOR_WAY_RECEIVE
 * @of: the event without the object
 *
 * Return: 0; -EPERM for what is another VM's, -EACCES for what no rule lets in, or -ENOMEM.
 *
 * Context: does not sleep.
 */
int moor_access_arrived(struct moor_domain *vm, const struct file *file, enum moor_descriptor kind,
			u8 way, const struct moor_access_event *of)
{
	enum moor_ownership whose = MOOR_OWNED_BY_NOBODY;
	const bool has_path = moor_access_has_path(file);
	const struct path *path = moor_user_path(file);
	struct moor_access_finding finding = {0};
	const u32 need = needed_to_open(file);
	const struct moor_access_policy *policy;
	struct moor_access_event event = *of;
	struct moor_dfa_answer answer = {0};
	struct named named MOOR_UNCLEARED;
	int err = 0;

	have_no_name(&named);
	if (has_path)
		err = name_path(&named, vm, path, NULL);
	if (err)
		return err;
	if (has_path)
		whose = moor_identity_of(path->dentry, vm->vm, named.owner);
	rcu_read_lock();
	policy = moor_access_policy();
	if (policy) {
		u32 domain = moor_access_domain_of(policy->access, vm, event.helper);

		if (named.name)
			moor_access_look(policy->access, domain, MOOR_DFA_ROOT_PATH, named.name,
					 named.length, &answer);
		finding = moor_access_judge(policy->access, domain, &answer, has_path ? need : 0);
		if (whose == MOOR_OWNED_BY_ANOTHER)
			finding.missing = 1;
		else if (whose == MOOR_OWNED_BY_ITSELF)
			finding.missing = need & moor_access_denied(&answer);
		else if (!has_path || (finding.missing && !(need & moor_access_denied(&answer))))
			finding = moor_access_judge_descriptor(policy->access, domain, way, kind);
		finding.quiet = finding.quiet && whose != MOOR_OWNED_BY_ANOTHER;
	}
	rcu_read_unlock();
	event.path = named.name;
	event.path_length = named.length;
	event.owner_vm = named.owner[0] ? named.owner : NULL;
	if (moor_access_settle(&event, &finding))
		err = whose == MOOR_OWNED_BY_ANOTHER ? -EPERM : -EACCES;
	forget_name(&named);
	return err;
}

/**
 * moor_access_executed - a domain executes a program
 * @vm: the current task's domain
 * @file: the program, or an interpreter
 * @helper: the child domain that it would run in; another one when a rule says so
 *
 * Return: as moor_access_changed().
 */
int moor_access_executed(struct moor_domain *vm, const struct file *file, u32 *helper)
{
	u32 own = moor_task_helper();
	struct moor_access_finding finding;
	struct named named MOOR_UNCLEARED;
	int err = name_path(&named, vm, &file->f_path, NULL);

	if (!err && look(vm, own, &named, file->f_path.dentry, MOOR_PERM_EXEC, &finding)) {
		err = settle(vm, own, &named, &finding);
		if (finding.helper && !finding.missing)
			*helper = finding.helper;
	}
	forget_name(&named);
	return err;
}

/* What @dentry in @folder would grant of an object, its name until now must grant as well: @old, or
 * @last in it. */
static int check_gain(struct moor_domain *vm, const struct path *old, const struct dentry *last,
		      const struct path *folder, const struct dentry *dentry)
{
	struct moor_access_finding finding;
	struct named named MOOR_UNCLEARED;
	int err = name_path(&named, vm, folder, dentry);

	if (!err && look(vm, moor_task_helper(), &named, object_of(old, last), 0, &finding))
		err = check_name(vm, old, last, finding.granted & ACCESS_BITS);
	forget_name(&named);
	return err;
}

/**
 * moor_access_linked - a domain gives a file another name
 * @vm: the current task's domain
 * @old: the file
 * @folder: where the new name is made
 * @dentry: the new name
 *
 * The new name must not grant what the old one does not: else a file that may be read could be
 * linked to where it may be written.
 *
 * Return: as moor_access_changed().
 */
int moor_access_linked(struct moor_domain *vm, const struct path *old, const struct path *folder,
		       const struct dentry *dentry)
{
	return check_name(vm, folder, dentry, MOOR_PERM_LINK)
		       ?: check_gain(vm, old, NULL, folder, dentry);
}

/**
 * moor_access_renamed - a domain renames something, or lets two things change places
 * @vm: the current task's domain
 * @old_folder: where it was
 * @old: its name
 * @folder: where it goes
 * @dentry: its name there
 * @flags: RENAME_EXCHANGE: what is there goes where it was; RENAME_WHITEOUT: a device node is left
 * there
 *
 * As with links the new name must not grant what the old one does not. Of a folder only its own
 * name is looked at, not those of what is in it.
 *
 * Return: as moor_access_changed().
 */
int moor_access_renamed(struct moor_domain *vm, const struct path *old_folder,
			const struct dentry *old, const struct path *folder,
			const struct dentry *dentry, unsigned int flags)
{
	u32 need = flags & RENAME_WHITEOUT ? MOOR_PERM_RENAME | MOOR_PERM_NODE : MOOR_PERM_RENAME;
	int err = check_name(vm, old_folder, old, need)
			  ?: check_name(vm, folder, dentry, MOOR_PERM_RENAME);

	if (!err)
		err = check_gain(vm, old_folder, old, folder, dentry);
	if (!err && (flags & RENAME_EXCHANGE))
		err = check_gain(vm, folder, dentry, old_folder, old);
	return err;
}

/**
 * moor_access_rerooted - a domain makes paths lead elsewhere: it mounts, unmounts, or changes its
 * root
 * @vm: the current task's domain
 * @path: where
 *
 * No rule allows it: rules are about paths, and would be about other objects afterwards.
 *
 * Return: 0; -EPERM or -ENOMEM.
 *
 * Context: does not sleep.
 */
int moor_access_rerooted(struct moor_domain *vm, const struct path *path)
{
	struct named none = {.name = NULL};
	struct moor_access_event event = {.vm = vm, .helper = moor_task_helper(), .class = "mount"};
	struct moor_access_finding finding;
	struct named named MOOR_UNCLEARED;
	int err;

	if (!look(vm, event.helper, &none, NULL, 0, &finding))
		return 0;
	err = name_path(&named, vm, path, NULL);
	if (err)
		return err;
	event.path = named.name;
	event.path_length = named.length;
	finding.missing = 1;
	err = moor_access_settle(&event, &finding) ? -EPERM : 0;
	forget_name(&named);
	return err;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the programs call: one kfunc a hook. A task that nobody knows of leaves
 * within a few instructions; nothing shared is written on the way.
 *
 * On 6.1 any BPF program of root may call a kfunc. A foreign call has no
 * effect: what changes state or measures first asks whether the running
 * program carries this attachment's cookie.
 */
#include "kfuncs.h"
#include "access_cache.h"
#include "identity.h"
#include "task.h"

#include <linux/binfmts.h>
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/kernel_read_file.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/personality.h>
#include <linux/ptrace.h>
#include <linux/refcount.h>
#include <linux/security.h>

#include "compat.h"

/* As entered_held_to_rules(), where mounts change: whoever does it, paths lead elsewhere then. */
static __always_inline struct moor_domain *entered_to_remount(enum moor_hook hook)
{
	if (!entered(hook))
		return NULL;
	if (static_branch_unlikely(&moor_access_in_force))
		moor_access_forget();
	return held_to_rules();
}

__bpf_kfunc_start_defs();

__bpf_kfunc int moor_bprm_check_security(struct linux_binprm *bprm)
{
	if (!entered(MOOR_HOOK_bprm_check_security) || !moor_called_by_own_program())
		return 0;
	return moor_check_exec(bprm);
}

__bpf_kfunc int moor_bprm_committed_creds(struct linux_binprm *bprm)
{
	struct moor_domain *before, *domain;

	if (!entered(MOOR_HOOK_bprm_committed_creds) || !moor_task_maybe_known(current) ||
	    !moor_called_by_own_program())
		return 0;
	before = moor_task_domain();
	domain = moor_task_commit(bprm);
	if (domain && !before) {
		moor_check_brought_in(domain);
		if (static_branch_unlikely(&moor_access_in_force))
			moor_access_brought_in(domain);
	}
	return 0;
}

__bpf_kfunc int moor_mmap_file(struct file *file, unsigned long prot)
{
	struct moor_domain *domain;

	if (!entered(MOOR_HOOK_mmap_file) || !(prot & PROT_EXEC) ||
	    !moor_task_maybe_known(current) || !moor_called_by_own_program())
		return 0;
	domain = moor_task_domain();
	if (!domain)
		return 0;
	/* The pointer is NULL for anonymous memory, whatever the verifier thinks. */
	if (static_branch_unlikely(&moor_access_in_force)) {
		int err = file ? moor_access_mapped(domain, file) : moor_access_memory(domain);

		if (err)
			return err;
	}
	return moor_check_mapping(domain, file, prot & PROT_WRITE);
}

__bpf_kfunc int moor_file_mprotect(struct vm_area_struct *vma, unsigned long prot)
{
	struct moor_domain *domain;

	if (!entered(MOOR_HOOK_file_mprotect) || !(prot & PROT_EXEC) ||
	    !moor_task_maybe_known(current) || !moor_called_by_own_program())
		return 0;
	domain = moor_task_domain();
	if (!domain)
		return 0;
	if (static_branch_unlikely(&moor_access_in_force)) {
		int err = vma->vm_file ? moor_access_mapped(domain, vma->vm_file)
				       : moor_access_memory(domain);

		if (err)
			return err;
	}
	return moor_check_protection(domain, vma, prot & PROT_WRITE);
}

static noinline int open_of_interest(struct file *file)
{
	struct inode *inode = file_inode(file);
	const struct moor_task *known;
	struct moor_domain *domain;

	if (!moor_called_by_own_program())
		return 0;
	if ((file->f_mode & FMODE_WRITE) && moor_inode_maybe_known(inode))
		moor_file_written(inode);
	known = moor_task_find_current();
	domain = known ? known->domain : NULL;
	/* In order to hash it: what was opened is looked at by who does so. */
	if (domain && known->measuring)
		return 0;
	if (domain && static_branch_unlikely(&moor_access_in_force)) {
		int err = moor_access_opened(domain, known->helper, file);

		if (err)
			return err;
	}
	if (S_ISCHR(inode->i_mode))
		return moor_check_device(domain, file);
	return domain ? moor_check_opened(domain, file) : 0;
}

__bpf_kfunc int moor_file_open(struct file *file)
{
	if (!entered(MOOR_HOOK_file_open))
		return 0;
	if (likely(!(file->f_mode & FMODE_WRITE) && !S_ISCHR(file_inode(file)->i_mode) &&
		   !moor_task_maybe_known(current)))
		return 0;
	return open_of_interest(file);
}

__bpf_kfunc int moor_file_receive(struct file *file)
{
	struct moor_domain *domain;
	int err;

	if (!entered(MOOR_HOOK_file_receive) || !moor_called_by_own_program())
		return 0;
	domain = moor_task_domain();
	err = moor_check_received(domain, file);
	if (err || !domain || !static_branch_unlikely(&moor_access_in_force))
		return err;
	return moor_access_received(domain, file);
}

__bpf_kfunc int moor_kernel_read_file(struct file *file, int id)
{
	if (!entered(MOOR_HOOK_kernel_read_file) || !moor_called_by_own_program())
		return 0;
	switch (id) {
	case READING_MODULE:
		return moor_check_module(file);
	case READING_KEXEC_IMAGE:
	case READING_KEXEC_INITRAMFS:
		return moor_check_kexec(file);
	default:
		return 0;
	}
}

__bpf_kfunc int moor_kernel_load_data(int id)
{
	if (!entered(MOOR_HOOK_kernel_load_data) || !moor_called_by_own_program())
		return 0;
	switch (id) {
	case LOADING_MODULE:
		return moor_check_module_without_file();
	case LOADING_KEXEC_IMAGE:
	case LOADING_KEXEC_INITRAMFS:
		return moor_check_kexec(NULL);
	default:
		return 0;
	}
}

__bpf_kfunc int moor_task_alloc(struct task_struct *task)
{
	if (!entered(MOOR_HOOK_task_alloc) || !moor_task_maybe_known(current) ||
	    !moor_called_by_own_program())
		return 0;
	return moor_task_inherit(task);
}

__bpf_kfunc int moor_task_free(struct task_struct *task)
{
	if (!entered(MOOR_HOOK_task_free) || !moor_task_maybe_known(task) ||
	    !moor_called_by_own_program() || refcount_read(&task->usage))
		return 0;
	moor_task_forget(task);
	return 0;
}

__bpf_kfunc int moor_ptrace_access_check(struct task_struct *child, unsigned int mode)
{
	if (!entered(MOOR_HOOK_ptrace_access_check) ||
	    (!moor_task_maybe_known(current) && !moor_task_maybe_known(child)) ||
	    !moor_called_by_own_program())
		return 0;
	return moor_check_trace(current, child, mode);
}

__bpf_kfunc int moor_ptrace_traceme(struct task_struct *parent)
{
	if (!entered(MOOR_HOOK_ptrace_traceme) ||
	    (!moor_task_maybe_known(current) && !moor_task_maybe_known(parent)) ||
	    !moor_called_by_own_program())
		return 0;
	return moor_check_trace(parent, current, PTRACE_MODE_ATTACH);
}

__bpf_kfunc int moor_inode_free_security(struct inode *inode)
{
	bool measured = moor_inode_maybe_known(inode), owned = moor_identity_maybe_known(inode);

	if (!entered(MOOR_HOOK_inode_free_security) || likely(!measured && !owned) ||
	    !moor_called_by_own_program())
		return 0;
	if (measured)
		moor_file_forget(inode);
	if (owned)
		moor_identity_forget(inode);
	return 0;
}

__bpf_kfunc int moor_path_truncate(struct path *path)
{
	struct moor_domain *vm;
	struct inode *inode;

	if (!entered(MOOR_HOOK_path_truncate))
		return 0;
	inode = d_real_inode(path->dentry);
	if (moor_inode_maybe_known(inode) && moor_called_by_own_program())
		moor_file_written(inode);
	vm = held_to_rules();
	return vm ? moor_access_touched(vm, path, MOOR_PERM_TRUNCATE) : 0;
}

/*
 * Of what the hook passes only the name is looked at: the inode has no owner yet, and the one it is
 * made for is NULL for most.
 */
__bpf_kfunc int moor_inode_init_security_anon(const struct qstr *name)
{
	if (!entered(MOOR_HOOK_inode_init_security_anon) || !moor_task_maybe_known(current) ||
	    !moor_called_by_own_program() || !moor_task_domain())
		return 0;
	return moor_check_anonymous_inode(name);
}

/*
 * Also brk(2) comes through here, and through no other hook: where what can be read can be
 * executed, the heap can. The personality is asked first, for nearly nobody has this one.
 */
__bpf_kfunc int moor_mmap_addr(void)
{
	struct moor_domain *domain;
	int err = 0;

	if (!entered(MOOR_HOOK_mmap_addr) || likely(!(current->personality & READ_IMPLIES_EXEC)) ||
	    !moor_task_maybe_known(current) || !moor_called_by_own_program())
		return 0;
	domain = moor_task_domain();
	if (!domain)
		return 0;
	if (static_branch_unlikely(&moor_access_in_force))
		err = moor_access_memory(domain);
	return err ?: moor_check_anonymous_memory();
}

__bpf_kfunc int moor_path_unlink(const struct path *folder, struct dentry *dentry)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_path_unlink);

	return vm ? moor_access_changed(vm, folder, dentry, MOOR_PERM_DELETE) : 0;
}

__bpf_kfunc int moor_path_mkdir(const struct path *folder, struct dentry *dentry)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_path_mkdir);

	return vm ? moor_access_changed(vm, folder, dentry, MOOR_PERM_CREATE) : 0;
}

__bpf_kfunc int moor_path_rmdir(const struct path *folder, struct dentry *dentry)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_path_rmdir);

	return vm ? moor_access_changed(vm, folder, dentry, MOOR_PERM_DELETE) : 0;
}

__bpf_kfunc int moor_path_mknod(const struct path *folder, struct dentry *dentry, umode_t mode)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_path_mknod);
	bool device = S_ISCHR(mode) || S_ISBLK(mode);

	if (!vm)
		return 0;
	/* It is how bind(2) makes a path. */
	if (S_ISSOCK(mode))
		return moor_access_unix_path(vm, folder, dentry, MOOR_PERM_UNIX_LISTEN);
	return moor_access_changed(vm, folder, dentry, device ? MOOR_PERM_NODE : MOOR_PERM_CREATE);
}

__bpf_kfunc int moor_path_symlink(const struct path *folder, struct dentry *dentry)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_path_symlink);

	return vm ? moor_access_changed(vm, folder, dentry, MOOR_PERM_LINK) : 0;
}

/* The hook tells of the old name only its dentry; both lie in the mount that the new one is made
 * in. */
__bpf_kfunc int moor_path_link(struct dentry *old, const struct path *folder, struct dentry *dentry)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_path_link);
	struct path path = {.mnt = folder->mnt, .dentry = old};

	return vm ? moor_access_linked(vm, &path, folder, dentry) : 0;
}

__bpf_kfunc int moor_path_rename(const struct path *old_folder, struct dentry *old,
				 const struct path *folder, struct dentry *dentry,
				 unsigned int flags)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_path_rename);

	return vm ? moor_access_renamed(vm, old_folder, old, folder, dentry, flags) : 0;
}

__bpf_kfunc int moor_path_chmod(const struct path *path)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_path_chmod);

	return vm ? moor_access_touched(vm, path, MOOR_PERM_CHMOD) : 0;
}

__bpf_kfunc int moor_path_chown(const struct path *path)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_path_chown);

	return vm ? moor_access_touched(vm, path, MOOR_PERM_CHMOD) : 0;
}

__bpf_kfunc int moor_file_lock(struct file *file)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_file_lock);

	return vm ? moor_access_touched(vm, &file->f_path, MOOR_PERM_LOCK) : 0;
}

/* Owner, mode and length have hooks of their own, which say where the object lies. */
__bpf_kfunc int moor_inode_setattr(struct dentry *dentry, struct iattr *attributes)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_inode_setattr);
	unsigned int changed = vm ? attributes->ia_valid : 0;

	return (changed & (ATTR_ATIME | ATTR_MTIME)) && !(changed & ATTR_SIZE)
		       ? moor_access_attributed(vm, dentry)
		       : 0;
}

__bpf_kfunc int moor_inode_setxattr(struct dentry *dentry)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_inode_setxattr);

	return vm ? moor_access_attributed(vm, dentry) : 0;
}

__bpf_kfunc int moor_inode_removexattr(struct dentry *dentry)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_inode_removexattr);

	return vm ? moor_access_attributed(vm, dentry) : 0;
}

__bpf_kfunc int moor_inode_set_acl(struct dentry *dentry)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_inode_set_acl);

	return vm ? moor_access_attributed(vm, dentry) : 0;
}

__bpf_kfunc int moor_inode_remove_acl(struct dentry *dentry)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_inode_remove_acl);

	return vm ? moor_access_attributed(vm, dentry) : 0;
}

/* Linux 6.1 asks path_truncate here. */
__bpf_kfunc int moor_file_truncate(struct file *file)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_file_truncate);

	return vm ? moor_access_touched(vm, &file->f_path, MOOR_PERM_TRUNCATE) : 0;
}

__bpf_kfunc int moor_path_notify(const struct path *path, unsigned int what)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_path_notify);

	return vm ? moor_access_watched(vm, path, what) : 0;
}

__bpf_kfunc int moor_sb_mount(const struct path *path)
{
	struct moor_domain *vm = entered_to_remount(MOOR_HOOK_sb_mount);

	return vm ? moor_access_rerooted(vm, path) : 0;
}

__bpf_kfunc int moor_sb_umount(struct vfsmount *mount)
{
	struct moor_domain *vm = entered_to_remount(MOOR_HOOK_sb_umount);
	struct path path = {.mnt = mount, .dentry = mount->mnt_root};

	return vm ? moor_access_rerooted(vm, &path) : 0;
}

__bpf_kfunc int moor_move_mount(const struct path *to)
{
	struct moor_domain *vm = entered_to_remount(MOOR_HOOK_move_mount);

	return vm ? moor_access_rerooted(vm, to) : 0;
}

__bpf_kfunc int moor_sb_pivotroot(const struct path *root)
{
	struct moor_domain *vm = entered_to_remount(MOOR_HOOK_sb_pivotroot);

	return vm ? moor_access_rerooted(vm, root) : 0;
}

__bpf_kfunc int moor_path_chroot(const struct path *root)
{
	struct moor_domain *vm = entered_held_to_rules(MOOR_HOOK_path_chroot);

	return vm ? moor_access_rerooted(vm, root) : 0;
}

__bpf_kfunc_end_defs();

/*
 * Those of kfuncs_access.c as well. The hooks at an object's end pass pointers that 6.12 does not
 * call trusted.
 */
MOOR_KFUNCS_START(moor_kfunc_ids)
BTF_ID_FLAGS(func, moor_bprm_check_security, KF_SLEEPABLE | MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_bprm_committed_creds, KF_SLEEPABLE | MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_mmap_file, KF_SLEEPABLE | MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_file_mprotect, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_file_open, KF_SLEEPABLE | MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_file_receive, KF_SLEEPABLE | MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_kernel_read_file, KF_SLEEPABLE | MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_kernel_load_data, 0)
BTF_ID_FLAGS(func, moor_task_alloc, KF_SLEEPABLE | MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_task_free, 0)
BTF_ID_FLAGS(func, moor_ptrace_access_check, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_ptrace_traceme, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_inode_free_security, 0)
BTF_ID_FLAGS(func, moor_path_truncate, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_inode_init_security_anon, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_mmap_addr, 0)
BTF_ID_FLAGS(func, moor_path_unlink, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_path_mkdir, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_path_rmdir, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_path_mknod, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_path_symlink, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_path_link, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_path_rename, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_path_chmod, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_path_chown, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_file_lock, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_sb_mount, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_sb_umount, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_move_mount, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_sb_pivotroot, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_path_chroot, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_socket_create, 0)
BTF_ID_FLAGS(func, moor_socket_bind, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_socket_connect, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_socket_listen, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_socket_sendmsg, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_unix_stream_connect, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_unix_may_send, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_capable, 0)
BTF_ID_FLAGS(func, moor_file_ioctl, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_file_ioctl_compat, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_task_kill, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_file_fcntl, 0)
BTF_ID_FLAGS(func, moor_task_setrlimit, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_task_setnice, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_task_setscheduler, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_task_setioprio, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_task_movememory, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_userns_create, 0)
BTF_ID_FLAGS(func, moor_bpf, 0)
BTF_ID_FLAGS(func, moor_perf_event_open, 0)
BTF_ID_FLAGS(func, moor_syslog, 0)
BTF_ID_FLAGS(func, moor_key_permission, 0)
BTF_ID_FLAGS(func, moor_ipc_permission, 0)
BTF_ID_FLAGS(func, moor_shm_shmctl, 0)
BTF_ID_FLAGS(func, moor_msg_queue_msgctl, 0)
BTF_ID_FLAGS(func, moor_sem_semctl, 0)
BTF_ID_FLAGS(func, moor_task_fix_setuid, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_task_fix_setgid, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_capset, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_inode_setattr, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_inode_setxattr, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_inode_removexattr, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_inode_set_acl, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_inode_remove_acl, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_file_truncate, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_uring_cmd, MOOR_KF_TRUSTED)
BTF_ID_FLAGS(func, moor_path_notify, MOOR_KF_TRUSTED)
MOOR_KFUNCS_END(moor_kfunc_ids)

/* Linux 6.1 has no such filter. */
static int __maybe_unused kfunc_filter(const struct bpf_prog *program, u32 kfunc_id)
{
	return moor_may_load_program() ? 0 : -EACCES;
}

static const struct btf_kfunc_id_set moor_kfunc_set = {
	.owner = THIS_MODULE, .set = &moor_kfunc_ids, MOOR_KFUNC_FILTER(kfunc_filter)};

int moor_kfuncs_register(void)
{
	return register_btf_kfunc_id_set(BPF_PROG_TYPE_LSM, &moor_kfunc_set);
}

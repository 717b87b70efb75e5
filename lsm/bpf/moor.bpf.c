// SPDX-License-Identifier: GPL-2.0-only
/*
 * The trampolines: one program a hook, each of which only calls the module's
 * kfunc of the same name. Nothing is decided here.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

/*
 * libbpf compares the prototypes below with the kernel's BTF and wants each
 * struct to have a body; what is in it does not matter.
 */
#define OPAQUE(type)                                                                               \
	struct type {                                                                              \
		int opaque_;                                                                       \
	} __attribute__((preserve_access_index))
OPAQUE(cred);
OPAQUE(dentry);
OPAQUE(linux_binprm);
OPAQUE(file);
OPAQUE(iattr);
OPAQUE(inode);
OPAQUE(io_uring_cmd);
OPAQUE(mnt_idmap);
OPAQUE(msghdr);
OPAQUE(path);
OPAQUE(qstr);
OPAQUE(sock);
OPAQUE(sockaddr);
OPAQUE(socket);
OPAQUE(task_struct);
OPAQUE(vfsmount);
OPAQUE(vm_area_struct);

extern int moor_bprm_check_security(struct linux_binprm *bprm) __ksym;
extern int moor_bprm_committed_creds(struct linux_binprm *bprm) __ksym;
extern int moor_mmap_file(struct file *file, unsigned long prot) __ksym;
extern int moor_file_mprotect(struct vm_area_struct *vma, unsigned long prot) __ksym;
extern int moor_file_open(struct file *file) __ksym;
extern int moor_file_receive(struct file *file) __ksym;
extern int moor_kernel_read_file(struct file *file, int id) __ksym;
extern int moor_kernel_load_data(int id) __ksym;
extern int moor_task_alloc(struct task_struct *task) __ksym;
extern int moor_task_free(struct task_struct *task) __ksym;
extern int moor_ptrace_access_check(struct task_struct *child, unsigned int mode) __ksym;
extern int moor_ptrace_traceme(struct task_struct *parent) __ksym;
extern int moor_inode_free_security(struct inode *inode) __ksym;
extern int moor_path_truncate(struct path *path) __ksym;
extern int moor_inode_init_security_anon(const struct qstr *name) __ksym;
extern int moor_mmap_addr(void) __ksym;
extern int moor_path_unlink(const struct path *folder, struct dentry *dentry) __ksym;
extern int moor_path_mkdir(const struct path *folder, struct dentry *dentry) __ksym;
extern int moor_path_rmdir(const struct path *folder, struct dentry *dentry) __ksym;
extern int moor_path_mknod(const struct path *folder, struct dentry *dentry,
			   unsigned short mode) __ksym;
extern int moor_path_symlink(const struct path *folder, struct dentry *dentry) __ksym;
extern int moor_path_link(struct dentry *old, const struct path *folder,
			  struct dentry *dentry) __ksym;
extern int moor_path_rename(const struct path *old_folder, struct dentry *old,
			    const struct path *folder, struct dentry *dentry,
			    unsigned int flags) __ksym;
extern int moor_path_chmod(const struct path *path) __ksym;
extern int moor_path_chown(const struct path *path) __ksym;
extern int moor_file_lock(struct file *file) __ksym;
extern int moor_sb_mount(const struct path *path) __ksym;
extern int moor_sb_umount(struct vfsmount *mount) __ksym;
extern int moor_move_mount(const struct path *to) __ksym;
extern int moor_sb_pivotroot(const struct path *root) __ksym;
extern int moor_path_chroot(const struct path *root) __ksym;
extern int moor_socket_create(int family, int type, int protocol, int kern) __ksym;
extern int moor_socket_bind(struct socket *sock, struct sockaddr *address, int length) __ksym;
extern int moor_socket_connect(struct socket *sock, struct sockaddr *address, int length) __ksym;
extern int moor_socket_listen(struct socket *sock) __ksym;
extern int moor_socket_sendmsg(struct socket *sock, struct msghdr *message) __ksym;
extern int moor_unix_stream_connect(struct sock *sk, struct sock *other) __ksym;
extern int moor_unix_may_send(struct socket *sock, struct socket *other) __ksym;
extern int moor_capable(int capability, unsigned int options) __ksym;
extern int moor_file_ioctl(struct file *file, unsigned int command) __ksym;
extern int moor_file_ioctl_compat(struct file *file, unsigned int command) __ksym;
extern int moor_task_kill(struct task_struct *target, int signal) __ksym;
extern int moor_file_fcntl(unsigned int command, unsigned long argument) __ksym;
extern int moor_task_setrlimit(struct task_struct *target) __ksym;
extern int moor_task_setnice(struct task_struct *target) __ksym;
extern int moor_task_setscheduler(struct task_struct *target) __ksym;
extern int moor_task_setioprio(struct task_struct *target) __ksym;
extern int moor_task_movememory(struct task_struct *target) __ksym;
extern int moor_userns_create(void) __ksym;
extern int moor_bpf(void) __ksym;
extern int moor_perf_event_open(void) __ksym;
extern int moor_syslog(void) __ksym;
extern int moor_key_permission(void) __ksym;
extern int moor_ipc_permission(void) __ksym;
extern int moor_shm_shmctl(void) __ksym;
extern int moor_msg_queue_msgctl(void) __ksym;
extern int moor_sem_semctl(void) __ksym;
extern int moor_task_fix_setuid(const struct cred *new, const struct cred *old) __ksym;
extern int moor_task_fix_setgid(const struct cred *new, const struct cred *old) __ksym;
extern int moor_capset(const struct cred *new, const struct cred *old) __ksym;
extern int moor_inode_setattr(struct dentry *dentry, struct iattr *attributes) __ksym;
extern int moor_inode_setxattr(struct dentry *dentry) __ksym;
extern int moor_inode_removexattr(struct dentry *dentry) __ksym;
extern int moor_inode_set_acl(struct dentry *dentry) __ksym;
extern int moor_inode_remove_acl(struct dentry *dentry) __ksym;
extern int moor_file_truncate(struct file *file) __ksym;
extern int moor_uring_cmd(struct io_uring_cmd *command) __ksym;
extern int moor_path_notify(const struct path *path, unsigned int what) __ksym;

/*
 * The verifier wants to see that a hook's result lies in [-4095, 0]. It follows
 * the whole register; without the barrier clang compares a half of it and
 * returns another.
 */
static __always_inline int verdict(int rc)
{
	long result = rc;

	barrier_var(result);
	if (result >= 0)
		return 0;
	return result < -4095 ? -1 : result;
}

SEC("lsm.s/bprm_check_security")
int BPF_PROG(on_bprm_check_security, struct linux_binprm *bprm)
{
	return verdict(moor_bprm_check_security(bprm));
}

SEC("lsm.s/bprm_committed_creds")
int BPF_PROG(on_bprm_committed_creds, struct linux_binprm *bprm)
{
	moor_bprm_committed_creds(bprm);
	return 0;
}

SEC("lsm.s/mmap_file")
int BPF_PROG(on_mmap_file, struct file *file, unsigned long reqprot, unsigned long prot)
{
	return verdict(moor_mmap_file(file, prot));
}

SEC("lsm/file_mprotect")
int BPF_PROG(on_file_mprotect, struct vm_area_struct *vma, unsigned long reqprot,
	     unsigned long prot)
{
	return verdict(moor_file_mprotect(vma, prot));
}

SEC("lsm.s/file_open")
int BPF_PROG(on_file_open, struct file *file)
{
	return verdict(moor_file_open(file));
}

SEC("lsm.s/file_receive")
int BPF_PROG(on_file_receive, struct file *file)
{
	return verdict(moor_file_receive(file));
}

SEC("lsm.s/kernel_read_file")
int BPF_PROG(on_kernel_read_file, struct file *file, int id)
{
	return verdict(moor_kernel_read_file(file, id));
}

SEC("lsm/kernel_load_data")
int BPF_PROG(on_kernel_load_data, int id)
{
	return verdict(moor_kernel_load_data(id));
}

SEC("lsm.s/task_alloc")
int BPF_PROG(on_task_alloc, struct task_struct *task)
{
	return verdict(moor_task_alloc(task));
}

SEC("lsm/task_free")
int BPF_PROG(on_task_free, struct task_struct *task)
{
	moor_task_free(task);
	return 0;
}

SEC("lsm/ptrace_access_check")
int BPF_PROG(on_ptrace_access_check, struct task_struct *child, unsigned int mode)
{
	return verdict(moor_ptrace_access_check(child, mode));
}

SEC("lsm/ptrace_traceme")
int BPF_PROG(on_ptrace_traceme, struct task_struct *parent)
{
	return verdict(moor_ptrace_traceme(parent));
}

SEC("lsm/inode_free_security")
int BPF_PROG(on_inode_free_security, struct inode *inode)
{
	moor_inode_free_security(inode);
	return 0;
}

SEC("lsm/path_truncate")
int BPF_PROG(on_path_truncate, struct path *path)
{
	return verdict(moor_path_truncate(path));
}

SEC("lsm/inode_init_security_anon")
int BPF_PROG(on_inode_init_security_anon, struct inode *inode, const struct qstr *name)
{
	return verdict(moor_inode_init_security_anon(name));
}

SEC("lsm/mmap_addr")
int BPF_PROG(on_mmap_addr, unsigned long address)
{
	return verdict(moor_mmap_addr());
}

SEC("lsm/path_unlink")
int BPF_PROG(on_path_unlink, const struct path *folder, struct dentry *dentry)
{
	return verdict(moor_path_unlink(folder, dentry));
}

SEC("lsm/path_mkdir")
int BPF_PROG(on_path_mkdir, const struct path *folder, struct dentry *dentry)
{
	return verdict(moor_path_mkdir(folder, dentry));
}

SEC("lsm/path_rmdir")
int BPF_PROG(on_path_rmdir, const struct path *folder, struct dentry *dentry)
{
	return verdict(moor_path_rmdir(folder, dentry));
}

SEC("lsm/path_mknod")
int BPF_PROG(on_path_mknod, const struct path *folder, struct dentry *dentry, unsigned short mode)
{
	return verdict(moor_path_mknod(folder, dentry, mode));
}

SEC("lsm/path_symlink")
int BPF_PROG(on_path_symlink, const struct path *folder, struct dentry *dentry)
{
	return verdict(moor_path_symlink(folder, dentry));
}

SEC("lsm/path_link")
int BPF_PROG(on_path_link, struct dentry *old, const struct path *folder, struct dentry *dentry)
{
	return verdict(moor_path_link(old, folder, dentry));
}

SEC("lsm/path_rename")
int BPF_PROG(on_path_rename, const struct path *old_folder, struct dentry *old,
	     const struct path *folder, struct dentry *dentry, unsigned int flags)
{
	return verdict(moor_path_rename(old_folder, old, folder, dentry, flags));
}

SEC("lsm/path_chmod")
int BPF_PROG(on_path_chmod, const struct path *path)
{
	return verdict(moor_path_chmod(path));
}

SEC("lsm/path_chown")
int BPF_PROG(on_path_chown, const struct path *path)
{
	return verdict(moor_path_chown(path));
}

SEC("lsm/file_lock")
int BPF_PROG(on_file_lock, struct file *file)
{
	return verdict(moor_file_lock(file));
}

SEC("lsm/sb_mount")
int BPF_PROG(on_sb_mount, const char *device, const struct path *path)
{
	return verdict(moor_sb_mount(path));
}

SEC("lsm/sb_umount")
int BPF_PROG(on_sb_umount, struct vfsmount *mount)
{
	return verdict(moor_sb_umount(mount));
}

SEC("lsm/move_mount")
int BPF_PROG(on_move_mount, const struct path *from, const struct path *to)
{
	return verdict(moor_move_mount(to));
}

SEC("lsm/sb_pivotroot")
int BPF_PROG(on_sb_pivotroot, const struct path *old, const struct path *root)
{
	return verdict(moor_sb_pivotroot(root));
}

SEC("lsm/path_chroot")
int BPF_PROG(on_path_chroot, const struct path *root)
{
	return verdict(moor_path_chroot(root));
}

SEC("lsm/socket_create")
int BPF_PROG(on_socket_create, int family, int type, int protocol, int kern)
{
	return verdict(moor_socket_create(family, type, protocol, kern));
}

SEC("lsm/socket_bind")
int BPF_PROG(on_socket_bind, struct socket *sock, struct sockaddr *address, int length)
{
	return verdict(moor_socket_bind(sock, address, length));
}

SEC("lsm/socket_connect")
int BPF_PROG(on_socket_connect, struct socket *sock, struct sockaddr *address, int length)
{
	return verdict(moor_socket_connect(sock, address, length));
}

SEC("lsm/socket_listen")
int BPF_PROG(on_socket_listen, struct socket *sock, int backlog)
{
	return verdict(moor_socket_listen(sock));
}

SEC("lsm/socket_sendmsg")
int BPF_PROG(on_socket_sendmsg, struct socket *sock, struct msghdr *message, int size)
{
	return verdict(moor_socket_sendmsg(sock, message));
}

SEC("lsm/unix_stream_connect")
int BPF_PROG(on_unix_stream_connect, struct sock *sk, struct sock *other, struct sock *made)
{
	return verdict(moor_unix_stream_connect(sk, other));
}

SEC("lsm/unix_may_send")
int BPF_PROG(on_unix_may_send, struct socket *sock, struct socket *other)
{
	return verdict(moor_unix_may_send(sock, other));
}

SEC("lsm/capable")
int BPF_PROG(on_capable, const struct cred *cred, const void *namespace, int capability,
	     unsigned int options)
{
	return verdict(moor_capable(capability, options));
}

SEC("lsm/file_ioctl")
int BPF_PROG(on_file_ioctl, struct file *file, unsigned int command)
{
	return verdict(moor_file_ioctl(file, command));
}

SEC("lsm/file_ioctl_compat")
int BPF_PROG(on_file_ioctl_compat, struct file *file, unsigned int command)
{
	return verdict(moor_file_ioctl_compat(file, command));
}

SEC("lsm/task_kill")
int BPF_PROG(on_task_kill, struct task_struct *target, const void *info, int signal)
{
	return verdict(moor_task_kill(target, signal));
}

SEC("lsm/file_fcntl")
int BPF_PROG(on_file_fcntl, const struct file *file, unsigned int command, unsigned long argument)
{
	return verdict(moor_file_fcntl(command, argument));
}

SEC("lsm/task_setrlimit")
int BPF_PROG(on_task_setrlimit, struct task_struct *target)
{
	return verdict(moor_task_setrlimit(target));
}

SEC("lsm/task_setnice")
int BPF_PROG(on_task_setnice, struct task_struct *target)
{
	return verdict(moor_task_setnice(target));
}

SEC("lsm/task_setscheduler")
int BPF_PROG(on_task_setscheduler, struct task_struct *target)
{
	return verdict(moor_task_setscheduler(target));
}

SEC("lsm/task_setioprio")
int BPF_PROG(on_task_setioprio, struct task_struct *target)
{
	return verdict(moor_task_setioprio(target));
}

SEC("lsm/task_movememory")
int BPF_PROG(on_task_movememory, struct task_struct *target)
{
	return verdict(moor_task_movememory(target));
}

SEC("lsm/userns_create")
int BPF_PROG(on_userns_create)
{
	return verdict(moor_userns_create());
}

SEC("lsm/bpf")
int BPF_PROG(on_bpf)
{
	return verdict(moor_bpf());
}

SEC("lsm/perf_event_open")
int BPF_PROG(on_perf_event_open)
{
	return verdict(moor_perf_event_open());
}

SEC("lsm/syslog")
int BPF_PROG(on_syslog)
{
	return verdict(moor_syslog());
}

SEC("lsm/key_permission")
int BPF_PROG(on_key_permission)
{
	return verdict(moor_key_permission());
}

SEC("lsm/ipc_permission")
int BPF_PROG(on_ipc_permission)
{
	return verdict(moor_ipc_permission());
}

SEC("lsm/shm_shmctl")
int BPF_PROG(on_shm_shmctl)
{
	return verdict(moor_shm_shmctl());
}

SEC("lsm/msg_queue_msgctl")
int BPF_PROG(on_msg_queue_msgctl)
{
	return verdict(moor_msg_queue_msgctl());
}

SEC("lsm/sem_semctl")
int BPF_PROG(on_sem_semctl)
{
	return verdict(moor_sem_semctl());
}

SEC("lsm/task_fix_setuid")
int BPF_PROG(on_task_fix_setuid, const struct cred *new, const struct cred *old)
{
	return verdict(moor_task_fix_setuid(new, old));
}

SEC("lsm/task_fix_setgid")
int BPF_PROG(on_task_fix_setgid, const struct cred *new, const struct cred *old)
{
	return verdict(moor_task_fix_setgid(new, old));
}

SEC("lsm/capset")
int BPF_PROG(on_capset, const struct cred *new, const struct cred *old)
{
	return verdict(moor_capset(new, old));
}

/* Linux 6.1 passes the object first; later ones the mapping of ids in front of it. */
SEC("lsm/inode_setattr")
int BPF_PROG(on_inode_setattr, void *first, void *second, void *third)
{
	if (bpf_core_type_exists(struct mnt_idmap))
		return verdict(moor_inode_setattr(second, third));
	return verdict(moor_inode_setattr(first, second));
}

SEC("lsm/inode_setxattr")
int BPF_PROG(on_inode_setxattr, void *ids, struct dentry *dentry)
{
	return verdict(moor_inode_setxattr(dentry));
}

SEC("lsm/inode_removexattr")
int BPF_PROG(on_inode_removexattr, void *ids, struct dentry *dentry)
{
	return verdict(moor_inode_removexattr(dentry));
}

SEC("lsm/inode_set_acl")
int BPF_PROG(on_inode_set_acl, void *ids, struct dentry *dentry)
{
	return verdict(moor_inode_set_acl(dentry));
}

SEC("lsm/inode_remove_acl")
int BPF_PROG(on_inode_remove_acl, void *ids, struct dentry *dentry)
{
	return verdict(moor_inode_remove_acl(dentry));
}

SEC("lsm/file_truncate")
int BPF_PROG(on_file_truncate, struct file *file)
{
	return verdict(moor_file_truncate(file));
}

SEC("lsm/uring_cmd")
int BPF_PROG(on_uring_cmd, struct io_uring_cmd *command)
{
	return verdict(moor_uring_cmd(command));
}

SEC("lsm/path_notify")
int BPF_PROG(on_path_notify, const struct path *path, unsigned long long mask, unsigned int what)
{
	return verdict(moor_path_notify(path, what));
}

char LICENSE[] SEC("license") = "GPL";

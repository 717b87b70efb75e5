/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Swift cannot say itself about the kernel: variadic calls, function-like
 * macros, callbacks with a va_list, and what has to happen between a fork and
 * an exit, where no Swift code may run.
 */
#ifndef MOOR_CKERNELMODULE_H
#define MOOR_CKERNELMODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "CMoor.h"

/* The ioctl numbers: _IOW and _IOWR are macros that Swift does not import. */
static const unsigned long moor_ioc_attach_begin = MOOR_IOC_ATTACH_BEGIN;
static const unsigned long moor_ioc_attach = MOOR_IOC_ATTACH;
static const unsigned long moor_ioc_arm = MOOR_IOC_ARM;
static const unsigned long moor_ioc_release = MOOR_IOC_RELEASE;
static const unsigned long moor_ioc_trust_begin = MOOR_IOC_TRUST_BEGIN;
static const unsigned long moor_ioc_trust_add = MOOR_IOC_TRUST_ADD;
static const unsigned long moor_ioc_trust_commit = MOOR_IOC_TRUST_COMMIT;
static const unsigned long moor_ioc_trust_abort = MOOR_IOC_TRUST_ABORT;
static const unsigned long moor_ioc_bind = MOOR_IOC_BIND;
static const unsigned long moor_ioc_gate = MOOR_IOC_GATE;
static const unsigned long moor_ioc_cap = MOOR_IOC_CAP;
static const unsigned long moor_ioc_lock = MOOR_IOC_LOCK;
static const unsigned long moor_ioc_snapshot = MOOR_IOC_SNAPSHOT;
static const unsigned long moor_ioc_access_object = MOOR_IOC_ACCESS_OBJECT;

/* ioctl(2) is variadic. Return: 0 or more, or -errno. */
int moor_ioctl(int fd, unsigned long request, void *argument);

/* open(2) is variadic. Return: the descriptor (close-on-exec), or -errno. */
int moor_open(const char *path, int flags, mode_t mode);

/* open(2) with O_PATH, which Swift does not import: to name the object, without a right on it.
 * Return: the descriptor (close-on-exec), or -errno. */
int moor_open_path(const char *path);

/* FS_IOC_MEASURE_VERITY has a flexible array in its argument. Return: the digest's
 * length (32: SHA-256, 64: SHA-512), or -errno. */
int moor_measure_verity(int fd, uint8_t *digest, size_t size);

/* The symbol of an errno, such as EPERM; empty for a number that has none. */
const char *moor_errno_name(int error);

/* Lifts RLIMIT_MEMLOCK for this process: Linux 6.1 as Debian builds it counts BPF
 * memory against it. Return: 0, or -errno. */
int moor_raise_memlock(void);

/*
 * libbpf's log goes to one callback that takes a va_list. From begin to end
 * what this thread hears from libbpf is kept in BUFFER as a C string and not shown
 * on stderr. end returns how many bytes found no room.
 */
void moor_bpf_log_begin(char *buffer, size_t size);
size_t moor_bpf_log_end(void);

/* The steps of the proof; each triggers one or more LSM hooks of this task. */
enum moor_prove_step {
	MOOR_PROVE_OPEN,	/* file_open */
	MOOR_PROVE_MAP,		/* mmap_file, mmap_addr */
	MOOR_PROVE_PROTECT,	/* file_mprotect */
	MOOR_PROVE_RECEIVE,	/* file_receive */
	MOOR_PROVE_TRUNCATE,	/* path_truncate */
	MOOR_PROVE_FREE_INODE,	/* inode_free_security */
	MOOR_PROVE_MODULE_FILE, /* kernel_read_file */
	MOOR_PROVE_MODULE_DATA, /* kernel_load_data */
	MOOR_PROVE_EXEC,	/* bprm_check_security, bprm_committed_creds */
	MOOR_PROVE_TRACE_ME,	/* task_alloc, ptrace_traceme, task_free */
	MOOR_PROVE_TRACE_OTHER, /* ptrace_access_check */
	MOOR_PROVE_FAULTS,	/* inode_init_security_anon */
	MOOR_PROVE_FOLDER,	/* path_mkdir, _rmdir, _mknod, _link, _rename, _symlink, _unlink */
	MOOR_PROVE_ATTRIBUTES,	/* path_chmod, path_chown, file_lock */
	MOOR_PROVE_MOUNT,	/* sb_mount, sb_umount, move_mount, sb_pivotroot, path_chroot */
	MOOR_PROVE_SOCKET,	/* socket_create, _bind, _listen, _connect, _sendmsg,
				   unix_stream_connect, unix_may_send */
	MOOR_PROVE_IOCTL,	/* file_ioctl, file_fcntl */
	MOOR_PROVE_IOCTL32,	/* file_ioctl_compat */
	MOOR_PROVE_PROCESS,	/* task_kill, task_setrlimit, _setnice, _setscheduler, _setioprio,
				   _movememory */
	MOOR_PROVE_KERNEL,	/* bpf, syslog, key_permission, perf_event_open */
	MOOR_PROVE_NAMESPACE,	/* userns_create */
	MOOR_PROVE_IDENTITY,	/* task_fix_setuid, task_fix_setgid, capset, capable */
	MOOR_PROVE_IPC,		/* ipc_permission, shm_shmctl, msg_queue_msgctl, sem_semctl */
	MOOR_PROVE_EXTENDED,	/* inode_setattr, inode_setxattr, inode_removexattr, inode_set_acl,
				   inode_remove_acl, file_truncate, path_notify */
	MOOR_PROVE_RING,	/* uring_cmd */
	MOOR_PROVE_STEPS
};

/*
 * Does every step once, from the calling thread; those of the hooks that only rules
 * of access need when WITH_ACCESS says so. ERRORS holds 0 for a step that
 * reached its hook as far as can be told from here, else the errno with which it
 * stopped before; whether the hook was seen is the module's to say.
 */
void moor_prove(int errors[MOOR_PROVE_STEPS], bool with_access);

#endif /* MOOR_CKERNELMODULE_H */

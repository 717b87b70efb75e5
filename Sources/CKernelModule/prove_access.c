/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The proof of the hooks that only rules of access need and that are about no path: see
 * prove.c. Nothing here changes the host: what is set is set to what it is, what is made
 * is removed at once, and what would change this process is done by a child.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "prove.h"

/* What a child that does ACT ends with; ECHILD when it does not get so far. */
static int in_child(int (*act)(void))
{
	pid_t child = fork();
	int status = 0;

	if (child < 0)
		return errno;
	if (!child)
		_exit(act());
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
}

int moor_prove_ioctl(void)
{
	int pair[2], waiting, error = 0;

	if (pipe2(pair, O_CLOEXEC))
		return errno;
	if (ioctl(pair[0], FIONREAD, &waiting) || fcntl(pair[0], F_GETFD) < 0)
		error = errno;
	close(pair[0]);
	close(pair[1]);
	return error;
}

/* As 32-bit programs do it; the kernel may be told to end whoever tries. */
static int ioctl_by_interrupt(void)
{
#if defined(__x86_64__)
	long result = 54; /* ioctl */
	int pair[2];

	if (pipe2(pair, O_CLOEXEC))
		return errno;
	/* No address: FIOCLEX has none. */
	__asm__ volatile("int $0x80"
			 : "+a"(result)
			 : "b"((long)pair[0]), "c"((long)FIOCLEX), "d"(0L)
			 : "memory", "r8", "r9", "r10", "r11");
	close(pair[0]);
	close(pair[1]);
	return result < 0 ? (int)-result : 0;
#else
	return ENOSYS;
#endif
}

int moor_prove_ioctl_compat(void)
{
	return in_child(ioctl_by_interrupt);
}

int moor_prove_process(void)
{
	struct rlimit limit;
	cpu_set_t processors;
	int nice;

	if (kill(getpid(), 0) || getrlimit(RLIMIT_CORE, &limit) || setrlimit(RLIMIT_CORE, &limit))
		return errno;
	errno = 0;
	nice = getpriority(PRIO_PROCESS, 0);
	if (errno || setpriority(PRIO_PROCESS, 0, nice))
		return errno;
	if (sched_getaffinity(0, sizeof(processors), &processors) ||
	    sched_setaffinity(0, sizeof(processors), &processors))
		return errno;
	/* 1: a process; 0: itself, and the class that follows from nice, which is what it has. */
	if (syscall(SYS_ioprio_get, 1, 0) == 0 && syscall(SYS_ioprio_set, 1, 0, 0))
		return errno;
	/* No pages. Of itself by number: else the kernel does not look. */
	return syscall(SYS_move_pages, getpid(), 0UL, NULL, NULL, NULL, 0) ? errno : 0;
}

static int prove_perf(void)
{
	struct perf_event_attr event = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(event),
		.config = PERF_COUNT_SW_DUMMY,
		.disabled = 1,
	};
	int fd = (int)syscall(SYS_perf_event_open, &event, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

/* A keyring of this process is looked for, and made. */
static int find_keyring(void)
{
	return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1) < 0 ? errno
											   : 0;
}

int moor_prove_kernel(void)
{
	union bpf_attr attributes;
	int error;

	memset(&attributes, 0, sizeof(attributes));
	attributes.map_fd = (__u32)-1;
	if (!syscall(SYS_bpf, BPF_MAP_LOOKUP_ELEM, &attributes, sizeof(attributes)) ||
	    errno != EBADF)
		return errno ?: EPROTO;
	/* 10: the size of the kernel's log buffer */
	if (klogctl(10, NULL, 0) < 0)
		return errno;
	error = in_child(find_keyring);
	return error ?: prove_perf();
}

static int enter_namespace(void)
{
	return unshare(CLONE_NEWUSER) ? errno : 0;
}

int moor_prove_namespace(void)
{
	return in_child(enter_namespace);
}

static int set_identity(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	/* System calls of one thread; the C library's would ask the others to follow. */
	if (syscall(SYS_capget, &header, data) || syscall(SYS_capset, &header, data) ||
	    syscall(SYS_setgid, getgid()) || syscall(SYS_setuid, getuid()))
		return errno;
	return 0;
}

/* The last of them sets what takes a capability to what it is. */
int moor_prove_identity(void)
{
	char name[65];
	int error = in_child(set_identity);

	if (error)
		return error;
	if (gethostname(name, sizeof(name)))
		return errno;
	return sethostname(name, strnlen(name, sizeof(name))) ? errno : 0;
}

int moor_prove_ipc(void)
{
	int messages = msgget(IPC_PRIVATE, 0600), error = 0;
	int semaphores = semget(IPC_PRIVATE, 1, 0600);
	int memory = shmget(IPC_PRIVATE, 4096, 0600);
	struct msqid_ds status;

	if (messages < 0 || semaphores < 0 || memory < 0 || msgctl(messages, IPC_STAT, &status))
		error = errno;
	if (messages >= 0 && msgctl(messages, IPC_RMID, NULL) && !error)
		error = errno;
	if (semaphores >= 0 && semctl(semaphores, 0, IPC_RMID) && !error)
		error = errno;
	if (memory >= 0 && shmctl(memory, IPC_RMID, NULL) && !error)
		error = errno;
	return error;
}

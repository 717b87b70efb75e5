/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Triggers each hook of the module's table once, so that the module sees the
 * program behind each link call it. In C, because the children that this forks
 * may only do what is safe after a fork: no Swift runtime, no allocation.
 * Nothing here changes the host: all files are anonymous, all modules garbage.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "CKernelModule.h"
#include "prove.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

#define GARBAGE_SIZE 4096 /* more than an ELF header: what is shorter stops before the hook */

/* exit(0), for the one program that the proof runs */
#if defined(__x86_64__)
#define EXIT_MACHINE EM_X86_64
static const unsigned char exit_code[] = {0xb8, 0x3c, 0x00, 0x00, 0x00, /* mov $60, %eax */
					  0x31, 0xff,			/* xor %edi, %edi */
					  0x0f, 0x05};			/* syscall */
#elif defined(__aarch64__)
#define EXIT_MACHINE EM_AARCH64
static const unsigned char exit_code[] = {0xa8, 0x0b, 0x80, 0xd2,  /* mov x8, #93 */
					  0x00, 0x00, 0x80, 0xd2,  /* mov x0, #0 */
					  0x01, 0x00, 0x00, 0xd4}; /* svc #0 */
#else
#error "the proof has no program for this machine"
#endif

struct exit_program {
	Elf64_Ehdr header;
	Elf64_Phdr segment;
	unsigned char code[sizeof(exit_code)];
};

/* Close without losing the errno of what went before. */
static void close_quietly(int fd)
{
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
}

static int anonymous_file(const void *bytes, size_t size)
{
	/* From 6.3 on a memfd is executable only when it says so. */
	int fd = memfd_create("moor-proof", MFD_CLOEXEC | MFD_EXEC);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("moor-proof", MFD_CLOEXEC);
	if (fd < 0)
		return -1;
	if (write(fd, bytes, size) != (ssize_t)size) {
		close_quietly(fd);
		return -1;
	}
	return fd;
}

/* Return: 0, or the errno of wait; the child's own end does not matter. */
static int reap(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	return 0;
}

static int prove_open(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int prove_map(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	void *memory;

	if (fd < 0)
		return errno;
	memory = mmap(NULL, GARBAGE_SIZE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	close_quietly(fd);
	if (memory == MAP_FAILED)
		return errno;
	munmap(memory, GARBAGE_SIZE);
	return 0;
}

static int prove_protect(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int error = 0;
	void *memory;

	if (fd < 0)
		return errno;
	memory = mmap(NULL, GARBAGE_SIZE, PROT_READ, MAP_PRIVATE, fd, 0);
	close_quietly(fd);
	if (memory == MAP_FAILED)
		return errno;
	if (mprotect(memory, GARBAGE_SIZE, PROT_READ | PROT_EXEC))
		error = errno;
	munmap(memory, GARBAGE_SIZE);
	return error;
}

static int send_descriptor(int socket, int fd)
{
	char byte = 0;
	struct iovec data = {&byte, 1};
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct msghdr message = {.msg_iov = &data,
				 .msg_iovlen = 1,
				 .msg_control = control.room,
				 .msg_controllen = sizeof(control.room)};
	struct cmsghdr *rights = CMSG_FIRSTHDR(&message);

	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(rights), &fd, sizeof(fd));
	return sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) == 1 ? 0 : -1;
}

static int receive_descriptor(int socket)
{
	char byte;
	struct iovec data = {&byte, 1};
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct msghdr message = {.msg_iov = &data,
				 .msg_iovlen = 1,
				 .msg_control = control.room,
				 .msg_controllen = sizeof(control.room)};
	struct cmsghdr *rights;
	int fd = -1;

	if (recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) != 1)
		return -1;
	rights = CMSG_FIRSTHDR(&message);
	if (!rights || rights->cmsg_type != SCM_RIGHTS) {
		errno = EPROTO;
		return -1;
	}
	memcpy(&fd, CMSG_DATA(rights), sizeof(fd));
	return fd;
}

static int prove_receive(void)
{
	int pair[2], sent, received, error = 0;

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair))
		return errno;
	sent = anonymous_file("", 1);
	received = -1;
	if (sent < 0 || send_descriptor(pair[0], sent))
		error = errno;
	else if ((received = receive_descriptor(pair[1])) < 0)
		error = errno;
	close_quietly(received);
	close_quietly(sent);
	close(pair[0]);
	close(pair[1]);
	return error;
}

static int prove_truncate(void)
{
	static const char prefix[] = "/proc/self/fd/";
	char path[sizeof(prefix) + 11], digits[11];
	int fd = anonymous_file("moor", 4), error = 0, rest, count = 0;
	size_t end = sizeof(prefix) - 1;

	if (fd < 0)
		return errno;
	for (rest = fd; rest || !count; rest /= 10)
		digits[count++] = (char)('0' + rest % 10);
	memcpy(path, prefix, end);
	while (count)
		path[end++] = digits[--count];
	path[end] = '\0';
	/* By path: ftruncate(2) would pass another hook. */
	if (truncate(path, 0))
		error = errno;
	close(fd);
	return error;
}

static int prove_free_inode(void)
{
	int fd = anonymous_file("moor", 4);

	if (fd < 0)
		return errno;
	/* Its only name is this descriptor: closing it frees the inode. */
	return close(fd) ? errno : 0;
}

/* The kernel reads the file, past the hook, and then finds no ELF in it. */
static int prove_module_file(void)
{
	static const unsigned char garbage[GARBAGE_SIZE];
	int fd = anonymous_file(garbage, sizeof(garbage)), error = 0;

	if (fd < 0)
		return errno;
	if (!syscall(SYS_finit_module, fd, "", 0))
		error = EPROTO;
	else if (errno != ENOEXEC)
		error = errno;
	close(fd);
	return error;
}

static int prove_module_data(void)
{
	static const unsigned char garbage[GARBAGE_SIZE];

	if (!syscall(SYS_init_module, garbage, sizeof(garbage), ""))
		return EPROTO;
	return errno == ENOEXEC ? 0 : errno;
}

static void make_exit_program(struct exit_program *program)
{
	const Elf64_Addr base = 0x400000;

	memset(program, 0, sizeof(*program));
	memcpy(program->header.e_ident, ELFMAG, SELFMAG);
	program->header.e_ident[EI_CLASS] = ELFCLASS64;
	program->header.e_ident[EI_DATA] = ELFDATA2LSB;
	program->header.e_ident[EI_VERSION] = EV_CURRENT;
	program->header.e_type = ET_EXEC;
	program->header.e_machine = EXIT_MACHINE;
	program->header.e_version = EV_CURRENT;
	program->header.e_entry = base + offsetof(struct exit_program, code);
	program->header.e_phoff = offsetof(struct exit_program, segment);
	program->header.e_ehsize = sizeof(Elf64_Ehdr);
	program->header.e_phentsize = sizeof(Elf64_Phdr);
	program->header.e_phnum = 1;
	program->segment.p_type = PT_LOAD;
	program->segment.p_flags = PF_R | PF_X;
	program->segment.p_vaddr = base;
	program->segment.p_paddr = base;
	program->segment.p_filesz = sizeof(*program);
	program->segment.p_memsz = sizeof(*program);
	program->segment.p_align = 0x1000;
	memcpy(program->code, exit_code, sizeof(exit_code));
}

static int prove_exec(void)
{
	static char name[] = "moor-proof";
	char *const arguments[] = {name, NULL}, *const environment[] = {NULL};
	struct exit_program program;
	int fd, status = 0, error = 0;
	pid_t child;

	make_exit_program(&program);
	fd = anonymous_file(&program, sizeof(program));
	if (fd < 0)
		return errno;
	child = fork();
	if (!child) {
		syscall(SYS_execveat, fd, "", arguments, environment, AT_EMPTY_PATH);
		_exit(errno);
	}
	if (child < 0) {
		error = errno;
	} else {
		while (waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
		/* The program itself can only end with 0. */
		error = WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
	}
	close(fd);
	return error;
}

static int prove_trace_me(void)
{
	pid_t child = fork();
	int status = 0;

	if (child < 0)
		return errno;
	if (!child)
		_exit(ptrace(PTRACE_TRACEME, 0, NULL, NULL) ? errno : 0);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
}

/* Reads a byte of its own child, which waits until the pipe is closed. */
static int prove_trace_other(void)
{
	static const char there = 'm';
	char here = 0;
	struct iovec local = {&here, 1}, remote = {(void *)&there, 1};
	int pair[2], error = 0, reaped;
	pid_t child;

	if (pipe2(pair, O_CLOEXEC))
		return errno;
	child = fork();
	if (!child) {
		char byte;

		close(pair[1]);
		while (read(pair[0], &byte, 1) < 0 && errno == EINTR)
			;
		_exit(0);
	}
	if (child < 0)
		error = errno;
	else if (process_vm_readv(child, &local, 1, &remote, 1, 0) != 1)
		error = errno;
	close(pair[0]);
	close(pair[1]);
	if (child > 0) {
		reaped = reap(child);
		if (!error)
			error = reaped;
	}
	return error;
}

/* One that handles faults of user mode alone needs no privilege, whatever the host's settings. */
static int prove_faults(void)
{
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

/* A file system of its own in memory, mounted nowhere: gone with the descriptor. */
static int anonymous_folder(void)
{
	int context = fsopen("tmpfs", FSOPEN_CLOEXEC), folder = -1;

	if (context < 0)
		return -1;
	if (!fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		folder = fsmount(context, FSMOUNT_CLOEXEC, 0);
	close_quietly(context);
	return folder;
}

static int prove_folder(void)
{
	int folder = anonymous_folder(), error = 0;

	if (folder < 0)
		return errno;
	if (mkdirat(folder, "folder", 0700) || unlinkat(folder, "folder", AT_REMOVEDIR) ||
	    mknodat(folder, "pipe", S_IFIFO | 0600, 0) ||
	    linkat(folder, "pipe", folder, "name", 0) ||
	    renameat(folder, "name", folder, "other") || symlinkat("other", folder, "link") ||
	    unlinkat(folder, "pipe", 0))
		error = errno;
	close(folder);
	return error;
}

static int prove_attributes(void)
{
	int fd = anonymous_file("moor", 4), error = 0;

	if (fd < 0)
		return errno;
	if (fchmod(fd, 0600) || fchown(fd, (uid_t)-1, (gid_t)-1) || flock(fd, LOCK_EX | LOCK_NB))
		error = errno;
	close(fd);
	return error;
}

/*
 * Each of these passes its hook and then fails, for a reason that the kernel looks at only later:
 * nothing is mounted, unmounted or moved. The root that chroot(2) sets is the one that there is.
 */
static int prove_mount(void)
{
	int folder = anonymous_folder(), error = 0;

	if (folder < 0)
		return errno;
	if (!mount("/moor-proof/nothing", "/", NULL, MS_MOVE, NULL) || errno != ENOENT)
		error = errno ?: EPROTO;
	else if (!umount2("/", MNT_EXPIRE) || errno != EINVAL)
		error = errno ?: EPROTO;
	else if (!move_mount(folder, "", folder, "",
			     MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) ||
		 errno != EINVAL)
		error = errno ?: EPROTO;
	else if (!syscall(SYS_pivot_root, "/", "/") || (errno != EBUSY && errno != EINVAL))
		error = errno ?: EPROTO;
	else if (chroot("/"))
		error = errno;
	close(folder);
	return error;
}

/* Between sockets of this process: a name that the kernel chooses, seen by nobody else in time. */
static int prove_socket(void)
{
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), error = 0;
	int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	socklen_t length = sizeof(name);
	int pair[2];

	if (listener < 0 || client < 0 ||
	    bind(listener, (struct sockaddr *)&name, sizeof(name.sun_family)) ||
	    getsockname(listener, (struct sockaddr *)&name, &length) || listen(listener, 1) ||
	    connect(client, (struct sockaddr *)&name, length))
		error = errno;
	close_quietly(client);
	close_quietly(listener);
	if (error)
		return error;
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair))
		return errno;
	if (send(pair[0], "", 1, MSG_DONTWAIT | MSG_NOSIGNAL) != 1)
		error = errno;
	close(pair[0]);
	close(pair[1]);
	return error;
}

void moor_prove(int errors[MOOR_PROVE_STEPS], bool with_access)
{
	errors[MOOR_PROVE_OPEN] = prove_open();
	errors[MOOR_PROVE_MAP] = prove_map();
	errors[MOOR_PROVE_PROTECT] = prove_protect();
	errors[MOOR_PROVE_RECEIVE] = prove_receive();
	errors[MOOR_PROVE_TRUNCATE] = prove_truncate();
	errors[MOOR_PROVE_FREE_INODE] = prove_free_inode();
	errors[MOOR_PROVE_MODULE_FILE] = prove_module_file();
	errors[MOOR_PROVE_MODULE_DATA] = prove_module_data();
	errors[MOOR_PROVE_EXEC] = prove_exec();
	errors[MOOR_PROVE_TRACE_ME] = prove_trace_me();
	errors[MOOR_PROVE_TRACE_OTHER] = prove_trace_other();
	errors[MOOR_PROVE_FAULTS] = prove_faults();
	if (!with_access)
		return;
	errors[MOOR_PROVE_FOLDER] = prove_folder();
	errors[MOOR_PROVE_ATTRIBUTES] = prove_attributes();
	errors[MOOR_PROVE_MOUNT] = prove_mount();
	errors[MOOR_PROVE_SOCKET] = prove_socket();
	errors[MOOR_PROVE_IOCTL] = moor_prove_ioctl();
	errors[MOOR_PROVE_IOCTL32] = moor_prove_ioctl_compat();
	errors[MOOR_PROVE_PROCESS] = moor_prove_process();
	errors[MOOR_PROVE_KERNEL] = moor_prove_kernel();
	errors[MOOR_PROVE_NAMESPACE] = moor_prove_namespace();
	errors[MOOR_PROVE_IDENTITY] = moor_prove_identity();
	errors[MOOR_PROVE_IPC] = moor_prove_ipc();
	errors[MOOR_PROVE_EXTENDED] = moor_prove_extended();
	errors[MOOR_PROVE_RING] = moor_prove_ring();
}

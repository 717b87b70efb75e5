// SPDX-License-Identifier: Apache-2.0
/*
 * trace VERB [ARGUMENT]: one process looks into another, or changes it.
 *
 * stay FILE    makes FILE, and stays until it is gone
 * look PID     compares its memory with its own (kcmp), for which it may only look
 * read, write, mem PID
 *              what `stay` keeps, by process_vm_readv, process_vm_writev, /proc/PID/mem
 * fd PID       takes its standard input (pidfd_getfd)
 * attach PID   seizes it
 * traceme -    asks its parent to trace it
 * own -        looks into a child of its own
 */
#include "parts.h"

#include <fcntl.h>
#include <linux/kcmp.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

/* At the same address in every process of this program: it is linked statically. */
static char kept[] = "kept";

static pid_t process(const char *text)
{
	return (pid_t)strtol(text, NULL, 10);
}

static long stay(const char *file)
{
	stay_while(file);
	return 0;
}

static long look(const char *pid)
{
	return syscall(SYS_kcmp, getpid(), process(pid), KCMP_VM, 0, 0);
}

static long read_memory(const char *pid)
{
	char here[sizeof(kept)];
	struct iovec local = {here, sizeof(here)}, remote = {kept, sizeof(kept)};

	return process_vm_readv(process(pid), &local, 1, &remote, 1, 0);
}

static long write_memory(const char *pid)
{
	struct iovec local = {kept, sizeof(kept)}, remote = {kept, sizeof(kept)};

	return process_vm_writev(process(pid), &local, 1, &remote, 1, 0);
}

static long open_memory(const char *pid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/mem", process(pid));
	return open(path, O_RDONLY | O_CLOEXEC);
}

static long take_descriptor(const char *pid)
{
	long other = syscall(SYS_pidfd_open, process(pid), 0);

	return other < 0 ? -1 : syscall(SYS_pidfd_getfd, other, STDIN_FILENO, 0);
}

static long attach(const char *pid)
{
	return ptrace(PTRACE_SEIZE, process(pid), NULL, NULL);
}

static long ask_parent(const char *nothing)
{
	(void)nothing;
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static long look_at_child(const char *nothing)
{
	pid_t child = idle_child();
	char pid[16];
	long result;

	(void)nothing;
	snprintf(pid, sizeof(pid), "%d", child);
	result = look(pid);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return result;
}

static const struct {
	const char *verb;
	long (*act)(const char *argument);
} verbs[] = {
	{"stay", stay},		 {"look", look},	  {"read", read_memory},
	{"write", write_memory}, {"mem", open_memory},	  {"fd", take_descriptor},
	{"attach", attach},	 {"traceme", ask_parent}, {"own", look_at_child},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 3 && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(argv[1], verbs[i].verb))
			attack_ends(argv[1], verbs[i].act(argv[2]));
	setup_failed("what to do? '%s'", argc > 1 ? argv[1] : "");
}

// SPDX-License-Identifier: Apache-2.0
/*
 * controls VERB [ARGUMENT...]: one thing done that is about no path.
 *
 * hostname                   sets the host's name to what it is (CAP_SYS_ADMIN)
 * faster                     runs itself with more weight (CAP_SYS_NICE)
 * become USER                takes this user's identity
 * regain                     gives up its capabilities, and takes them back
 * ioctl PATH COMMAND         opens it to be read, and sends the command with 4 KiB to answer in
 * ioctl32 PATH COMMAND       as a 32-bit program does
 * again PATH COMMAND OTHER   sends COMMAND there, closes it, and sends the same to OTHER
 * kvm                        makes a VM on /dev/kvm and a processor in it, and reads its registers
 * memfd COMMAND              sends it to a memfd
 * owner PID, owner-ex PID    makes a pipe signal the process, or with -N the group
 * owner-self, owner-child    makes a pipe signal itself, or a child of its own
 * socket-owner PID           the same with a socket, by ioctl
 * threads                    prints the number of a second thread, and stays until its input ends
 * kill PID SIGNAL
 * limits|nice|scheduler|ioprio|memory PID  changes how it runs
 * own                        changes how a child of its own runs, and signals it
 * userns|bpf|perf|syslog|key
 * shm|shm-remove|msg|msg-remove|sem|sem-remove ID
 */
#include "parts.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/kvm.h>
#include <linux/perf_event.h>
#include <linux/sockios.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* Of commands all 32 bits count, where a long has no more. */
static long number(const char *text)
{
	return (long)strtoul(text, NULL, 0);
}

static long set_hostname(char **arguments)
{
	char name[65];

	(void)arguments;
	if (gethostname(name, sizeof(name)))
		setup_failed("hostname");
	return sethostname(name, strlen(name));
}

static long run_faster(char **arguments)
{
	(void)arguments;
	return setpriority(PRIO_PROCESS, 0, -5);
}

static long become(char **arguments)
{
	uid_t user = (uid_t)number(arguments[0]);

	return setresuid(user, user, user);
}

static long regain(char **arguments)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct had[_LINUX_CAPABILITY_U32S_3], none[_LINUX_CAPABILITY_U32S_3];

	(void)arguments;
	if (syscall(SYS_capget, &header, had))
		setup_failed("capget");
	memcpy(none, had, sizeof(none));
	none[0].effective = none[1].effective = 0;
	if (syscall(SYS_capset, &header, none))
		setup_failed("giving capabilities up");
	return syscall(SYS_capset, &header, had);
}

/* Below 4 GiB, for 32-bit calls. */
static void *answer_room(void)
{
	void *room = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	if (room == MAP_FAILED)
		setup_failed("memory");
	return room;
}

static int opened(const char *path)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);

	if (file < 0)
		setup_failed("%s", path);
	return file;
}

static long send_command(char **arguments)
{
	return ioctl(opened(arguments[0]), (unsigned int)number(arguments[1]), answer_room());
}

/* The registers that only 64-bit code has are lost in a 32-bit call. */
#ifdef __x86_64__
#define MORE_CLOBBERED , "r8", "r9", "r10", "r11"
#else
#define MORE_CLOBBERED
#endif

static long send_command32(char **arguments)
{
	long result = 54; /* ioctl */

	__asm__ volatile("int $0x80"
			 : "+a"(result)
			 : "b"((long)opened(arguments[0])), "c"(number(arguments[1])),
			   "d"(answer_room())
			 : "memory" MORE_CLOBBERED);
	if (result >= 0)
		return result;
	errno = (int)-result;
	return -1;
}

/* The second file is likely to stand where the first one stood. */
static long send_again(char **arguments)
{
	unsigned int command = (unsigned int)number(arguments[1]);
	void *room = answer_room();
	int file = opened(arguments[0]);

	if (ioctl(file, command, room) < 0 || ioctl(file, command, room) < 0)
		setup_failed("%s", arguments[0]);
	close(file);
	return ioctl(opened(arguments[2]), command, room);
}

static long use_kvm(char **arguments)
{
	int device = open("/dev/kvm", O_RDWR | O_CLOEXEC), vm, processor;
	struct kvm_regs registers;

	(void)arguments;
	if (device < 0)
		setup_failed("/dev/kvm");
	vm = ioctl(device, KVM_CREATE_VM, 0);
	if (vm < 0)
		return -1;
	processor = ioctl(vm, KVM_CREATE_VCPU, 0);
	if (processor < 0)
		return -1;
	return ioctl(processor, KVM_GET_REGS, &registers);
}

static long command_memfd(char **arguments)
{
	int file = memfd_create("controls", MFD_CLOEXEC);

	if (file < 0)
		setup_failed("memfd");
	return ioctl(file, (unsigned int)number(arguments[0]), answer_room());
}

static int half_of_a_pipe(void)
{
	int pair[2];

	if (pipe(pair))
		setup_failed("pipe");
	return pair[0];
}

static long own_pipe(char **arguments)
{
	return fcntl(half_of_a_pipe(), F_SETOWN, (int)number(arguments[0]));
}

static long own_pipe_itself(char **arguments)
{
	(void)arguments;
	return fcntl(half_of_a_pipe(), F_SETOWN, getpid());
}

static long own_pipe_child(char **arguments)
{
	int end = half_of_a_pipe();
	pid_t child = fork();
	long result;

	(void)arguments;
	if (!child) {
		pause();
		_exit(0);
	}
	result = fcntl(end, F_SETOWN, child);
	kill(child, SIGKILL);
	return result;
}

static void *tell_number(void *nothing)
{
	printf("%ld\n", syscall(SYS_gettid));
	fflush(stdout);
	pause();
	return nothing;
}

static long stay_with_threads(char **arguments)
{
	pthread_t thread;
	char byte;

	(void)arguments;
	if (pthread_create(&thread, NULL, tell_number, NULL))
		setup_failed("pthread_create");
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return 0;
}

static long own_pipe_extended(char **arguments)
{
	struct f_owner_ex owner = {F_OWNER_PID, (int)number(arguments[0])};

	return fcntl(half_of_a_pipe(), F_SETOWN_EX, &owner);
}

static long own_socket(char **arguments)
{
	int pair[2], owner = (int)number(arguments[0]);

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		setup_failed("socketpair");
	return ioctl(pair[0], FIOSETOWN, &owner);
}

static long send_signal(char **arguments)
{
	return kill((pid_t)number(arguments[0]), (int)number(arguments[1]));
}

static long set_limits(char **arguments)
{
	const struct rlimit limit = {64, 64};

	return prlimit((pid_t)number(arguments[0]), RLIMIT_CORE, &limit, NULL);
}

static long set_nice(char **arguments)
{
	return setpriority(PRIO_PROCESS, (id_t)number(arguments[0]), 5);
}

static long set_scheduler(char **arguments)
{
	cpu_set_t processors;

	CPU_ZERO(&processors);
	CPU_SET(0, &processors);
	return sched_setaffinity((pid_t)number(arguments[0]), sizeof(processors), &processors);
}

static long set_io_priority(char **arguments)
{
	return syscall(SYS_ioprio_set, 1, number(arguments[0]), 2 << 13 | 7);
}

static long move_memory(char **arguments)
{
	return syscall(SYS_move_pages, number(arguments[0]), 0UL, NULL, NULL, NULL, 0);
}

static long change_own_child(char **arguments)
{
	pid_t child = idle_child();
	char pid[16], *one[] = {pid, "15"};

	(void)arguments;
	snprintf(pid, sizeof(pid), "%d", child);
	if (set_limits(one) || set_nice(one) || set_scheduler(one) || set_io_priority(one) ||
	    move_memory(one) || send_signal(one)) {
		int error = errno;

		kill(child, SIGKILL);
		errno = error;
		return -1;
	}
	return waitpid(child, NULL, 0) == child ? 0 : -1;
}

static long enter_namespace(char **arguments)
{
	(void)arguments;
	return unshare(CLONE_NEWUSER);
}

static long make_map(char **arguments)
{
	union bpf_attr attributes;

	(void)arguments;
	memset(&attributes, 0, sizeof(attributes));
	attributes.map_type = BPF_MAP_TYPE_ARRAY;
	attributes.key_size = attributes.value_size = 4;
	attributes.max_entries = 1;
	return syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof(attributes));
}

static long open_event(char **arguments)
{
	struct perf_event_attr event = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(event),
		.config = PERF_COUNT_SW_DUMMY,
	};

	(void)arguments;
	return syscall(SYS_perf_event_open, &event, 0, -1, -1, 0);
}

static long read_kernel_log(char **arguments)
{
	static char text[4096];

	(void)arguments;
	return klogctl(3, text, sizeof(text));
}

static long find_keyring(char **arguments)
{
	(void)arguments;
	return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1);
}

static long attach_memory(char **arguments)
{
	return shmat((int)number(arguments[0]), NULL, 0) == (void *)-1 ? -1 : 0;
}

static long remove_memory(char **arguments)
{
	return shmctl((int)number(arguments[0]), IPC_RMID, NULL);
}

static long send_message(char **arguments)
{
	const struct {
		long type;
		char text[4];
	} message = {1, "moor"};

	return msgsnd((int)number(arguments[0]), &message, sizeof(message.text), IPC_NOWAIT);
}

static long remove_messages(char **arguments)
{
	return msgctl((int)number(arguments[0]), IPC_RMID, NULL);
}

static long raise_semaphore(char **arguments)
{
	struct sembuf up = {0, 1, IPC_NOWAIT};

	return semop((int)number(arguments[0]), &up, 1);
}

static long remove_semaphore(char **arguments)
{
	return semctl((int)number(arguments[0]), 0, IPC_RMID);
}

static const struct {
	const char *verb;
	int count; /* of arguments */
	long (*act)(char **arguments);
} verbs[] = {
	{"hostname", 0, set_hostname},
	{"faster", 0, run_faster},
	{"become", 1, become},
	{"regain", 0, regain},
	{"ioctl", 2, send_command},
	{"ioctl32", 2, send_command32},
	{"again", 3, send_again},
	{"kvm", 0, use_kvm},
	{"memfd", 1, command_memfd},
	{"owner", 1, own_pipe},
	{"owner-ex", 1, own_pipe_extended},
	{"owner-self", 0, own_pipe_itself},
	{"owner-child", 0, own_pipe_child},
	{"threads", 0, stay_with_threads},
	{"socket-owner", 1, own_socket},
	{"kill", 2, send_signal},
	{"limits", 1, set_limits},
	{"nice", 1, set_nice},
	{"scheduler", 1, set_scheduler},
	{"ioprio", 1, set_io_priority},
	{"memory", 1, move_memory},
	{"own", 0, change_own_child},
	{"userns", 0, enter_namespace},
	{"bpf", 0, make_map},
	{"perf", 0, open_event},
	{"syslog", 0, read_kernel_log},
	{"key", 0, find_keyring},
	{"shm", 1, attach_memory},
	{"shm-remove", 1, remove_memory},
	{"msg", 1, send_message},
	{"msg-remove", 1, remove_messages},
	{"sem", 1, raise_semaphore},
	{"sem-remove", 1, remove_semaphore},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(argv[1], verbs[i].verb) && argc == 2 + verbs[i].count)
			attack_ends(argv[1], verbs[i].act(argv + 2));
	setup_failed("what to do? '%s'", argc > 1 ? argv[1] : "");
}

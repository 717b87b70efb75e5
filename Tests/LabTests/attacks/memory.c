// SPDX-License-Identifier: Apache-2.0
// memory VERB [FILE]: tries to execute bytes that nobody measured. FILE holds code (mov eax, N;
// ret) that may be mapped executable as it is. Each way ends in the same function, which returns
// 66, being called.
#include "memory.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/wait.h>

/* A private copy of a trusted file, changed, then made executable. */
static void private_copy(void)
{
	void *memory = map("mapping", READ_WRITE, MAP_PRIVATE, open_file(O_RDONLY));

	memcpy(memory, evil, sizeof(evil));
	protect("private copy, mprotect", memory, READ_EXEC);
	call("private copy", memory);
}

/* The same from an executable mapping, by way of a writable one. */
static void executable_copy(void)
{
	void *memory = map("executable mapping", READ_EXEC, MAP_PRIVATE, open_file(O_RDONLY));

	protect("mprotect to writable", memory, READ_WRITE);
	memcpy(memory, evil, sizeof(evil));
	protect("executable copy, mprotect", memory, READ_EXEC);
	call("executable copy", memory);
}

/* The page is changed by a child, whose copy it is, and made executable there. */
static void copy_in_child(void)
{
	void *memory = map("mapping", READ_WRITE, MAP_PRIVATE, open_file(O_RDONLY));
	int status;
	pid_t child = fork();

	if (child < 0)
		setup_failed("fork");
	if (child == 0) {
		memcpy(memory, evil, sizeof(evil));
		protect("copy in a child, mprotect", memory, READ_EXEC);
		call("copy in a child", memory);
	}
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
		setup_failed("the child");
	_exit(WEXITSTATUS(status));
}

static void writable_executable(void)
{
	void *memory = map("writable and executable mapping", READ_WRITE | PROT_EXEC, MAP_PRIVATE,
			   open_file(O_RDONLY));

	memcpy(memory, evil, sizeof(evil));
	call("writable and executable mapping", memory);
}

static void executable_then_writable(void)
{
	void *memory = map("executable mapping", READ_EXEC, MAP_PRIVATE, open_file(O_RDONLY));

	protect("executable mapping, mprotect to writable", memory, READ_WRITE | PROT_EXEC);
	memcpy(memory, evil, sizeof(evil));
	call("executable mapping made writable", memory);
}

static void anonymous(void)
{
	void *memory = map("anonymous executable memory", READ_WRITE | PROT_EXEC,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1);

	memcpy(memory, evil, sizeof(evil));
	call("anonymous executable memory", memory);
}

static void anonymous_later(void)
{
	void *memory = map("mapping", READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	memcpy(memory, evil, sizeof(evil));
	protect("anonymous memory, mprotect", memory, READ_EXEC);
	call("anonymous memory", memory);
}

static void shared_anonymous_later(void)
{
	void *memory = map("mapping", READ_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);

	memcpy(memory, evil, sizeof(evil));
	protect("shared anonymous memory, mprotect", memory, READ_EXEC);
	call("shared anonymous memory", memory);
}

static void stack(void)
{
	unsigned char space[2 * PAGE];
	unsigned char *page = (unsigned char *)(((unsigned long)space + PAGE - 1) & -PAGE);

	memcpy(page, evil, sizeof(evil));
	protect("stack, mprotect", page, READ_WRITE | PROT_EXEC);
	call("stack", page);
}

/* A personality in which what can be read can be executed. */
static void read_implies_exec(void)
{
	void *memory;

	if (personality(READ_IMPLIES_EXEC) < 0)
		setup_failed("personality");
	memory = map("anonymous memory where reading implies executing", READ_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1);
	memcpy(memory, evil, sizeof(evil));
	call("anonymous memory where reading implies executing", memory);
}

/* The same for the heap, which no mapping call makes. */
static void read_implies_exec_heap(void)
{
	void *memory;

	/* The C library has taken its heap by now; what comes is a mapping of its own. */
	if (personality(READ_IMPLIES_EXEC) < 0)
		setup_failed("personality");
	memory = sbrk(4 * PAGE);
	if (memory == (void *)-1)
		attack_ends("heap where reading implies executing", -1);
	memory = (char *)memory + 3 * PAGE;
	memcpy(memory, evil, sizeof(evil));
	call("heap where reading implies executing", memory);
}

static void memfd(void)
{
	int descriptor = memfd_create("code", MFD_CLOEXEC);

	if (descriptor < 0 || write(descriptor, evil, sizeof(evil)) != sizeof(evil) ||
	    ftruncate(descriptor, PAGE))
		setup_failed("memfd_create");
	call("memfd", map("memfd, mapping", READ_EXEC, MAP_PRIVATE, descriptor));
}

static void unlinked(void)
{
	int descriptor = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0700);

	if (descriptor < 0 || write(descriptor, evil, sizeof(evil)) != sizeof(evil) ||
	    ftruncate(descriptor, PAGE))
		setup_failed("O_TMPFILE");
	call("nameless file", map("nameless file, mapping", READ_EXEC, MAP_PRIVATE, descriptor));
}

static void shared_segment(void)
{
	int id = shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0700);
	void *memory;
	int error;

	if (id < 0)
		setup_failed("shmget");
	memory = shmat(id, NULL, SHM_EXEC);
	error = errno;
	shmctl(id, IPC_RMID, NULL);
	errno = error;
	if (memory == (void *)-1)
		attack_ends("SysV segment, shmat", -1);
	memcpy(memory, evil, sizeof(evil));
	call("SysV segment", memory);
}

/* Writes over code that was measured, past its protection. */
static void through_proc(const char *path)
{
	void *memory = map("executable mapping", READ_EXEC, MAP_PRIVATE, open_file(O_RDONLY));
	int descriptor = open(path, O_RDWR | O_CLOEXEC);

	if (descriptor < 0)
		attack_ends("open of the memory file", -1);
	if (pwrite(descriptor, evil, sizeof(evil), (off_t)memory) != sizeof(evil))
		attack_ends("write to the memory file", -1);
	call("write to the memory file", memory);
}

static void proc_self_mem(void)
{
	through_proc("/proc/self/mem");
}

static void proc_thread_mem(void)
{
	through_proc("/proc/thread-self/mem");
}

static void proc_pid_mem(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/mem", getpid(), getpid());
	through_proc(path);
}

/* They come from a file system that the kernel mounted for itself. */
static void huge_pages(void)
{
	void *memory = mmap(NULL, 2 << 20, READ_WRITE | PROT_EXEC,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);

	if (memory == MAP_FAILED)
		attack_ends("huge pages", -1);
	memcpy(memory, evil, sizeof(evil));
	call("huge pages", memory);
}

/* A child's code, changed by its parent as its tracer. */
static void traced_child(void)
{
	void *memory = map("executable mapping", READ_EXEC, MAP_PRIVATE, open_file(O_RDONLY));
	int status;
	long word;
	pid_t child = fork();

	if (child < 0)
		setup_failed("fork");
	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, 0, 0))
			attack_ends("PTRACE_TRACEME", -1);
		raise(SIGSTOP);
		call("traced child", memory);
	}
	if (waitpid(child, &status, 0) != child)
		setup_failed("waitpid");
	if (WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	memcpy(&word, evil, sizeof(evil));
	if (ptrace(PTRACE_POKETEXT, child, memory, word) || ptrace(PTRACE_CONT, child, 0, 0) ||
	    waitpid(child, &status, 0) != child)
		setup_failed("PTRACE_POKETEXT");
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : ATTACK_SETUP_FAILED);
}

static const struct verb verbs[] = {
	{"private-copy", private_copy},
	{"executable-copy", executable_copy},
	{"copy-in-child", copy_in_child},
	{"writable-executable", writable_executable},
	{"executable-then-writable", executable_then_writable},
	{"anonymous", anonymous},
	{"anonymous-later", anonymous_later},
	{"shared-anonymous-later", shared_anonymous_later},
	{"stack", stack},
	{"read-implies-exec", read_implies_exec},
	{"read-implies-exec-heap", read_implies_exec_heap},
	{"huge-pages", huge_pages},
	{"memfd", memfd},
	{"unlinked", unlinked},
	{"shared-segment", shared_segment},
	{"proc-self-mem", proc_self_mem},
	{"proc-thread-mem", proc_thread_mem},
	{"proc-pid-mem", proc_pid_mem},
	{"traced-child", traced_child},
};

int main(int argc, char **argv)
{
	run_verb(argc, argv, verbs, sizeof(verbs) / sizeof(*verbs));
}

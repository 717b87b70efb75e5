// SPDX-License-Identifier: Apache-2.0
// pages VERB [FILE]: tries to change pages that are executable already, or become so, by ways
// around the mapping's own protection. FILE holds code (mov eax, N; ret) that may be mapped
// executable as it is.
#include "memory.h"

#include <linux/io_uring.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <sys/uio.h>

/*
 * Pages of a private mapping of a file in memory come from whom the process appoints: into a
 * mapping that is executable from the start.
 */
static void through_userfaultfd(int faults)
{
	struct uffdio_api api = {.api = UFFD_API};
	struct uffdio_register range = {.mode = UFFDIO_REGISTER_MODE_MISSING};
	static unsigned char page[PAGE] __attribute__((aligned(PAGE)));
	struct uffdio_copy copy = {.src = (unsigned long)page, .len = PAGE};
	void *memory;

	if (faults < 0)
		attack_ends("userfaultfd", -1);
	memory = map("executable mapping", READ_EXEC, MAP_PRIVATE, open_file(O_RDONLY));
	memcpy(page, evil, sizeof(evil));
	range.range.start = copy.dst = (unsigned long)memory;
	range.range.len = PAGE;
	if (ioctl(faults, UFFDIO_API, &api) || ioctl(faults, UFFDIO_REGISTER, &range) ||
	    ioctl(faults, UFFDIO_COPY, &copy))
		attack_ends("userfaultfd, page", -1);
	call("userfaultfd", memory);
}

static void userfaultfd_call(void)
{
	through_userfaultfd((int)syscall(SYS_userfaultfd, O_CLOEXEC));
}

/* What needs no privilege. */
static void userfaultfd_user_mode(void)
{
	through_userfaultfd((int)syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY));
}

static void userfaultfd_device(void)
{
	int device = open("/dev/userfaultfd", O_RDWR | O_CLOEXEC);

	if (device < 0)
		setup_failed("/dev/userfaultfd");
	through_userfaultfd(ioctl(device, USERFAULTFD_IOC_NEW, O_CLOEXEC));
}

/* By the system call that writes into processes, which asks nobody for its own. */
static void self_writev(void)
{
	void *memory = map("executable mapping", READ_EXEC, MAP_PRIVATE, open_file(O_RDONLY));
	struct iovec local = {(void *)evil, sizeof(evil)}, remote = {memory, sizeof(evil)};

	if (process_vm_writev(getpid(), &local, 1, &remote, 1, 0) != sizeof(evil))
		attack_ends("process_vm_writev", -1);
	call("process_vm_writev", memory);
}

/* The kernel copies the page for writing, ahead of time. */
static void populate_write(void)
{
	void *memory = map("executable mapping", READ_EXEC, MAP_PRIVATE, open_file(O_RDONLY));

	if (madvise(memory, PAGE, MADV_POPULATE_WRITE))
		attack_ends("MADV_POPULATE_WRITE", -1);
	call("MADV_POPULATE_WRITE", memory);
}

/* A changed private page is moved over an executable mapping; the mapping that it left is then made
 * executable. */
static void moved_copy(void)
{
	int descriptor = open_file(O_RDONLY);
	void *executable = map("executable mapping", READ_EXEC, MAP_PRIVATE, descriptor);
	void *memory = map("mapping", READ_WRITE, MAP_PRIVATE, descriptor);

	memcpy(memory, evil, sizeof(evil));
	if (mremap(memory, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, executable) == MAP_FAILED)
		attack_ends("mremap", -1);
	protect("moved copy, mprotect", executable, READ_EXEC);
	call("moved copy", executable);
}

/* As above, and the mapping stays behind: without the copy, as it says. */
static void left_copy(void)
{
	void *memory = map("mapping", READ_WRITE, MAP_PRIVATE, open_file(O_RDONLY));
	void *moved;

	memcpy(memory, evil, sizeof(evil));
	moved = mremap(memory, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0);
	if (moved == MAP_FAILED)
		setup_failed("mremap");
	protect("moved copy, mprotect", moved, READ_EXEC);
	call("moved copy", moved);
}

/* Pages of a shared mapping in another order: the mapping is made anew, from a file that was
 * changed since. */
static void remapped_pages(void)
{
	char name[] = "/tmp/moor-XXXXXX";
	int descriptor = mkstemp(name);
	void *memory;

	if (descriptor < 0 || write(descriptor, evil, sizeof(evil)) != sizeof(evil) ||
	    ftruncate(descriptor, 2 * PAGE))
		setup_failed("%s", name);
	memory = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, descriptor, 0);
	unlink(name);
	if (memory == MAP_FAILED || personality(READ_IMPLIES_EXEC) < 0)
		setup_failed("mapping");
	if (remap_file_pages((char *)memory + PAGE, PAGE, 0, 0, 0))
		attack_ends("remap_file_pages", -1);
	call("remap_file_pages", (char *)memory + PAGE);
}

/* No attack: another object without a file, made past the same hook. */
static void io_uring(void)
{
	struct io_uring_params parameters = {0};

	attack_ends("io_uring", syscall(SYS_io_uring_setup, 1, &parameters));
}

static const struct verb verbs[] = {
	{"userfaultfd", userfaultfd_call},
	{"userfaultfd-user-mode", userfaultfd_user_mode},
	{"userfaultfd-device", userfaultfd_device},
	{"self-writev", self_writev},
	{"populate-write", populate_write},
	{"moved-copy", moved_copy},
	{"left-copy", left_copy},
	{"remapped-pages", remapped_pages},
	{"io-uring", io_uring},
};

int main(int argc, char **argv)
{
	run_verb(argc, argv, verbs, sizeof(verbs) / sizeof(*verbs));
}

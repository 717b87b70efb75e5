// SPDX-License-Identifier: Apache-2.0
// moor-abi: arguments that no ioctl of /dev/moor may take, each with the errno that it must give.
// Built for 64 and for 32 bits. None of them may change anything, whatever state the module is in.
// Ends with 1 when an answer was another.
#include "attack.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "moor.h"

static int device;
static int checks, failures;
static char *page; /* of readable and writable memory, with nothing behind it */
static size_t page_size;

static const struct command {
	const char *name;
	unsigned long number;
	uint32_t size;
	bool answers; /* writes to its argument */
} commands[] = {
	{"ATTACH_BEGIN", MOOR_IOC_ATTACH_BEGIN, sizeof(struct moor_attach_begin), true},
	{"ATTACH", MOOR_IOC_ATTACH, sizeof(struct moor_attach), false},
	{"ARM", MOOR_IOC_ARM, sizeof(struct moor_arm), true},
	{"RELEASE", MOOR_IOC_RELEASE, sizeof(struct moor_simple), false},
	{"TRUST_BEGIN", MOOR_IOC_TRUST_BEGIN, sizeof(struct moor_trust_begin), false},
	{"TRUST_ADD", MOOR_IOC_TRUST_ADD, sizeof(struct moor_trust_add), false},
	{"TRUST_COMMIT", MOOR_IOC_TRUST_COMMIT, sizeof(struct moor_trust_commit), false},
	{"TRUST_ABORT", MOOR_IOC_TRUST_ABORT, sizeof(struct moor_simple), false},
	{"BIND", MOOR_IOC_BIND, sizeof(struct moor_bind), false},
	{"GATE", MOOR_IOC_GATE, sizeof(struct moor_gate), false},
	{"CAP", MOOR_IOC_CAP, sizeof(struct moor_simple), false},
	{"LOCK", MOOR_IOC_LOCK, sizeof(struct moor_simple), false},
	{"SNAPSHOT", MOOR_IOC_SNAPSHOT, sizeof(struct moor_snapshot), true},
	{"ACCESS_OBJECT", MOOR_IOC_ACCESS_OBJECT, sizeof(struct moor_access_object), false},
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const char *name_of(int error)
{
	return error ? strerrorname_np(error) : "success";
}

__attribute__((format(printf, 4, 5))) static void check(unsigned long number, void *argument,
							int expected, const char *what, ...)
{
	int got = ioctl(device, number, argument) ? errno : 0;
	va_list arguments;

	checks++;
	if (got == expected)
		return;
	failures++;
	va_start(arguments, what);
	vprintf(what, arguments);
	va_end(arguments);
	printf(": %s, expected %s\n", name_of(got), name_of(expected));
}

#define FITTING(type)                                                                              \
	{                                                                                          \
		.header = {.size = sizeof(type), .version = MOOR_ABI_VERSION }                     \
	}

static void check_headers(const struct command *command)
{
	const uint32_t sizes[] = {
		0, 7, command->size - 1, command->size + 1, command->size + 8, 0xffffffff};
	const uint32_t versions[] = {0, MOOR_ABI_VERSION + 1, 0x80000000, 0xffffffff};
	struct moor_header *header = (struct moor_header *)page;
	size_t i;

	memset(page, 0, page_size);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		*header = (struct moor_header){sizes[i], MOOR_ABI_VERSION};
		check(command->number, page, EINVAL, "%s of size %u", command->name, sizes[i]);
	}
	for (i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		*header = (struct moor_header){command->size, versions[i]};
		check(command->number, page, EOPNOTSUPP, "%s of version %u", command->name,
		      versions[i]);
	}
	/* Both wrong: the size is looked at first. */
	*header = (struct moor_header){command->size + 4, 9};
	check(command->number, page, EINVAL, "%s of another size and version", command->name);
}

static void check_pointers(const struct command *command)
{
	struct moor_header *edge = (struct moor_header *)(page + page_size - command->size + 1);
	const struct moor_header header = {command->size, MOOR_ABI_VERSION};

	check(command->number, NULL, EFAULT, "%s at NULL", command->name);
	check(command->number, (void *)1, EFAULT, "%s at 1", command->name);
	check(command->number, page + page_size, EFAULT, "%s behind the page", command->name);
	check(command->number, (void *)(uintptr_t)-4096, EFAULT, "%s in the kernel", command->name);
#if UINTPTR_MAX > 0xffffffff
	check(command->number, (void *)0xffffffff81000000, EFAULT, "%s in the kernel's text",
	      command->name);
	check(command->number, (void *)0x8000000000000000, EFAULT, "%s at no address",
	      command->name);
#endif
	memcpy(edge, &header, command->size > sizeof(header) ? sizeof(header) : command->size - 1);
	check(command->number, edge, EFAULT, "%s across the page's end", command->name);
}

/* An answer that cannot be written must not leave anything begun. */
static void check_read_only(const struct command *command)
{
	*(struct moor_header *)page = (struct moor_header){command->size, MOOR_ABI_VERSION};
	if (mprotect(page, page_size, PROT_READ))
		setup_failed("mprotect");
	check(command->number, page, EFAULT, "%s in memory that cannot be written", command->name);
	if (mprotect(page, page_size, PROT_READ | PROT_WRITE))
		setup_failed("mprotect");
}

static void check_unknown(void)
{
	unsigned int i;

	for (i = 0; i < 256; i++)
		if (i < 16 || (i > 28 && i != 31))
			check(_IOC(_IOC_READ | _IOC_WRITE, MOOR_IOC_MAGIC, i, 16), page, ENOTTY,
			      "number %u", i);
	for (i = 0; i < COMMANDS; i++) {
		unsigned long number = commands[i].number;
		unsigned int one = _IOC_NR(number), size = commands[i].size;

		check(_IOC(_IOC_NONE, MOOR_IOC_MAGIC, one, size), page, ENOTTY,
		      "%s without direction", commands[i].name);
		check(_IOC(_IOC_DIR(number), MOOR_IOC_MAGIC, one, size + 8), page, ENOTTY,
		      "%s of another size", commands[i].name);
		check(_IOC(_IOC_DIR(number), MOOR_IOC_MAGIC ^ 1, one, size), page, ENOTTY,
		      "%s of another type", commands[i].name);
	}
}

static void check_reserved(void)
{
	struct moor_attach_begin begin = FITTING(struct moor_attach_begin);
	struct moor_attach attach = FITTING(struct moor_attach);
	struct moor_gate gate = FITTING(struct moor_gate);

	begin.flags = ~MOOR_ATTACH_FLAGS;
	check(MOOR_IOC_ATTACH_BEGIN, &begin, EINVAL, "ATTACH_BEGIN with reserved bits");
	attach.reserved = 0x80000000;
	check(MOOR_IOC_ATTACH, &attach, EINVAL, "ATTACH with reserved bits");
	gate.major = 1;
	gate.reserved = 1;
	check(MOOR_IOC_GATE, &gate, EINVAL, "GATE with reserved bits");
}

static void check_gates(void)
{
	static const uint32_t bad[][3] = {
		{0, 0, 0},	  {0x1000, 0, 0},	  {0xffffffff, 0, 0},		{10, 5, 4},
		{10, 0, 1 << 20}, {10, 1 << 20, 1 << 20}, {10, 0xffffffff, 0xffffffff},
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct moor_gate gate = FITTING(struct moor_gate);

		gate.major = bad[i][0];
		gate.minor_first = bad[i][1];
		gate.minor_last = bad[i][2];
		check(MOOR_IOC_GATE, &gate, EINVAL, "GATE %u:%u-%u", bad[i][0], bad[i][1],
		      bad[i][2]);
	}
}

static void check_vm_names(void)
{
	struct moor_bind bind = FITTING(struct moor_bind);
	int c;

	check(MOOR_IOC_BIND, &bind, EINVAL, "BIND without a name");
	memset(bind.vm, 'v', sizeof(bind.vm));
	check(MOOR_IOC_BIND, &bind, EINVAL, "BIND of a name without an end");
	for (c = 1; c < 0x80; c = c == 0x1f ? 0x7f : c + 1) {
		snprintf(bind.vm, sizeof(bind.vm), "web%c1", c);
		check(MOOR_IOC_BIND, &bind, EINVAL, "BIND of a name with byte %d", c);
	}
}

static void check_objects(void)
{
	struct moor_access_object object = FITTING(struct moor_access_object);
	int c;

	object.fd = device;
	check(MOOR_IOC_ACCESS_OBJECT, &object, EINVAL, "ACCESS_OBJECT without a VM");
	memset(object.vm, 'v', sizeof(object.vm));
	check(MOOR_IOC_ACCESS_OBJECT, &object, EINVAL, "ACCESS_OBJECT of a name without an end");
	for (c = 1; c < 0x80; c = c == 0x1f ? 0x7f : c + 1) {
		snprintf(object.vm, sizeof(object.vm), "web%c1", c);
		check(MOOR_IOC_ACCESS_OBJECT, &object, EINVAL,
		      "ACCESS_OBJECT of a name with byte %d", c);
	}
	strcpy(object.vm, "web1");
	check(MOOR_IOC_ACCESS_OBJECT, &object, ENODATA, "ACCESS_OBJECT before a policy is begun");
	object.fd = -1;
	check(MOOR_IOC_ACCESS_OBJECT, &object, EBADF, "ACCESS_OBJECT of no descriptor");
	object.fd = 1000000;
	check(MOOR_IOC_ACCESS_OBJECT, &object, EBADF, "ACCESS_OBJECT of a high descriptor");
}

static const unsigned char one_entry[16] = {16,	 0,   5,   0,  MOOR_KIND_EXEC, 0, 0, 0, '/',
					    'b', 'i', '/', 'x'};

static void check_staging(void)
{
	static const uint32_t counts[][3] = {
		{0, 0, EINVAL},
		{1, 0, EINVAL},
		{0, 16, EINVAL},
		{MOOR_TRUST_ENTRIES_MAX + 1, 16, E2BIG},
		{0xffffffff, 0xffffffff, E2BIG},
		{1, MOOR_TRUST_BYTES_MAX + 1, E2BIG},
		{1, 0xffffffff, E2BIG},
	};
	struct moor_trust_begin begin = FITTING(struct moor_trust_begin);
	struct moor_trust_add add = FITTING(struct moor_trust_add);
	struct moor_trust_commit commit = FITTING(struct moor_trust_commit);
	size_t i;

	check(MOOR_IOC_TRUST_ADD, &add, ENODATA, "TRUST_ADD before TRUST_BEGIN");
	check(MOOR_IOC_TRUST_COMMIT, &commit, ENODATA, "TRUST_COMMIT before TRUST_BEGIN");
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		begin.entry_count = counts[i][0];
		begin.byte_count = counts[i][1];
		check(MOOR_IOC_TRUST_BEGIN, &begin, (int)counts[i][2],
		      "TRUST_BEGIN of %u entries in %u bytes", counts[i][0], counts[i][1]);
	}
	begin.entry_count = 1;
	begin.byte_count = sizeof(one_entry);
	check(MOOR_IOC_TRUST_BEGIN, &begin, 0, "TRUST_BEGIN");
	check(MOOR_IOC_TRUST_BEGIN, &begin, EBUSY, "TRUST_BEGIN twice");

	add.byte_count = sizeof(one_entry);
	check(MOOR_IOC_TRUST_ADD, &add, EFAULT, "TRUST_ADD from NULL");
	add.entries = (uintptr_t)page + page_size - 8;
	check(MOOR_IOC_TRUST_ADD, &add, EFAULT, "TRUST_ADD from across the page's end");
	add.entries = UINT64_MAX - 7;
	check(MOOR_IOC_TRUST_ADD, &add, EFAULT, "TRUST_ADD from the kernel");
	add.entries = (uintptr_t)one_entry | 1ULL << 62;
	check(MOOR_IOC_TRUST_ADD, &add, EFAULT, "TRUST_ADD from a pointer with high bits");
	add.entries = (uintptr_t)one_entry;
	add.byte_count = sizeof(one_entry) + 1;
	check(MOOR_IOC_TRUST_ADD, &add, E2BIG, "TRUST_ADD of more than promised");
	add.byte_count = 0xffffffff;
	check(MOOR_IOC_TRUST_ADD, &add, E2BIG, "TRUST_ADD of 4 GiB");
	add.byte_count = sizeof(one_entry) - 1;
	check(MOOR_IOC_TRUST_ADD, &add, EINVAL, "TRUST_ADD of a cut entry");
	check(MOOR_IOC_TRUST_COMMIT, &commit, ENODATA, "TRUST_COMMIT without all bytes");

	add.byte_count = sizeof(one_entry);
	check(MOOR_IOC_TRUST_ADD, &add, 0, "TRUST_ADD");
	check(MOOR_IOC_TRUST_ADD, &add, E2BIG, "TRUST_ADD after all have come");
	commit.flags = ~(uint32_t)MOOR_COMMIT_FLAGS;
	check(MOOR_IOC_TRUST_COMMIT, &commit, EINVAL, "TRUST_COMMIT with unknown flags");
	commit.flags = 0;
	commit.reserved = 1;
	check(MOOR_IOC_TRUST_COMMIT, &commit, EINVAL, "TRUST_COMMIT with reserved bits");
	commit.reserved = 0;
	memset(commit.name, 'n', sizeof(commit.name));
	check(MOOR_IOC_TRUST_COMMIT, &commit, EINVAL, "TRUST_COMMIT of a name without an end");
	memcpy(commit.name, "a\nb", 4);
	check(MOOR_IOC_TRUST_COMMIT, &commit, EINVAL, "TRUST_COMMIT of a name with a line end");
}

int main(void)
{
	size_t i;

	page_size = (size_t)sysconf(_SC_PAGESIZE);
	page = mmap(NULL, 2 * page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0);
	if (page == MAP_FAILED || munmap(page + page_size, page_size))
		setup_failed("mmap");
	device = open(MOOR_DEVICE_PATH, O_RDWR | O_CLOEXEC);
	if (device < 0)
		setup_failed(MOOR_DEVICE_PATH);
	for (i = 0; i < COMMANDS; i++) {
		check_headers(&commands[i]);
		check_pointers(&commands[i]);
		if (commands[i].answers)
			check_read_only(&commands[i]);
	}
	check_unknown();
	check_reserved();
	check_gates();
	check_vm_names();
	check_objects();
	check_staging();
	printf("%zu bits: %d checks, %d failed\n", sizeof(void *) * 8, checks, failures);
	return failures != 0;
}

// SPDX-License-Identifier: Apache-2.0
/*
 * attributes VERB PATH: one thing done with what a file has besides its bytes.
 *
 * times, open-times             sets its times, by path or by a descriptor that only reads
 * attribute, open-attribute     sets an extended attribute
 * remove-attribute              removes it
 * acl, remove-acl               sets, removes an ACL
 * shorten                       cuts it by a descriptor that only appends
 * watch                         is told of what becomes of it (inotify)
 * watch-mount                   and of its whole mount (fanotify)
 * ring COMMAND PATH             sends the command by io_uring
 */
#include "attack.h"

#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

static const char attribute[] = "trusted.moor", acl[] = "system.posix_acl_access";

static int opened(const char *path, int flags)
{
	int file = open(path, flags | O_CLOEXEC);

	if (file < 0)
		setup_failed("%s", path);
	return file;
}

static const struct timespec past[2] = {{1, 0}, {1, 0}};

static int set_times(const char *path)
{
	return utimensat(AT_FDCWD, path, past, 0);
}

static int set_times_open(const char *path)
{
	return futimens(opened(path, O_RDONLY), past);
}

static int set_attribute(const char *path)
{
	return setxattr(path, attribute, "x", 1, 0);
}

static int set_attribute_open(const char *path)
{
	return fsetxattr(opened(path, O_RDONLY), attribute, "x", 1, 0);
}

static int remove_attribute(const char *path)
{
	return removexattr(path, attribute);
}

/* Everybody may read and write: as linux/posix_acl_xattr.h has it. */
static int set_acl(const char *path)
{
	static const struct {
		uint32_t version;
		struct {
			uint16_t tag, permissions;
			uint32_t id;
		} entries[3];
	} value = {2, {{1, 6, UINT32_MAX}, {4, 6, UINT32_MAX}, {0x20, 6, UINT32_MAX}}};

	return setxattr(path, acl, &value, sizeof(value), 0);
}

static int remove_acl(const char *path)
{
	int result = removexattr(path, acl);

	/* Such a one is no more than the mode, and is not kept. */
	return result && errno == ENODATA ? 0 : result;
}

static int shorten(const char *path)
{
	return ftruncate(opened(path, O_WRONLY | O_APPEND), 0);
}

static int watch(const char *path)
{
	return inotify_add_watch(inotify_init1(IN_CLOEXEC), path, IN_ALL_EVENTS);
}

static int watch_mount(const char *path)
{
	int group = fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC, O_RDONLY);

	if (group < 0)
		setup_failed("fanotify");
	return fanotify_mark(group, FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_OPEN, AT_FDCWD, path);
}

static void *mapped(int ring, size_t size, off_t what)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring, what);

	if (memory == MAP_FAILED)
		setup_failed("io_uring");
	return memory;
}

static int send_by_ring(const char *command, const char *path)
{
	struct io_uring_params parameters = {0};
	int ring = (int)syscall(SYS_io_uring_setup, 1, &parameters), result;
	struct io_uring_sqe *requests;
	char *order, *answers;

	if (ring < 0)
		setup_failed("io_uring_setup");
	order = mapped(ring, 4096, IORING_OFF_SQ_RING);
	answers = mapped(ring, 4096, IORING_OFF_CQ_RING);
	requests = mapped(ring, 4096, IORING_OFF_SQES);
	memset(requests, 0, sizeof(*requests));
	requests->opcode = IORING_OP_URING_CMD;
	requests->fd = opened(path, O_RDWR);
	requests->cmd_op = (uint32_t)strtoul(command, NULL, 0);
	*(uint32_t *)(order + parameters.sq_off.array) = 0;
	__atomic_store_n((uint32_t *)(order + parameters.sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		setup_failed("io_uring_enter");
	result = ((struct io_uring_cqe *)(answers + parameters.cq_off.cqes))->res;
	if (result >= 0)
		return 0;
	errno = -result;
	return -1;
}

static const struct {
	const char *verb;
	int (*act)(const char *path);
} verbs[] = {
	{"times", set_times},
	{"open-times", set_times_open},
	{"attribute", set_attribute},
	{"open-attribute", set_attribute_open},
	{"remove-attribute", remove_attribute},
	{"acl", set_acl},
	{"remove-acl", remove_acl},
	{"shorten", shorten},
	{"watch", watch},
	{"watch-mount", watch_mount},
};

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "ring"))
		attack_ends("ring", send_by_ring(argv[2], argv[3]));
	for (size_t i = 0; argc == 3 && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(argv[1], verbs[i].verb))
			attack_ends(argv[1], verbs[i].act(argv[2]));
	setup_failed("what to do? '%s'", argc > 1 ? argv[1] : "");
}

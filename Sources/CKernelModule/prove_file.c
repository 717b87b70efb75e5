/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The proof of the hooks that ask about what files have besides their bytes, and about what
 * io_uring does with them: see prove.c. All of it is done to files of this process alone.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "prove.h"

/* Owner, group and others may read and write: as linux/posix_acl_xattr.h has it. */
static const struct {
	uint32_t version;
	struct {
		uint16_t tag, permissions;
		uint32_t id;
	} entries[3];
} acl = {2, {{1, 6, UINT32_MAX}, {4, 6, UINT32_MAX}, {0x20, 6, UINT32_MAX}}};

/* Files in memory have no ACLs; the hook is asked before that is found out. */
static int change_acl(int fd)
{
	static const char name[] = "system.posix_acl_access";

	if (fsetxattr(fd, name, &acl, sizeof(acl), 0) && errno != EOPNOTSUPP)
		return errno;
	return fremovexattr(fd, name) && errno != EOPNOTSUPP && errno != ENODATA ? errno : 0;
}

/* Told of nothing: it is closed at once. */
static int watch_root(void)
{
	int watch = inotify_init1(IN_CLOEXEC), error = 0;

	if (watch < 0)
		return errno;
	if (inotify_add_watch(watch, "/", IN_DELETE_SELF) < 0)
		error = errno;
	close(watch);
	return error;
}

int moor_prove_extended(void)
{
	static const char name[] = "trusted.moor-proof";
	int fd = memfd_create("moor-proof", MFD_CLOEXEC), error = 0;

	if (fd < 0)
		return errno;
	if (futimens(fd, NULL) || fsetxattr(fd, name, "", 0, 0) || fremovexattr(fd, name) ||
	    ftruncate(fd, 0))
		error = errno;
	if (!error)
		error = change_acl(fd);
	close(fd);
	return error ?: watch_root();
}

/* Hands the kernel one request: the queue of requests and their order lie in two mappings. */
static int submit(int ring, const struct io_uring_params *parameters,
		  const struct io_uring_sqe *request)
{
	size_t order_size = parameters->sq_off.array + parameters->sq_entries * sizeof(uint32_t);
	size_t requests_size = parameters->sq_entries * sizeof(*request);
	char *order = mmap(NULL, order_size, PROT_READ | PROT_WRITE, MAP_SHARED, ring,
			   IORING_OFF_SQ_RING);
	struct io_uring_sqe *requests = mmap(NULL, requests_size, PROT_READ | PROT_WRITE,
					     MAP_SHARED, ring, IORING_OFF_SQES);
	int error = 0;

	if (order == MAP_FAILED || requests == MAP_FAILED) {
		error = errno;
	} else {
		requests[0] = *request;
		*(uint32_t *)(order + parameters->sq_off.array) = 0;
		__atomic_store_n((uint32_t *)(order + parameters->sq_off.tail), 1,
				 __ATOMIC_RELEASE);
		if (syscall(SYS_io_uring_enter, ring, 1, 0, 0, NULL, 0) != 1)
			error = errno ?: EPROTO;
	}
	if (order != MAP_FAILED)
		munmap(order, order_size);
	if (requests != MAP_FAILED)
		munmap(requests, requests_size);
	return error;
}

/* /dev/null takes every command, and does nothing. */
int moor_prove_ring(void)
{
	struct io_uring_params parameters = {0};
	struct io_uring_sqe request = {.opcode = IORING_OP_URING_CMD};
	int ring = (int)syscall(SYS_io_uring_setup, 1, &parameters), error;

	if (ring < 0)
		return errno;
	request.fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	error = request.fd < 0 ? errno : submit(ring, &parameters, &request);
	if (request.fd >= 0)
		close(request.fd);
	close(ring);
	return error;
}

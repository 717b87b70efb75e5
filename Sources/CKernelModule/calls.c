/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fsverity.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>

#include "CKernelModule.h"

int moor_ioctl(int fd, unsigned long request, void *argument)
{
	int result = ioctl(fd, request, argument);

	return result < 0 ? -errno : result;
}

int moor_open(const char *path, int flags, mode_t mode)
{
	int fd;

	do
		fd = open(path, flags | O_CLOEXEC, mode);
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : fd;
}

int moor_open_path(const char *path)
{
	return moor_open(path, O_PATH, 0);
}

int moor_measure_verity(int fd, uint8_t *digest, size_t size)
{
	union {
		struct fsverity_digest header;
		uint8_t room[sizeof(struct fsverity_digest) + 64];
	} answer = {.header.digest_size = 64};

	if (ioctl(fd, FS_IOC_MEASURE_VERITY, &answer))
		return -errno;
	if (answer.header.digest_size > size || answer.header.digest_size > 64)
		return -EOVERFLOW;
	memcpy(digest, answer.room + sizeof(answer.header), answer.header.digest_size);
	return answer.header.digest_size;
}

int moor_raise_memlock(void)
{
	const struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};

	return setrlimit(RLIMIT_MEMLOCK, &unlimited) ? -errno : 0;
}

const char *moor_errno_name(int error)
{
	const char *name = strerrorname_np(error);

	return name ? name : "";
}

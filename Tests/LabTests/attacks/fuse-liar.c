// SPDX-License-Identifier: Apache-2.0
// fuse-liar FOLDER TRUE FALSE: mounts a file system on FOLDER that has one file, `file`. Its bytes
// are those of the file TRUE when they are read from the start for the first time, and those of
// FALSE, which is of the same length, ever after. It serves until FOLDER is unmounted.
#include "attack.h"

#include <fcntl.h>
#include <linux/fuse.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define FILE_NODE   2
#define MESSAGE_MAX (1 << 20)

static char *contents[2]; /* what is true, and what is false */
static long size;
static int reads;
static int device;

static char *read_whole(const char *path)
{
	struct stat status;
	int descriptor = open(path, O_RDONLY | O_CLOEXEC);
	char *bytes;

	if (descriptor < 0 || fstat(descriptor, &status))
		setup_failed("%s", path);
	if (size && size != status.st_size)
		setup_failed("%s has another length", path);
	size = status.st_size;
	bytes = malloc(size);
	if (!bytes || read(descriptor, bytes, size) != size)
		setup_failed("reading %s", path);
	close(descriptor);
	return bytes;
}

static void answer(const struct fuse_in_header *request, int error, const void *data, size_t length)
{
	static char message[sizeof(struct fuse_out_header) + MESSAGE_MAX];
	struct fuse_out_header header = {
		.len = sizeof(header) + length,
		.error = -error,
		.unique = request->unique,
	};

	memcpy(message, &header, sizeof(header));
	if (length)
		memcpy(message + sizeof(header), data, length);
	if (write(device, message, header.len) < 0 && errno != ENOENT)
		setup_failed("answering request %u", request->opcode);
}

static struct fuse_attr attributes(uint64_t node)
{
	return (struct fuse_attr){
		.ino = node,
		.size = node == FILE_NODE ? size : 0,
		.mode = node == FILE_NODE ? S_IFREG | 0755 : S_IFDIR | 0755,
		.nlink = 1,
		.blksize = 4096,
	};
}

static void read_file(const struct fuse_in_header *request, const struct fuse_read_in *wanted)
{
	long offset = wanted->offset, length = wanted->size;

	if (offset >= size)
		length = 0;
	else if (length > size - offset)
		length = size - offset;
	if (length > MESSAGE_MAX)
		length = MESSAGE_MAX;
	if (!offset)
		reads++;
	answer(request, 0, contents[reads > 1] + offset, length);
}

static void serve(const struct fuse_in_header *request)
{
	const void *body = request + 1;
	struct fuse_init_out init = {
		.major = FUSE_KERNEL_VERSION,
		.minor = FUSE_KERNEL_MINOR_VERSION,
		.max_write = 1 << 17,
		.max_readahead = 1 << 17,
	};
	struct fuse_attr_out attr = {.attr = attributes(request->nodeid)};
	struct fuse_entry_out entry = {.nodeid = FILE_NODE, .attr = attributes(FILE_NODE)};
	/* Nothing is cached: each read comes here. */
	struct fuse_open_out opened = {.open_flags = FOPEN_DIRECT_IO};
	struct fuse_statfs_out status = {.st = {.bsize = 4096, .namelen = 255}};

	switch (request->opcode) {
	case FUSE_INIT:
		return answer(request, 0, &init, sizeof(init));
	case FUSE_LOOKUP:
		if (strcmp(body, "file"))
			return answer(request, ENOENT, NULL, 0);
		return answer(request, 0, &entry, sizeof(entry));
	case FUSE_GETATTR:
		return answer(request, 0, &attr, sizeof(attr));
	case FUSE_STATFS:
		return answer(request, 0, &status, sizeof(status));
	case FUSE_OPEN:
		return answer(request, 0, &opened, sizeof(opened));
	case FUSE_READ:
		return read_file(request, body);
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		return;
	case FUSE_FLUSH:
	case FUSE_RELEASE:
		return answer(request, 0, NULL, 0);
	default:
		return answer(request, ENOSYS, NULL, 0);
	}
}

int main(int argc, char **argv)
{
	static char request[MESSAGE_MAX + 4096];
	char options[128];

	if (argc != 4)
		setup_failed("usage: fuse-liar FOLDER TRUE FALSE");
	contents[0] = read_whole(argv[2]);
	contents[1] = read_whole(argv[3]);
	device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (device < 0)
		setup_failed("/dev/fuse");
	snprintf(options, sizeof(options), "fd=%d,rootmode=40755,user_id=0,group_id=0,allow_other",
		 device);
	if (mount("liar", argv[1], "fuse", 0, options))
		setup_failed("mounting on %s", argv[1]);
	for (;;) {
		ssize_t length = read(device, request, sizeof(request));

		if (length < 0 && errno == ENODEV)
			return 0;
		if (length < 0 && errno != EINTR && errno != ENOENT && errno != EAGAIN)
			setup_failed("reading a request");
		if (length > 0)
			serve((const struct fuse_in_header *)request);
	}
}

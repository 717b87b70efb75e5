// SPDX-License-Identifier: Apache-2.0
// flood mappings|devices COUNT FOLDER [USER]: has COUNT different things refused, so that each
// would be a record of its own. mappings: files in FOLDER that nobody lists are mapped executable;
// devices: nodes of /dev/kvm in FOLDER are opened, as USER. Ends with 0 when all of it was
// permitted, and with the last refusal's errno otherwise; what was refused is no set-up failure.
#include "attack.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static char path[256];

static const char *name(const char *folder, int number)
{
	snprintf(path, sizeof(path), "%s/%08d", folder, number);
	return path;
}

/* One file under many names: what is refused is never read. */
static int map_file(const char *folder, int number)
{
	char before[sizeof(path)];
	void *memory;
	int descriptor, error;

	if (number)
		strcpy(before, name(folder, number - 1));
	if (number && rename(before, name(folder, number)))
		setup_failed("%s", path);
	descriptor = open(name(folder, number), O_RDONLY | (number ? 0 : O_CREAT), 0700);
	if (descriptor < 0)
		setup_failed("%s", path);
	memory = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, descriptor, 0);
	error = memory == MAP_FAILED ? errno : 0;
	if (!error)
		munmap(memory, 4096);
	close(descriptor);
	return error;
}

static void make_devices(int count, const char *folder)
{
	for (int i = 0; i < count; i++) {
		if (mknod(name(folder, i), S_IFCHR | 0666, makedev(10, 232)) || chmod(path, 0666))
			setup_failed("%s", path);
	}
}

static int open_device(const char *folder, int number)
{
	int descriptor = open(name(folder, number), O_RDWR);

	if (descriptor < 0)
		return errno;
	close(descriptor);
	return 0;
}

int main(int argc, char **argv)
{
	int count = argc > 3 ? atoi(argv[2]) : 0, error = 0, now, devices;

	if (count <= 0 || strlen(argv[3]) > 200)
		setup_failed("usage: flood mappings|devices COUNT FOLDER [USER]");
	devices = !strcmp(argv[1], "devices");
	if (devices)
		make_devices(count, argv[3]);
	if (argc > 4 && setuid((uid_t)atoi(argv[4])))
		setup_failed("setuid");
	for (int i = 0; i < count; i++) {
		now = devices ? open_device(argv[3], i) : map_file(argv[3], i);
		error = now ? now : error;
	}
	errno = error;
	attack_ends("flood", error ? -1 : 0);
}

// SPDX-License-Identifier: Apache-2.0
/*
 * command COUNT FILE COMMAND: what sending one ioctl command over and over costs, as `ioctl N`.
 * command COUNT kvm: the same of KVM_RUN to a processor that comes back at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "measure.h"

static int file;
static unsigned int command;
static int expected; /* errno of it, or 0 */
static char room[4096];
static void *argument = room;

static void fail(const char *what)
{
	fprintf(stderr, "command: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void send_command(const char *path)
{
	int error = ioctl(file, command, argument) < 0 ? errno : 0;

	(void)path;
	if (error != expected)
		fail("ioctl");
}

static void make_processor(void)
{
	int kvm = open("/dev/kvm", O_RDWR);
	int vm = ioctl(kvm, KVM_CREATE_VM, 0);
	int size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	struct kvm_run *run;

	file = ioctl(vm, KVM_CREATE_VCPU, 0);
	if (file < 0 || size < (int)sizeof(*run))
		fail("a processor of KVM");
	run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (run == MAP_FAILED)
		fail("mmap");
	run->immediate_exit = 1;
	command = KVM_RUN;
	argument = NULL;
	expected = EINTR;
}

int main(int argc, char **argv)
{
	int count;

	if (argc < 3 || argc > 4 || (count = atoi(argv[1])) < 1)
		return 2;
	if (argc == 3) {
		make_processor();
	} else {
		file = open(argv[2], O_RDONLY);
		command = (unsigned int)strtoul(argv[3], NULL, 0);
		if (file < 0)
			fail(argv[2]);
	}
	printf("ioctl %.1f\n", bench_median(send_command, NULL, count));
	return 0;
}

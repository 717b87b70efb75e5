// SPDX-License-Identifier: Apache-2.0
// other-kernel load|load-file|unload|snapshot: brings another kernel, or another time of this one,
// past the measured boot. load: a page of code by kexec_load; load-file: the kernel's own image
// from its file; unload takes either back; snapshot: begins the hibernation of user space's choice.
#include "attack.h"

#include <fcntl.h>
#include <linux/kexec.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

/* Where nothing of the running kernel has to be kept. */
#define ENTRY 0x1000000UL

static void load(void)
{
	static unsigned char code[4096] = {0xfa, 0xf4}; /* cli; hlt */
	struct kexec_segment segment = {code, sizeof(code), (void *)ENTRY, sizeof(code)};

	attack_ends("kexec_load", syscall(SYS_kexec_load, ENTRY, 1, &segment, KEXEC_ARCH_DEFAULT));
}

/* The one that runs: the lab's image has it, initrd and all. */
static int kernel_image(void)
{
	struct utsname system;
	char name[sizeof(system.release) + 16];
	int descriptor;

	uname(&system);
	snprintf(name, sizeof(name), "/boot/vmlinuz-%s", system.release);
	descriptor = open(name, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0)
		setup_failed("%s", name);
	return descriptor;
}

static void load_file(void)
{
	attack_ends("kexec_file_load", syscall(SYS_kexec_file_load, kernel_image(), -1, 1UL, "",
					       KEXEC_FILE_NO_INITRAMFS));
}

static void unload(void)
{
	attack_ends("kexec_load of nothing",
		    syscall(SYS_kexec_load, 0UL, 0UL, NULL, KEXEC_ARCH_DEFAULT));
}

static void snapshot(void)
{
	attack_ends("snapshot", open("/dev/snapshot", O_RDONLY | O_CLOEXEC));
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "load"))
		load();
	if (argc == 2 && !strcmp(argv[1], "load-file"))
		load_file();
	if (argc == 2 && !strcmp(argv[1], "unload"))
		unload();
	if (argc == 2 && !strcmp(argv[1], "snapshot"))
		snapshot();
	setup_failed("usage: other-kernel load|load-file|unload|snapshot");
}

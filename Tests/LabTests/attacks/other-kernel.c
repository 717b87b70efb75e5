// SPDX-License-Identifier: Apache-2.0
// other-kernel load|load-file|unload|snapshot: brings another kernel, or another time of this one,
// past the measured boot. load: a page of code by kexec_load; load-file: the same as a kernel image
// read from a file; unload takes either back; snapshot: begins the hibernation of user space's
// choice.
#include "attack.h"

#include <fcntl.h>
#include <linux/kexec.h>
#include <stdint.h>
#include <sys/syscall.h>

/* Where nothing of the running kernel has to be kept. */
#define ENTRY 0x1000000UL

static void load(void)
{
	static unsigned char code[4096] = {0xfa, 0xf4}; /* cli; hlt */
	struct kexec_segment segment = {code, sizeof(code), (void *)ENTRY, sizeof(code)};

	attack_ends("kexec_load", syscall(SYS_kexec_load, ENTRY, 1, &segment, KEXEC_ARCH_DEFAULT));
}

static void put(unsigned char *at, uint64_t value, int bytes)
{
	memcpy(at, &value, (size_t)bytes);
}

/* As much of a kernel image as the loader looks at (Documentation/arch/x86/boot.rst). */
static int kernel_image(void)
{
	static unsigned char image[64 << 10];
	char name[] = "/tmp/kernel-XXXXXX";
	int descriptor;

	image[0x1f1] = 1;		      /* setup_sects */
	put(image + 0x1fe, 0xaa55, 2);	      /* boot_flag */
	put(image + 0x200, 0x66eb, 2);	      /* jump */
	memcpy(image + 0x202, "HdrS", 4);     /* header */
	put(image + 0x206, 0x020f, 2);	      /* version */
	image[0x211] = 1;		      /* loadflags: LOADED_HIGH */
	put(image + 0x22c, 0x7fffffff, 4);    /* initrd_addr_max */
	put(image + 0x230, 0x200000, 4);      /* kernel_alignment */
	image[0x234] = 1;		      /* relocatable_kernel */
	put(image + 0x236, 3, 2);	      /* xloadflags: KERNEL_64, CAN_BE_LOADED_ABOVE_4G */
	put(image + 0x238, 255, 4);	      /* cmdline_size */
	put(image + 0x258, ENTRY, 8);	      /* pref_address */
	put(image + 0x260, sizeof(image), 4); /* init_size */
	descriptor = mkstemp(name);
	if (descriptor < 0 || write(descriptor, image, sizeof(image)) != sizeof(image))
		setup_failed("%s", name);
	/* The kernel wants one that nobody writes. */
	close(descriptor);
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

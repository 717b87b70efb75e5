// SPDX-License-Identifier: Apache-2.0
#include "steps.h"
#include "../parts.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "CKernelModule.h"

uint64_t attach_cookie;
uint32_t attach_hooks;
static int device = -1;

#define HEADER(type)                                                                               \
	{                                                                                          \
		.header = {.size = sizeof(type), .version = MOOR_ABI_VERSION }                     \
	}

int device_call(unsigned long command, void *argument)
{
	return ioctl(device, command, argument) ? errno : 0;
}

int step_open(const struct words *words)
{
	(void)words;
	device = open(MOOR_DEVICE_PATH, O_RDWR | O_CLOEXEC);
	return device < 0 ? errno : 0;
}

int step_close(const struct words *words)
{
	(void)words;
	return close(device) ? errno : 0;
}

/* inherit:FD: the device comes from whoever started us; without FD, the next program gets ours. */
int step_inherit(const struct words *words)
{
	if (words->count > 1)
		device = (int)number_word(words, 1, 0);
	return fcntl(device, F_SETFD, 0) ? errno : 0;
}

/* begin[:all]: without the hooks of access rules, or with them. */
int step_begin(const struct words *words)
{
	struct moor_attach_begin argument = HEADER(struct moor_attach_begin);
	int error;

	with_access = words->count > 1;
	argument.flags = with_access ? MOOR_ATTACH_ACCESS : 0;
	error = device_call(MOOR_IOC_ATTACH_BEGIN, &argument);
	if (error)
		return error;
	attach_cookie = argument.cookie;
	attach_hooks = argument.hook_count;
	printf("hooks %u\n", attach_hooks);
	return 0;
}

static void print_hooks(const char *what, const __u64 *words)
{
	int i;

	for (i = 0; i < 64 * MOOR_HOOK_WORDS; i++)
		if (words[i / 64] >> i % 64 & 1)
			printf("%s %s\n", what, i < known_hook_count ? known_hooks[i].name : "?");
}

static int arm_once(struct moor_arm *argument)
{
	*argument = (struct moor_arm)HEADER(struct moor_arm);
	return device_call(MOOR_IOC_ARM, argument);
}

/*
 * arm[:TRIES]: triggers the hooks and arms, again while some are unproven: the
 * last of them, task_free, comes after a grace period. arm:0 arms without proof.
 */
int step_arm(const struct words *words)
{
	uint64_t tries = number_word(words, 1, 50);
	struct moor_arm argument;
	int error;

	if (!tries)
		error = arm_once(&argument);
	for (; tries; tries--) {
		step_prove(words);
		error = arm_once(&argument);
		if (error != EPROTO)
			break;
		usleep(40000);
	}
	if (error) {
		print_hooks("missing", argument.missing);
		print_hooks("unproven", argument.unproven);
	}
	return error;
}

int step_prove(const struct words *words)
{
	int errors[MOOR_PROVE_STEPS];

	(void)words;
	moor_prove(errors, with_access);
	return 0;
}

/* release, cap, lock, trust-abort */
int step_simple(const struct words *words)
{
	struct moor_simple argument = HEADER(struct moor_simple);
	const char *name = words->word[0];
	unsigned long command = !strcmp(name, "release") ? MOOR_IOC_RELEASE
				: !strcmp(name, "cap")	 ? MOOR_IOC_CAP
				: !strcmp(name, "lock")	 ? MOOR_IOC_LOCK
							 : MOOR_IOC_TRUST_ABORT;

	return device_call(command, &argument);
}

int step_bind(const struct words *words)
{
	struct moor_bind argument = HEADER(struct moor_bind);

	if (words->count > 1)
		snprintf(argument.vm, sizeof(argument.vm), "%s", words->word[1]);
	return device_call(MOOR_IOC_BIND, &argument);
}

/* gate:MAJOR:FIRST:LAST */
int step_gate(const struct words *words)
{
	struct moor_gate argument = HEADER(struct moor_gate);

	argument.major = (uint32_t)number_word(words, 1, 0);
	argument.minor_first = (uint32_t)number_word(words, 2, 0);
	argument.minor_last = (uint32_t)number_word(words, 3, argument.minor_first);
	return device_call(MOOR_IOC_GATE, &argument);
}

/* snapshot[:FIRST[:ROOM]] */
int step_snapshot(const struct words *words)
{
	struct moor_snapshot argument = HEADER(struct moor_snapshot);
	void *buffer;
	int error;

	argument.first_record = number_word(words, 1, 0);
	argument.buffer_size = (uint32_t)number_word(words, 2, 1 << 20);
	buffer = malloc(argument.buffer_size + 1UL);
	if (!buffer)
		setup_failed("no memory");
	argument.buffer = (uintptr_t)buffer;
	error = device_call(MOOR_IOC_SNAPSHOT, &argument);
	if (!error)
		printf("records %llu pending %llu pcr %u banks %u bytes %u\n",
		       argument.record_count, argument.pending_count, argument.pcr,
		       argument.bank_count, argument.log_bytes);
	if (error == ENOSPC)
		printf("needed %u\n", argument.log_bytes);
	free(buffer);
	return error;
}

/* hand-descriptor:FILE|closed|device: what is no link at all */
int step_hand_descriptor(const struct words *words)
{
	struct moor_attach argument = HEADER(struct moor_attach);
	const char *what = words->count > 1 ? words->word[1] : "closed";

	argument.link_fd = 987;
	if (!strcmp(what, "device"))
		argument.link_fd = device;
	else if (strcmp(what, "closed")) {
		argument.link_fd = open(what, O_RDONLY | O_CLOEXEC);
		if (argument.link_fd < 0)
			setup_failed("%s", what);
	}
	return device_call(MOOR_IOC_ATTACH, &argument);
}

/* The steps that follow are a child's; the parent ends as the child does. */
int step_fork(const struct words *words)
{
	pid_t child = fork();
	int status;

	(void)words;
	if (child < 0)
		setup_failed("fork");
	if (!child)
		return 0;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

/* Takes CAP_MAC_ADMIN from this task, and with it gives it new credentials. */
int step_drop_capability(const struct words *words)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];
	const uint32_t bit = 1U << (CAP_MAC_ADMIN - 32);

	(void)words;
	if (syscall(SYS_capget, &header, data))
		setup_failed("capget");
	data[1].effective &= ~bit;
	data[1].permitted &= ~bit;
	return syscall(SYS_capset, &header, data) ? errno : 0;
}

/* pause:FILE: makes FILE, so that others know, and goes on when it is gone. */
int step_pause(const struct words *words)
{
	const char *file = words->count > 1 ? words->word[1] : "";

	stay_while(file);
	return 0;
}

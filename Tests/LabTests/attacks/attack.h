/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How every attack program tells its outcome: exit code 0 and "succeeded" when the attack did what
 * it wanted, the errno as exit code and its name when the kernel refused, 200 when the attack could
 * not even be set up. A case asserts the exact code, so a set-up failure never passes for a
 * refusal.
 */
#ifndef ATTACK_H
#define ATTACK_H

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ATTACK_SETUP_FAILED 200

/* Ends with what the attack's decisive call gave: result < 0 means errno holds the refusal. */
static inline _Noreturn void attack_ends(const char *what, long result)
{
	int error = errno;

	if (result >= 0) {
		printf("%s: succeeded\n", what);
		fflush(stdout);
		_exit(0);
	}
	printf("%s: refused with %s\n", what, strerrorname_np(error));
	fflush(stdout);
	_exit(error);
}

/* Ends because a step before the decisive call failed. */
__attribute__((format(printf, 1, 2))) static inline _Noreturn void setup_failed(const char *format,
										...)
{
	int error = errno;
	va_list arguments;

	va_start(arguments, format);
	fputs("set-up failed: ", stdout);
	vprintf(format, arguments);
	va_end(arguments);
	printf(": %s\n", strerror(error));
	fflush(stdout);
	_exit(ATTACK_SETUP_FAILED);
}

#endif

// SPDX-License-Identifier: GPL-2.0-only
/* Runs all unit tests; exit code 1 when one of them failed. */
#include "test.h"

#include <stdarg.h>
#include <stdio.h>

static char name[128];
static char why[512];
static unsigned int passed, failed;

void test_begin(const char *format, ...)
{
	va_list arguments;
	char *at;

	va_start(arguments, format);
	vsnprintf(name, sizeof(name), format, arguments);
	va_end(arguments);
	for (at = name; *at; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
	why[0] = '\0';
}

void test_fail(const char *file, int line, const char *format, ...)
{
	va_list arguments;
	int used;

	if (why[0])
		return;
	used = snprintf(why, sizeof(why), "%s:%d: ", file, line);
	va_start(arguments, format);
	vsnprintf(why + used, sizeof(why) - (size_t)used, format, arguments);
	va_end(arguments);
}

void test_end(void)
{
	if (why[0]) {
		printf("not ok %s: %s\n", name, why);
		failed++;
	} else {
		printf("ok %s\n", name);
		passed++;
	}
	fflush(stdout);
}

int main(void)
{
	trust_check_tests();
	access_check_tests();
	access_tests();
	access_network_tests();
	access_rules_tests();
	trust_create_tests();
	trust_tests();
	event_tests();
	record_tests();
	decide_exec_tests();
	decide_tests();
	decide_property_tests();
	budget_tests();
	log_tests();
	log_failure_tests();
	dfa_check_tests();
	dfa_tests();
	printf("# %u passed, %u failed\n", passed, failed);
	return failed ? 1 : 0;
}

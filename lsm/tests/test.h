/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * As much of a test harness as is needed here: named tests, checks that say
 * what they saw, one line a test.
 */
#ifndef MOOR_TEST_H
#define MOOR_TEST_H

#include <stdbool.h>

/* Every check between the two belongs to the test of that name. */
void test_begin(const char *format, ...) __attribute__((format(printf, 1, 2)));
void test_end(void);

/* The first failure of a test is kept and printed. */
void test_fail(const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			test_fail(__FILE__, __LINE__, "%s", #condition);                           \
	} while (0)

#define CHECK_EQUAL(found, expected)                                                               \
	do {                                                                                       \
		long long found_ = (long long)(found);                                             \
		long long expected_ = (long long)(expected);                                       \
		if (found_ != expected_)                                                           \
			test_fail(__FILE__, __LINE__, "%s is %lld, not %lld", #found, found_,      \
				  expected_);                                                      \
	} while (0)

/* One for each file of tests. */
void trust_check_tests(void);
void trust_create_tests(void);
void trust_tests(void);
void event_tests(void);
void record_tests(void);
void decide_tests(void);
void decide_exec_tests(void);
void decide_property_tests(void);
void budget_tests(void);
void log_tests(void);
void log_failure_tests(void);
void access_check_tests(void);
void access_tests(void);
void access_network_tests(void);
void access_rules_tests(void);
void dfa_check_tests(void);
void dfa_tests(void);

#endif /* MOOR_TEST_H */

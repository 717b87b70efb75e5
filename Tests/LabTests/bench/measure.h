/* SPDX-License-Identifier: Apache-2.0 */
/* How often something is done before its cost is a figure: the median of nine means, as now and
 * then the kernel has something else to do that costs more than a thousand system calls. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdlib.h>

#include "clock.h"

#define BENCH_WARM_UP 64
#define BENCH_PARTS   9

typedef void bench_act(const char *object);

static inline double bench_mean(bench_act *act, const char *object, int count)
{
	unsigned long before = bench_now();
	int i;

	for (i = 0; i < count; i++)
		act(object);
	return (double)(bench_now() - before) / count;
}

static inline int bench_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Nanoseconds that @act takes, done about @count times, after some that do not count. */
static inline double bench_median(bench_act *act, const char *object, int count)
{
	double means[BENCH_PARTS];
	int i;

	bench_mean(act, object, BENCH_WARM_UP);
	for (i = 0; i < BENCH_PARTS; i++)
		means[i] = bench_mean(act, object, count / BENCH_PARTS + 1);
	qsort(means, BENCH_PARTS, sizeof(means[0]), bench_compare);
	return means[BENCH_PARTS / 2];
}

#endif

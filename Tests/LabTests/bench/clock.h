/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bench's clock. In a guest with --icount it counts instructions. Always the
 * system call, never the vDSO: a program without a C library has only that, and
 * both ends of a measurement must cost the same.
 */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

#include <asm/unistd.h>
#include <linux/time_types.h>

static inline long bench_call6(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

static inline long bench_call3(long number, long a, long b, long c)
{
	return bench_call6(number, a, b, c, 0, 0, 0);
}

/* Nanoseconds of CLOCK_MONOTONIC. */
static inline unsigned long bench_now(void)
{
	struct __kernel_timespec now;

	bench_call3(__NR_clock_gettime, 1, (long)&now, 0);
	return (unsigned long)now.tv_sec * 1000000000UL + (unsigned long)now.tv_nsec;
}

#endif

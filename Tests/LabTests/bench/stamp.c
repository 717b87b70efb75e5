// SPDX-License-Identifier: Apache-2.0
/*
 * stamp [FILE...]: the program whose start is measured. It has no C library, so
 * that its first instruction is ours and a secure exec costs nothing in user
 * space. It writes, as 8-byte numbers, when it began, and for each FILE what
 * cost: open and close, the first executable mapping of it, and a later one
 * (the mean of eight).
 */
#include <linux/fcntl.h>
#include <linux/mman.h>

#include "clock.h"

#define REPEATS	 8
#define FILES	 24
#define PAGE	 4096
#define MAP_BASE 3 /* numbers a file */

static void quit(int code)
{
	bench_call3(__NR_exit_group, code, 0, 0);
	__builtin_unreachable();
}

static long checked(long result)
{
	if (result < 0 && result > -4096)
		quit((int)-result);
	return result;
}

static long open_file(const char *path)
{
	return bench_call3(__NR_open, (long)path, O_RDONLY | O_CLOEXEC, 0);
}

/* What one executable mapping costs, without its removal. */
static unsigned long map_once(long file)
{
	unsigned long before = bench_now();
	long at = bench_call6(__NR_mmap, 0, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0);
	unsigned long cost = bench_now() - before;

	checked(at);
	checked(bench_call3(__NR_munmap, at, PAGE, 0));
	return cost;
}

static void measure_file(const char *path, unsigned long costs[MAP_BASE])
{
	unsigned long before = bench_now();
	long file = checked(open_file(path));
	int i;

	bench_call3(__NR_close, file, 0, 0);
	costs[0] = bench_now() - before;
	file = checked(open_file(path));
	costs[1] = map_once(file);
	costs[2] = 0;
	for (i = 0; i < REPEATS; i++)
		costs[2] += map_once(file);
	costs[2] /= REPEATS;
}

__attribute__((used)) void bench_main(const long *stack)
{
	unsigned long numbers[1 + MAP_BASE * FILES];
	long arguments = stack[0];
	long i;

	numbers[0] = bench_now();
	if (arguments > FILES + 1)
		quit(200);
	for (i = 1; i < arguments; i++)
		measure_file((const char *)stack[i + 1], numbers + 1 + MAP_BASE * (i - 1));
	i = (1 + MAP_BASE * (arguments - 1)) * (long)sizeof(numbers[0]);
	quit(bench_call3(__NR_write, 1, (long)numbers, i) == i ? 0 : 201);
}

__asm__(".globl _start\n"
	"_start:\n"
	"	mov %rsp, %rdi\n"
	"	and $-16, %rsp\n"
	"	call bench_main\n");

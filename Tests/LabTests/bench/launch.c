// SPDX-License-Identifier: Apache-2.0
/*
 * launch RUNS GUARDED UNGUARDED [FILE...]: starts two programs in turn, the first
 * as a VM of its own, the second just so; `-` leaves one out. Both are copies of
 * stamp. Prints a line for each number that they give:
 *
 *   COLUMN guarded MEAN unguarded MEAN difference MEAN error STANDARD-ERROR
 *
 * The first column is the way from just before execve to the program's first
 * instruction. What a program leaves to be done after its end happens before the
 * next one starts. Warm-up runs, not counted: 3, none when RUNS is 1.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <moor.h>

#include "clock.h"

#define COLUMNS	  80
#define NAMES	  64	/* of VMs, used in turn: the last one of a name has ended */
#define SETTLE_US 20000 /* some ticks, for what runs after a grace period */

struct sum {
	double total;
	double squares;
};

static unsigned long *before_exec; /* shared with the child */
static int vm_number;

static void fail(const char *what)
{
	fprintf(stderr, "launch: %s: %s\n", what, strerror(errno));
	exit(1);
}

/*
 * Binds the VM, through a descriptor that is good for this process alone. Without
 * a VM the same is done to a device that refuses it, so that both children come to
 * the exec with the same memory to be given back.
 */
static void bind_vm(int guarded)
{
	int device = open(guarded ? MOOR_DEVICE_PATH : "/dev/null", O_RDWR | O_CLOEXEC);
	struct moor_bind argument = {.header = {sizeof(argument), MOOR_ABI_VERSION}};

	snprintf(argument.vm, sizeof(argument.vm), "bench-%d", vm_number % NAMES);
	if (device < 0 || (ioctl(device, MOOR_IOC_BIND, &argument) && guarded))
		_exit(errno);
	close(device);
}

static void child(char *const arguments[], int guarded, int output)
{
	char *environment[] = {NULL};

	if (dup2(output, 1) < 0)
		_exit(203);
	bind_vm(guarded);
	*before_exec = bench_now();
	execve(arguments[0], arguments, environment);
	_exit(errno);
}

/* Starts a program and reads its numbers; gives how many there are. */
static int run(char *const arguments[], int guarded, unsigned long numbers[COLUMNS])
{
	ssize_t got;
	int ends[2];
	int status;
	pid_t pid;

	vm_number += guarded;
	if (pipe2(ends, O_CLOEXEC))
		fail("pipe");
	pid = fork();
	if (pid < 0)
		fail("fork");
	if (!pid)
		child(arguments, guarded, ends[1]);
	close(ends[1]);
	got = read(ends[0], numbers, COLUMNS * sizeof(numbers[0]));
	close(ends[0]);
	if (waitpid(pid, &status, 0) != pid)
		fail("waitpid");
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		errno = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
		fail(arguments[0]);
	}
	if (got < (ssize_t)sizeof(numbers[0]) || got % sizeof(numbers[0])) {
		errno = EIO;
		fail("the program's numbers");
	}
	numbers[0] -= *before_exec;
	usleep(SETTLE_US);
	return got / sizeof(numbers[0]);
}

static void add(struct sum *sum, double value)
{
	sum->total += value;
	sum->squares += value * value;
}

static double mean(const struct sum *sum, int runs)
{
	return sum->total / runs;
}

static double standard_error(const struct sum *sum, int runs)
{
	double average = mean(sum, runs);
	double variance = sum->squares / runs - average * average;

	return variance > 0 ? sqrt(variance / runs) : 0;
}

int main(int argc, char **argv)
{
	struct sum sums[COLUMNS][3] = {0};
	unsigned long numbers[2][COLUMNS] = {0};
	char *programs[2];
	int columns = 0, runs, wanted[2], i, turn, side, column;

	if (argc < 4 || (runs = atoi(argv[1])) < 1)
		return 2;
	before_exec = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (before_exec == MAP_FAILED)
		fail("mmap");
	for (side = 0; side < 2; side++) {
		programs[side] = argv[2 + side];
		wanted[side] = strcmp(programs[side], "-") != 0;
	}
	for (i = runs == 1 ? 0 : -3; i < runs; i++) {
		for (turn = 0; turn < 2; turn++) {
			/* A B B A: neither side always comes after the other. */
			side = turn ^ (i & 1);
			if (!wanted[side])
				continue;
			argv[3] = programs[side];
			columns = run(argv + 3, side == 0, numbers[side]);
		}
		for (column = 0; i >= 0 && column < columns; column++) {
			add(&sums[column][0], numbers[0][column]);
			add(&sums[column][1], numbers[1][column]);
			add(&sums[column][2],
			    (double)numbers[0][column] - (double)numbers[1][column]);
		}
	}
	for (column = 0; column < columns; column++)
		printf("%d guarded %.0f unguarded %.0f difference %.0f error %.0f\n", column,
		       mean(&sums[column][0], runs), mean(&sums[column][1], runs),
		       mean(&sums[column][2], runs), standard_error(&sums[column][2], runs));
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
// at-once PROGRAM...: starts every PROGRAM on every CPU, on all CPUs at the same instant, each as a
// VM of its own. In the same instant different programs start on different CPUs, and the same again
// with the programs exchanged. Each must end with 0. Says how many were started.
#include "bind.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>

static long cpus;
static int *arrived; /* shared: how many have come to the barrier, ever */

/* All CPUs leave this together. */
static void meet(int round)
{
	__atomic_add_fetch(arrived, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(arrived, __ATOMIC_SEQ_CST) < (round + 1) * cpus)
		;
}

static void pin(long cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		setup_failed("CPU %ld", cpu);
}

/* Returns how many of its starts did not end with 0. */
static int run(long cpu, char **programs, int count)
{
	char vm[48];
	int failed = 0, status;

	pin(cpu);
	for (int round = 0; round < count; round++) {
		char *program = programs[round - round % cpus + (round + cpu) % cpus];
		pid_t child = fork();

		if (child < 0)
			setup_failed("fork");
		if (child == 0) {
			snprintf(vm, sizeof(vm), "vm-%d-%ld", round, cpu);
			bind_vm(vm);
			meet(round);
			execl(program, program, NULL);
			_exit(errno);
		}
		if (waitpid(child, &status, 0) != child)
			setup_failed("waitpid");
		if (status) {
			printf("%s as %s: status %d\n", program, vm, status);
			failed++;
		}
	}
	return failed;
}

int main(int argc, char **argv)
{
	int failed = 0, status;

	setvbuf(stdout, NULL, _IOLBF, 0);
	cpus = sysconf(_SC_NPROCESSORS_ONLN);
	arrived = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (cpus < 2 || argc < 2 || (argc - 1) % cpus || arrived == MAP_FAILED)
		setup_failed("%ld CPUs, %d programs: at least two, and a multiple", cpus, argc - 1);
	for (long cpu = 0; cpu < cpus; cpu++) {
		pid_t worker = fork();

		if (worker < 0)
			setup_failed("fork");
		if (worker == 0)
			_exit(run(cpu, argv + 1, argc - 1) > 0);
	}
	for (long cpu = 0; cpu < cpus; cpu++)
		if (wait(&status) < 0 || status)
			failed = 1;
	printf("%ld starts\n", cpus * (argc - 1));
	return failed;
}

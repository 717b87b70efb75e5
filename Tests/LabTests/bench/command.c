// SPDX-License-Identifier: Apache-2.0
/*
 * command FILE COMMAND COUNT: what sending one ioctl command over and over costs, as
 * `ioctl N`: the median of nine means.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "clock.h"

#define PARTS 9

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	double means[PARTS];
	static char room[4096];
	unsigned int command;
	int file, count, i;

	if (argc != 4 || (count = atoi(argv[3])) < 1)
		return 2;
	file = open(argv[1], O_RDONLY);
	command = (unsigned int)strtoul(argv[2], NULL, 0);
	if (file < 0 || ioctl(file, command, room) < 0)
		return 1;
	for (int part = 0; part < PARTS; part++) {
		unsigned long before = bench_now();

		for (i = 0; i < count; i++)
			ioctl(file, command, room);
		means[part] = (double)(bench_now() - before) / count;
	}
	qsort(means, PARTS, sizeof(means[0]), compare);
	printf("ioctl %.1f\n", means[PARTS / 2]);
	return 0;
}

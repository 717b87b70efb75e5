// SPDX-License-Identifier: Apache-2.0
/*
 * each PREFIX COUNT [BURST]: opens the files PREFIX0 to PREFIX(COUNT - 1) once each, and prints
 * `each N`, the nanoseconds for one. With BURST so many at once, every hundredth of a second.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"

int main(int argc, char **argv)
{
	const struct timespec pause = {.tv_nsec = 10000000};
	unsigned long before;
	int count, burst, i;
	char path[256];

	if (argc < 3 || (count = atoi(argv[2])) < 1)
		return 2;
	burst = argc > 3 ? atoi(argv[3]) : count;
	before = bench_now();
	for (i = 0; i < count; i++) {
		int file;

		snprintf(path, sizeof(path), "%s%d", argv[1], i);
		file = open(path, O_RDONLY);
		if (file < 0 || close(file)) {
			fprintf(stderr, "each: %s: %s\n", path, strerror(errno));
			return 1;
		}
		if (burst && i % burst == burst - 1 && burst < count)
			nanosleep(&pause, NULL);
	}
	printf("each %.1f\n", (double)(bench_now() - before) / count);
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
/*
 * paths COUNT REFUSED FILE MANY DEEP MANY-DEEP: what a program pays for paths under some rules.
 *
 * FILE and DEEP, the same further down, are files; MANY and MANY-DEEP begin the names of as many
 * files as are opened in turn: more than anybody would keep in mind. REFUSED is a file that rules
 * do not allow to be read, and that must be refused so that it is known that there are some; `-`:
 * none. Prints `open-close N`, `stat N`, `open-close-in-turn N`, and the same with `deep-` before
 * it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "measure.h"

#define FILES 256

static char names[FILES][256];
static unsigned int next;

static void fail(const char *what)
{
	fprintf(stderr, "paths: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void open_close(const char *path)
{
	int file = open(path, O_RDONLY);

	if (file < 0 || close(file))
		fail(path);
}

static void stat_file(const char *path)
{
	struct stat status;

	if (stat(path, &status))
		fail(path);
}

static void open_next(const char *path)
{
	(void)path;
	open_close(names[next++ % FILES]);
}

static void measure(const char *kind, const char *file, const char *many, int count)
{
	int i;

	for (i = 0; i < FILES; i++)
		snprintf(names[i], sizeof(names[i]), "%s%d", many, i);
	printf("%sopen-close %.1f\n", kind, bench_median(open_close, file, count));
	printf("%sstat %.1f\n", kind, bench_median(stat_file, file, count));
	bench_mean(open_next, NULL, FILES);
	/* Each part goes over all files. */
	printf("%sopen-close-in-turn %.1f\n", kind,
	       bench_median(open_next, NULL, BENCH_PARTS * FILES));
}

int main(int argc, char **argv)
{
	int count;

	if (argc != 7 || (count = atoi(argv[1])) < 1)
		return 2;
	if (strcmp(argv[2], "-") &&
	    (open(argv[2], O_RDONLY) >= 0 || (errno != EACCES && errno != EPERM))) {
		fprintf(stderr, "paths: no rules: %s is not refused\n", argv[2]);
		return 1;
	}
	measure("", argv[3], argv[4], count);
	measure("deep-", argv[5], argv[6], count);
	return 0;
}

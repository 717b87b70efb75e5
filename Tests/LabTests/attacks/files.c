// SPDX-License-Identifier: Apache-2.0
// files VERB PATH [PATH]: one thing done with a path.
//   read|write|append|cut PATH   opens it so
//   create|mkdir|fifo|node PATH  makes a file, a folder, a pipe, a node of /dev/null
//   remove|rmdir PATH
//   truncate|chmod|chown|lock PATH
//   map PATH                     maps it executable
//   exec PATH ARGS...
//   link|symlink|rename OLD NEW
//   each VERB PATH...            the verb with every path; ends with the number of refusals, at
//   most 199
#include "attack.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static int closed(int descriptor)
{
	return descriptor < 0 ? -1 : close(descriptor);
}

static int read_file(const char *path)
{
	return closed(open(path, O_RDONLY | O_CLOEXEC));
}

static int write_file(const char *path)
{
	return closed(open(path, O_WRONLY | O_CLOEXEC));
}

static int append_file(const char *path)
{
	return closed(open(path, O_WRONLY | O_APPEND | O_CLOEXEC));
}

/* Also who opens for reading may cut. */
static int cut_file(const char *path)
{
	return closed(open(path, O_RDONLY | O_TRUNC | O_CLOEXEC));
}

static int create_file(const char *path)
{
	return closed(open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
}

static int make_folder(const char *path)
{
	return mkdir(path, 0700);
}

static int make_pipe(const char *path)
{
	return mkfifo(path, 0600);
}

static int make_node(const char *path)
{
	return mknod(path, S_IFCHR | 0600, makedev(1, 3));
}

static int cut_by_path(const char *path)
{
	return truncate(path, 0);
}

static int change_mode(const char *path)
{
	return chmod(path, 0600);
}

static int change_owner(const char *path)
{
	return chown(path, 0, 0);
}

static int lock_file(const char *path)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC);

	if (descriptor < 0)
		setup_failed("%s", path);
	return flock(descriptor, LOCK_SH | LOCK_NB);
}

static int map_file(const char *path)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC);

	if (descriptor < 0)
		setup_failed("%s", path);
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, descriptor, 0) == MAP_FAILED
		       ? -1
		       : 0;
}

static const struct {
	const char *verb;
	int (*act)(const char *path);
} ones[] = {
	{"read", read_file},	 {"write", write_file},	    {"append", append_file},
	{"cut", cut_file},	 {"create", create_file},   {"mkdir", make_folder},
	{"fifo", make_pipe},	 {"node", make_node},	    {"remove", unlink},
	{"rmdir", rmdir},	 {"truncate", cut_by_path}, {"chmod", change_mode},
	{"chown", change_owner}, {"lock", lock_file},	    {"map", map_file},
};

static const struct {
	const char *verb;
	int (*act)(const char *old, const char *new);
} twos[] = {{"link", link}, {"symlink", symlink}, {"rename", rename}};

static int (*one_of(const char *verb))(const char *)
{
	for (size_t i = 0; i < sizeof(ones) / sizeof(ones[0]); i++)
		if (!strcmp(verb, ones[i].verb))
			return ones[i].act;
	return NULL;
}

static _Noreturn void do_each(const char *verb, char **paths)
{
	int (*act)(const char *) = one_of(verb);
	int refused = 0;

	if (!act)
		setup_failed("what to do? '%s'", verb);
	for (; *paths; paths++) {
		errno = 0;
		refused += act(*paths) < 0;
		printf("%s %s: %s\n", verb, *paths, errno ? strerrorname_np(errno) : "succeeded");
	}
	fflush(stdout);
	_exit(refused < 199 ? refused : 199);
}

int main(int argc, char **argv)
{
	if (argc >= 3 && !strcmp(argv[1], "exec"))
		attack_ends("exec", execv(argv[2], argv + 2));
	if (argc >= 4 && !strcmp(argv[1], "each"))
		do_each(argv[2], argv + 3);
	if (argc == 3 && one_of(argv[1]))
		attack_ends(argv[1], one_of(argv[1])(argv[2]));
	for (size_t i = 0; argc == 4 && i < sizeof(twos) / sizeof(twos[0]); i++)
		if (!strcmp(argv[1], twos[i].verb))
			attack_ends(argv[1], twos[i].act(argv[2], argv[3]));
	setup_failed("what to do? '%s'", argc > 1 ? argv[1] : "");
}

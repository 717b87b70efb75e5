// SPDX-License-Identifier: Apache-2.0
/*
 * files VERB PATH [PATH]: one thing done with a path.
 *
 * read, write, append, cut, neither PATH   opens it so
 * create, mkdir, fifo, node PATH           makes a file, a folder, a pipe, a node of /dev/null
 * remove, rmdir PATH
 * truncate, chmod, chown, lock PATH
 * map PATH                                 maps it executable
 * exec PATH ARGS...
 * link, symlink, rename, exchange OLD NEW
 * unnamed PATH                             cuts it once its name is gone, by a descriptor that was
 *                                          opened for nothing
 * ring -                                   sets up io_uring
 * chroot PATH, bind FOLDER PLACE, move FOLDER PLACE, pivot ROOT OLD, umount PLACE
 * apart VERB PATH [PATH]                   the verb in a user and a mount namespace of its own
 * aside VERB PATH [PATH]                   in a mount namespace alone
 * each VERB PATH...                        the verb with every path; ends with the number of
 *                                          refusals, at most 199
 * many NUMBER PATH                         makes so many files: PATH0, PATH1 and so on
 * swap PATH OLD NEW                        makes PATH a link to one or the other, until it is
 * killed serve -                                  reads `VERB PATH`, a line each, and answers with
 * the errno's name or OK
 */
#include "attack.h"

#include <fcntl.h>
#include <linux/io_uring.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
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

/* For neither reading nor writing, which ioctl(2) does not mind. */
static int open_for_neither(const char *path)
{
	return closed(open(path, O_ACCMODE | O_CLOEXEC));
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

/* Cuts it once somebody has removed its name, by a descriptor that grants nothing; it has another
 * name. */
static int cut_unnamed(const char *path)
{
	int descriptor = open(path, O_PATH | O_CLOEXEC);
	char name[64];
	struct stat status;

	if (descriptor < 0)
		setup_failed("%s", path);
	puts("waiting");
	fflush(stdout);
	do {
		usleep(20000);
		if (fstat(descriptor, &status))
			setup_failed("%s", path);
	} while (status.st_nlink > 1);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", descriptor);
	return truncate(name, 0);
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

static int bind_folder(const char *folder, const char *place)
{
	return mount(folder, place, NULL, MS_BIND, NULL);
}

/* As bind, by the newer calls: a copy of the mount, which is then moved. */
static int move_folder(const char *folder, const char *place)
{
	int copy = open_tree(AT_FDCWD, folder, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (copy < 0)
		setup_failed("%s", folder);
	return move_mount(copy, "", AT_FDCWD, place, MOVE_MOUNT_F_EMPTY_PATH);
}

static int pivot(const char *root, const char *old)
{
	return (int)syscall(SYS_pivot_root, root, old);
}

static int unmount(const char *place)
{
	return umount2(place, MNT_DETACH);
}

/* The path is of no interest. */
static int make_ring(const char *path)
{
	struct io_uring_params parameters = {0};

	(void)path;
	return closed((int)syscall(SYS_io_uring_setup, 4, &parameters));
}

static const struct {
	const char *verb;
	int (*act)(const char *path);
} ones[] = {
	{"read", read_file},
	{"write", write_file},
	{"append", append_file},
	{"cut", cut_file},
	{"neither", open_for_neither},
	{"create", create_file},
	{"mkdir", make_folder},
	{"fifo", make_pipe},
	{"node", make_node},
	{"remove", unlink},
	{"rmdir", rmdir},
	{"truncate", cut_by_path},
	{"unnamed", cut_unnamed},
	{"chmod", change_mode},
	{"chown", change_owner},
	{"lock", lock_file},
	{"chroot", chroot},
	{"umount", unmount},
	{"ring", make_ring},
	{"map", map_file},
};

static int exchange(const char *one, const char *other)
{
	return renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE);
}

static const struct {
	const char *verb;
	int (*act)(const char *old, const char *new);
} twos[] = {{"link", link},	    {"symlink", symlink},  {"rename", rename},
	    {"exchange", exchange}, {"bind", bind_folder}, {"move", move_folder},
	    {"pivot", pivot}};

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

static _Noreturn void make_many(int number, const char *path)
{
	char name[4096];

	for (int i = 0; i < number; i++) {
		snprintf(name, sizeof(name), "%s%d", path, i);
		if (create_file(name))
			attack_ends("many", -1);
	}
	attack_ends("many", 0);
}

/* Never a moment without the link: each takes the other's place by rename. */
static _Noreturn void swap_for_ever(const char *path, const char *one, const char *other)
{
	char next[4096];

	snprintf(next, sizeof(next), "%s.next", path);
	for (int i = 0;; i++) {
		unlink(next);
		if (symlink(i % 2 ? one : other, next) || rename(next, path))
			setup_failed("%s", path);
	}
}

/* One process for many acts, so that it can have found before what it is asked for again. */
static _Noreturn void serve(void)
{
	char line[4096];

	while (fgets(line, sizeof(line), stdin)) {
		char *path = strchr(line, ' ');
		int (*act)(const char *);

		line[strcspn(line, "\n")] = 0;
		if (!path)
			setup_failed("what to do? '%s'", line);
		*path++ = 0;
		act = one_of(line);
		if (!act)
			setup_failed("what to do? '%s'", line);
		errno = 0;
		puts(act(path) < 0 ? strerrorname_np(errno) : "OK");
		fflush(stdout);
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "serve"))
		serve();
	if (argc >= 3 && !strcmp(argv[1], "apart")) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
			attack_ends("apart", -1);
		argv++;
		argc--;
	}
	if (argc >= 3 && !strcmp(argv[1], "aside")) {
		if (unshare(CLONE_NEWNS))
			setup_failed("unshare");
		argv++;
		argc--;
	}
	if (argc >= 3 && !strcmp(argv[1], "exec"))
		attack_ends("exec", execv(argv[2], argv + 2));
	if (argc == 4 && !strcmp(argv[1], "many"))
		make_many(atoi(argv[2]), argv[3]);
	if (argc == 5 && !strcmp(argv[1], "swap"))
		swap_for_ever(argv[2], argv[3], argv[4]);
	if (argc >= 4 && !strcmp(argv[1], "each"))
		do_each(argv[2], argv + 3);
	if (argc == 3 && one_of(argv[1]))
		attack_ends(argv[1], one_of(argv[1])(argv[2]));
	for (size_t i = 0; argc == 4 && i < sizeof(twos) / sizeof(twos[0]); i++)
		if (!strcmp(argv[1], twos[i].verb))
			attack_ends(argv[1], twos[i].act(argv[2], argv[3]));
	setup_failed("what to do? '%s'", argc > 1 ? argv[1] : "");
}

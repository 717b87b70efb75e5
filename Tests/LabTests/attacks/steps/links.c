// SPDX-License-Identifier: Apache-2.0
/*
 * The loader's programs and links, and others that must not pass for them. A
 * link is known by its hook's name, or by the name that its step gives it.
 */
#include "steps.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <limits.h>
#include <stdbool.h>

#include "CKernelModule.h"

const struct known_hook known_hooks[] = {
#include "hook-names.inc"
};
const int known_hook_count = sizeof(known_hooks) / sizeof(known_hooks[0]);
bool with_access;

#define LINKS_MAX 128
static struct {
	char name[64];
	int fd;
} links[LINKS_MAX];
static int link_count;

static struct bpf_object *object;
/* Longer than any answer of the verifier that is wanted. */
static char said[16384];

static int quiet(enum libbpf_print_level level, const char *format, va_list arguments)
{
	size_t used = strlen(said);

	if (level == LIBBPF_DEBUG)
		return 0;
	return vsnprintf(said + used, sizeof(said) - used, format, arguments);
}

static void keep_link(const char *name, int fd)
{
	if (link_count == LINKS_MAX)
		setup_failed("too many links");
	snprintf(links[link_count].name, sizeof(links[link_count].name), "%s", name);
	links[link_count++].fd = fd;
}

static const char *hook_of(const struct bpf_program *program)
{
	const char *name = bpf_program__name(program);

	return strncmp(name, "on_", 3) ? name : name + 3;
}

static bool is_wanted(const struct bpf_program *program)
{
	int i;

	for (i = 0; i < known_hook_count; i++)
		if (!strcmp(known_hooks[i].name, hook_of(program)))
			return with_access || known_hooks[i].group == LAUNCH;
	return true;
}

/* What a program of that kind is attached to; negative: the kernel has no such function. */
static int function_id(const char *function, enum bpf_attach_type attach)
{
	/* Once for all: libbpf's own look for one function reads megabytes of types. */
	static struct btf *types;
	char name[96];

	if (!types)
		types = btf__load_vmlinux_btf();
	if (!types)
		setup_failed("the kernel's types");
	snprintf(name, sizeof(name), "%s%s", attach == BPF_LSM_MAC ? "bpf_lsm_" : "", function);
	return btf__find_by_name_kind(types, name, BTF_KIND_FUNC);
}

/* load:FILE[:all]: opens an object file and loads the programs of the hooks that are wanted, or
 * all. */
int step_load(const struct words *words)
{
	struct bpf_program *program;
	int error;

	if (words->count < 2)
		setup_failed("load needs a file");
	if (moor_raise_memlock())
		setup_failed("memlock");
	libbpf_set_print(quiet);
	object = bpf_object__open(words->word[1]);
	if (!object)
		setup_failed("%s", words->word[1]);
	bpf_object__for_each_program(program, object) bpf_program__set_autoload(
		program, function_id(hook_of(program), BPF_LSM_MAC) > 0 &&
				 (words->count > 2 || is_wanted(program)));
	error = bpf_object__load(object);
	if (error)
		printf("%s\n", said);
	return -error;
}

static int link_program(struct bpf_program *program, uint64_t cookie)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .tracing.cookie = cookie);
	int fd = bpf_link_create(bpf_program__fd(program), 0, BPF_LSM_MAC, &options);

	if (fd < 0)
		return -fd;
	keep_link(hook_of(program), fd);
	return 0;
}

/* all, all-but:NAME, or NAME; the rest of the words comes after it */
static bool chosen(const struct words *words, const char *name, int *rest)
{
	if (words->count < 2)
		setup_failed("%s: which?", words->word[0]);
	*rest = 2;
	if (!strcmp(words->word[1], "all"))
		return true;
	if (strcmp(words->word[1], "all-but"))
		return !strcmp(words->word[1], name);
	*rest = 3;
	return words->count > 2 && strcmp(words->word[2], name);
}

/* link:WHICH[:COOKIE]: links loaded programs, with the attachment's cookie. */
int step_link(const struct words *words)
{
	struct bpf_program *program;
	int error = 0, rest, before = link_count;

	if (!object)
		setup_failed("link before load");
	bpf_object__for_each_program(program, object)
	{
		if (!error && bpf_program__autoload(program) &&
		    chosen(words, hook_of(program), &rest))
			error = link_program(program, number_word(words, rest, attach_cookie));
	}
	if (!error && link_count == before)
		setup_failed("no program for %s", words->word[1]);
	return error;
}

/* "return 0", the shortest program there is */
static int load_nothing(enum bpf_prog_type type, enum bpf_attach_type attach, const char *function,
			bool sleeps)
{
	const struct bpf_insn code[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = attach,
		    .prog_flags = sleeps ? BPF_F_SLEEPABLE : 0);
	int fd, id;

	if (moor_raise_memlock())
		setup_failed("memlock");
	if (function) {
		id = function_id(function, attach);
		if (id < 0)
			setup_failed("there is no function %s", function);
		options.attach_btf_id = id;
	}
	fd = bpf_prog_load(type, "nothing", "GPL", code, 2, &options);
	if (fd < 0)
		setup_failed("a program for %s does not load",
			     function ? function : "a tracepoint");
	return fd;
}

/* As the loaded program of that hook; a hook that is not in the table can do with either. */
static bool hook_sleeps(const char *hook)
{
	struct bpf_program *program;

	program = bpf_object__next_program(object, NULL);
	while (program && strcmp(hook_of(program), hook))
		program = bpf_object__next_program(object, program);
	return program && !strncmp(bpf_program__section_name(program), "lsm.s/", 6);
}

/*
 * look-alike:HOOK[:same|other[:COOKIE]]: a program on the right hook that allows
 * everything and calls nobody; other: that may sleep where the hook's own may
 * not, and the other way round. Its link is called like-HOOK.
 */
int step_look_alike(const struct words *words)
{
	LIBBPF_OPTS(bpf_link_create_opts, options);
	bool other = words->count > 2 && !strcmp(words->word[2], "other");
	char name[64];
	int program, link;

	if (words->count < 2 || !object)
		setup_failed("look-alike of which hook, and of which loaded object?");
	program = load_nothing(BPF_PROG_TYPE_LSM, BPF_LSM_MAC, words->word[1],
			       hook_sleeps(words->word[1]) != other);
	options.tracing.cookie = number_word(words, 3, attach_cookie);
	link = bpf_link_create(program, 0, BPF_LSM_MAC, &options);
	if (link < 0)
		return -link;
	snprintf(name, sizeof(name), "like-%s", words->word[1]);
	keep_link(name, link);
	return 0;
}

/* foreign:fentry|tracepoint|program: a link of another kind, or no link but a program, under that
 * name */
int step_foreign(const struct words *words)
{
	const char *kind = words->count > 1 ? words->word[1] : "";
	LIBBPF_OPTS(bpf_link_create_opts, options, .tracing.cookie = attach_cookie);
	int program, link;

	if (!strcmp(kind, "fentry")) {
		program = load_nothing(BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, "bpf_lsm_file_open",
				       false);
		link = bpf_link_create(program, 0, BPF_TRACE_FENTRY, &options);
	} else if (!strcmp(kind, "tracepoint")) {
		program = load_nothing(BPF_PROG_TYPE_RAW_TRACEPOINT, 0, NULL, false);
		link = bpf_raw_tracepoint_open("sched_process_exit", program);
	} else if (!strcmp(kind, "program")) {
		link = load_nothing(BPF_PROG_TYPE_LSM, BPF_LSM_MAC, "file_open", true);
	} else {
		setup_failed("unknown kind '%s'", kind);
	}
	if (link < 0)
		setup_failed("%s does not attach", kind);
	keep_link(kind, link);
	return 0;
}

/* hand:WHICH: gives links to the module; ends at the first that it refuses. */
int step_hand(const struct words *words)
{
	int i, error = 0, rest, handed = 0;

	for (i = 0; i < link_count && !error; i++) {
		struct moor_attach argument = {
			.header = {.size = sizeof(argument), .version = MOOR_ABI_VERSION},
			.link_fd = links[i].fd,
		};

		if (!chosen(words, links[i].name, &rest))
			continue;
		handed++;
		error = device_call(MOOR_IOC_ATTACH, &argument);
	}
	if (!handed)
		setup_failed("no link %s", words->word[1]);
	return error;
}

/*
 * detach: asks the kernel to detach each link that there is, by its id, as
 * anybody with CAP_SYS_ADMIN may. Gives the errno when all are the same.
 */
int step_detach(const struct words *words)
{
	int first = -1, fd, error, count = 0;
	uint32_t id = 0;

	(void)words;
	while (!bpf_link_get_next_id(id, &id)) {
		fd = bpf_link_get_fd_by_id(id);
		if (fd < 0)
			setup_failed("link %u", id);
		error = -bpf_link_detach(fd);
		close(fd);
		if (first < 0)
			first = error;
		if (error != first)
			setup_failed("link %u answers otherwise: %s", id, strerrorname_np(error));
		count++;
	}
	return count ? first : ENOENT;
}

/* links:COUNT: there are so many links in the kernel, else ERANGE. */
int step_links(const struct words *words)
{
	uint64_t count = 0;
	uint32_t id = 0;

	while (!bpf_link_get_next_id(id, &id))
		count++;
	printf("links %lu\n", count);
	return count == number_word(words, 1, 0) ? 0 : ERANGE;
}

/* pin:FOLDER: pins each link below a folder of bpffs. */
int step_pin(const struct words *words)
{
	char path[PATH_MAX];
	int i, error = 0;

	if (words->count < 2)
		setup_failed("pin where?");
	for (i = 0; i < link_count && !error; i++) {
		if (snprintf(path, sizeof(path), "%s/%s", words->word[1], links[i].name) >=
		    PATH_MAX)
			setup_failed("%s is too long", words->word[1]);
		error = -bpf_obj_pin(links[i].fd, path);
	}
	return error;
}

/* Closes everything of BPF that this process holds. */
int step_close_links(const struct words *words)
{
	(void)words;
	while (link_count)
		close(links[--link_count].fd);
	if (object)
		bpf_object__close(object);
	object = NULL;
	return 0;
}

/* programs:COUNT: there are so many programs in the kernel, else ERANGE. */
int step_programs(const struct words *words)
{
	uint64_t count = 0;
	uint32_t id = 0;

	while (!bpf_prog_get_next_id(id, &id))
		count++;
	printf("programs %lu\n", count);
	return count == number_word(words, 1, 0) ? 0 : ERANGE;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The links: how the module comes to its hooks, and knows that it has them.
 *
 * A loadable module cannot call security_add_hooks(). User space attaches one
 * BPF-LSM program to each hook, which calls the module's kfunc, and hands the
 * link over. The module keeps the link, so it outlives its file descriptor. A
 * link proves nothing about its program, so each hook is then triggered once
 * by the loader, and only a call whose run context carries the cookie of this
 * attachment counts: the cookie is random, known to the loader alone, and
 * stands in every later call as well. A program that nobody gave the cookie
 * may call a kfunc, but gets no effect from it.
 */
#include "attach.h"

#include <linux/anon_inodes.h>
#include <linux/bpf.h>
#include <linux/bpf_lsm.h>
#include <linux/filter.h>
#include <linux/ftrace.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/rcupdate_trace.h>

#include "compat.h"

MODULE_IMPORT_NS(BPF_INTERNAL);

DEFINE_STATIC_KEY_FALSE(moor_armed);
DEFINE_STATIC_KEY_FALSE(moor_proving);

enum hook_group { LAUNCH, ACCESS, LATER };

static const struct {
	const char *function;
	bool sleepable;
	enum hook_group group;
} hook_table[MOOR_HOOK_COUNT] = {
#define MOOR_HOOK(name, sleeps, group) [MOOR_HOOK_##name] = {"bpf_lsm_" #name, sleeps, group},
#include "hooks.def"
#undef MOOR_HOOK
};

static struct bpf_link *links[MOOR_HOOK_COUNT];
/* Each bit of these is a hook. */
static DECLARE_BITMAP(proven, MOOR_HOOK_COUNT);
static DECLARE_BITMAP(wanted, MOOR_HOOK_COUNT); /* attached, or to be */
static bool with_access;
u64 moor_attach_cookie;
static const void *attach_owner; /* the open /dev/moor that attaches */
static pid_t attach_tgid;

static_assert(MOOR_HOOK_COUNT <= 64 * MOOR_HOOK_WORDS);
static_assert(BITS_PER_LONG == 64);

static bool is_wanted(unsigned int hook)
{
	switch (hook_table[hook].group) {
	case LAUNCH:
		return true;
	case ACCESS:
		return with_access;
	default:
		return with_access && MOOR_LATER_HOOKS;
	}
}

/*
 * kernel.ftrace_enabled=0 would silently take every BPF-LSM program out of its
 * hook. A registered permanent ftrace user makes the kernel refuse that write.
 */
static noinline void ftrace_anchor(void)
{
	barrier();
}

static void ftrace_nothing(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
			   struct ftrace_regs *regs)
{
}

static struct ftrace_ops permanent_ops = {
	.func = ftrace_nothing,
	.flags = FTRACE_OPS_FL_PERMANENT,
};

/**
 * moor_attach_init - keep ftrace switched on from now on
 *
 * Return: 0; -EBUSY when ftrace is off (kernel.ftrace_enabled=0), so that no
 * program would ever be called; another negative errno.
 */
int moor_attach_init(void)
{
	int err;

	ftrace_anchor();
	err = ftrace_set_filter_ip(&permanent_ops, (unsigned long)ftrace_anchor, 0, 0);
	if (!err)
		err = register_ftrace_function(&permanent_ops);
	if (err)
		pr_err("ftrace cannot be kept on (%d): set kernel.ftrace_enabled=1\n", err);
	return err;
}

void moor_attach_exit(void)
{
	unregister_ftrace_function(&permanent_ops);
	ftrace_free_filter(&permanent_ops);
}

void moor_attach_proved(enum moor_hook hook)
{
	if (moor_called_by_own_program())
		set_bit(hook, proven);
}

/*
 * Linux 6.12 asks this when a program that calls a kfunc of ours is verified:
 * only the loader's programs may, and only while it attaches.
 */
bool moor_may_load_program(void)
{
	pid_t owner = READ_ONCE(attach_tgid);

	return owner && owner == task_tgid_nr(current);
}

/**
 * moor_attach_begin - open an attachment
 * @owner: the open file it belongs to
 * @access: are the hooks of access rules to be held as well?
 * @cookie: out: what every link must carry
 *
 * Return: 0; -EALREADY when armed, -EBUSY when another loader attaches, -EIO when
 * the PCR is unknown until reboot.
 */
int moor_attach_begin(const void *owner, bool access, u64 *cookie)
{
	unsigned int i;

	lockdep_assert_held(&moor_control);
	if (moor_state() == MOOR_STATE_BROKEN)
		return -EIO;
	if (moor_state() != MOOR_STATE_UNARMED)
		return -EALREADY;
	if (attach_owner)
		return -EBUSY;
	do {
		*cookie = get_random_u64();
	} while (!*cookie);
	attach_owner = owner;
	with_access = access;
	for (i = 0; i < MOOR_HOOK_COUNT; i++)
		__assign_bit(i, wanted, is_wanted(i));
	WRITE_ONCE(attach_tgid, task_tgid_nr(current));
	WRITE_ONCE(moor_attach_cookie, *cookie);
	bitmap_zero(proven, MOOR_HOOK_COUNT);
	static_branch_enable(&moor_proving);
	return 0;
}

/* How many links make the attachment whole. */
u32 moor_attach_count(void)
{
	lockdep_assert_held(&moor_control);
	return bitmap_weight(wanted, MOOR_HOOK_COUNT);
}

/* Are the hooks of access rules held? */
bool moor_attach_holds_access(void)
{
	lockdep_assert_held(&moor_control);
	return static_key_enabled(&moor_armed) && with_access;
}

static void put_links(void)
{
	unsigned int i;

	bitmap_zero(wanted, MOOR_HOOK_COUNT);
	with_access = false;
	for (i = 0; i < MOOR_HOOK_COUNT; i++) {
		if (links[i])
			bpf_link_put(links[i]);
		links[i] = NULL;
	}
}

/**
 * moor_attach_abort - give back what an unfinished attachment took
 * @owner: the open file that goes
 *
 * Does nothing when @owner has none. A loader that dies is closed this way.
 */
void moor_attach_abort(const void *owner)
{
	lockdep_assert_held(&moor_control);
	if (attach_owner != owner)
		return;
	static_branch_disable(&moor_proving);
	WRITE_ONCE(moor_attach_cookie, 0);
	WRITE_ONCE(attach_tgid, 0);
	attach_owner = NULL;
	put_links();
}

static int hook_of(const struct bpf_prog *program)
{
	unsigned int i;

	if (!program || program->type != BPF_PROG_TYPE_LSM ||
	    program->expected_attach_type != BPF_LSM_MAC || !program->aux->attach_func_name)
		return -EPROTOTYPE;
	for (i = 0; i < MOOR_HOOK_COUNT; i++) {
		if (strcmp(program->aux->attach_func_name, hook_table[i].function))
			continue;
		if (!test_bit(i, wanted))
			return -ENOENT;
		/* A program that may not sleep cannot call what measures. */
		return moor_program_sleeps(program) == hook_table[i].sleepable ? i : -EPROTOTYPE;
	}
	return -ENOENT;
}

/**
 * moor_attach_link - take a link over
 * @owner: the open file that attaches
 * @link_fd: a BPF link of the calling process
 *
 * Return: 0; -EPERM without an attachment of this owner, -EBADF when the
 * descriptor is no BPF link, -EPROTOTYPE for a link or program of another
 * kind, -ENOENT for a hook that is not in the table or not of a group that was
 * asked for, -EKEYREJECTED without the cookie, -EEXIST when the hook has its link.
 */
int moor_attach_link(const void *owner, int link_fd)
{
	struct bpf_link *link;
	int hook;

	lockdep_assert_held(&moor_control);
	if (!attach_owner || attach_owner != owner)
		return -EPERM;
	link = bpf_link_get_from_fd(link_fd);
	if (IS_ERR(link))
		return -EBADF;
	hook = link->type == BPF_LINK_TYPE_TRACING ? hook_of(link->prog) : -EPROTOTYPE;
	if (hook >= 0 &&
	    container_of(link, struct bpf_tramp_link, link)->cookie != moor_attach_cookie)
		hook = -EKEYREJECTED;
	if (hook >= 0 && links[hook])
		hook = -EEXIST;
	if (hook < 0) {
		bpf_link_put(link);
		return hook;
	}
	links[hook] = link;
	return 0;
}

/* Calls that the kernel skipped because the program was already running. */
static u64 program_misses(const struct bpf_prog *program)
{
	u64 misses = 0;
	int cpu;

	for_each_possible_cpu(cpu) misses +=
		u64_stats_read(&per_cpu_ptr(program->stats, cpu)->misses);
	return misses;
}

/**
 * moor_attach_arm - end the attachment: the hooks are ours
 * @owner: the open file that attaches
 * @missing: out: hooks without a link
 * @unproven: out: hooks whose link's program was never seen to call us
 *
 * Return: 0; -EPERM without an attachment of this owner, -ENOLINK with
 * @missing, -EPROTO with @unproven; the errno of the first record's extend. On
 * an error the attachment stays as it is.
 */
int moor_attach_arm(const void *owner, u64 missing[MOOR_HOOK_WORDS], u64 unproven[MOOR_HOOK_WORDS])
{
	DECLARE_BITMAP(found, MOOR_HOOK_COUNT) = {0};
	unsigned int i;
	int err;

	lockdep_assert_held(&moor_control);
	memset(missing, 0, MOOR_HOOK_WORDS * sizeof(*missing));
	memset(unproven, 0, MOOR_HOOK_WORDS * sizeof(*unproven));
	if (!attach_owner || attach_owner != owner)
		return -EPERM;
	for_each_set_bit(i, wanted, MOOR_HOOK_COUNT) if (!links[i]) __set_bit(i, found);
	bitmap_to_arr64(missing, found, MOOR_HOOK_COUNT);
	if (!bitmap_empty(found, MOOR_HOOK_COUNT))
		return -ENOLINK;
	for_each_set_bit(i, wanted, MOOR_HOOK_COUNT) if (!test_bit(i, proven) ||
							 program_misses(links[i]->prog))
		__set_bit(i, found);
	bitmap_to_arr64(unproven, found, MOOR_HOOK_COUNT);
	if (!bitmap_empty(found, MOOR_HOOK_COUNT))
		return -EPROTO;
	err = moor_log_start();
	if (err)
		return err;
	attach_owner = NULL;
	WRITE_ONCE(attach_tgid, 0);
	static_branch_disable(&moor_proving);
	static_branch_enable(&moor_armed);
	return 0;
}

/**
 * moor_attach_release - give the hooks back
 *
 * The caller has made sure that no domain lives and none can begin. When this
 * returns no kfunc is running any more.
 */
void moor_attach_release(void)
{
	lockdep_assert_held(&moor_control);
	static_branch_disable(&moor_armed);
	WRITE_ONCE(moor_attach_cookie, 0);
	put_links();
	/* Programs that sleep run under tasks-trace RCU, the others under RCU. */
	synchronize_rcu_tasks_trace();
	synchronize_rcu();
}

/**
 * moor_attach_tags - the tag of each hook's program, in table order
 * @tags: out
 * @room: bytes at @tags
 *
 * Return: bytes written, BPF_TAG_SIZE a hook; zeros where there is no link.
 */
u32 moor_attach_tags(u8 *tags, u32 room)
{
	unsigned int i;

	if (WARN_ON_ONCE(room < MOOR_HOOK_COUNT * BPF_TAG_SIZE))
		return 0;
	for (i = 0; i < MOOR_HOOK_COUNT; i++) {
		if (links[i])
			memcpy(tags + i * BPF_TAG_SIZE, links[i]->prog->tag, BPF_TAG_SIZE);
		else
			memset(tags + i * BPF_TAG_SIZE, 0, BPF_TAG_SIZE);
	}
	return MOOR_HOOK_COUNT * BPF_TAG_SIZE;
}

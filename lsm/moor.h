/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the module share; prototypes are grouped by the file that has them. */
#ifndef MOOR_H
#define MOOR_H

#undef pr_fmt
#define pr_fmt(fmt) "moor: " fmt

#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/jump_label.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/uuid.h>
#include <linux/workqueue.h>

#include "decide.h"
#include "event.h"
#include "trust.h"
#include "uapi/moor.h"

struct dentry;
struct kobject;
struct linux_binprm;
struct msghdr;
struct qstr;
struct sock;
struct sockaddr;
struct socket;

enum moor_hook {
#define MOOR_HOOK(name, sleepable, group) MOOR_HOOK_##name,
#include "hooks.def"
#undef MOOR_HOOK
	MOOR_HOOK_COUNT
};

enum moor_counter {
#define MOOR_COUNTER(name) MOOR_COUNT_##name,
#include "counters.def"
#undef MOOR_COUNTER
	MOOR_COUNTER_COUNT
};

/*
 * For what is large and set before it is read: kernels are built to clear every
 * variable on the stack, which costs more than the rest of a short path.
 */
#define MOOR_UNCLEARED __attribute__((uninitialized))

/*
 * Tables that stand in front of a hash table: a counter over the key pointer's
 * hash, so that "certainly not in there" costs one load.
 */
#define MOOR_FRONT_BITS 12

/* main.c */
extern struct mutex moor_control; /* arm, commit, cap, lock, release: one at a time */
extern struct workqueue_struct *moor_queue;
extern bool moor_loaded_closed;
extern uuid_t moor_boot_id;
enum moor_state moor_state(void);
bool moor_locked(void);
void moor_break(void);
bool moor_guards(void);
bool moor_guarded_path(const char *path, u32 length);
u32 moor_build_id(u8 *id, u32 room);
int moor_arm(const void *owner, u64 missing[MOOR_HOOK_WORDS], u64 unproven[MOOR_HOOK_WORDS]);
int moor_cap(void);
int moor_lock(void);
int moor_release(void);

/* attach.c: the links, their proof, and who may call the module; see attach.h as well */
DECLARE_STATIC_KEY_FALSE(moor_armed);
DECLARE_STATIC_KEY_FALSE(moor_proving);
int moor_attach_init(void);
void moor_attach_exit(void);
int moor_attach_begin(const void *owner, bool access, u64 *cookie);
u32 moor_attach_count(void);
bool moor_attach_holds_access(void);
int moor_attach_link(const void *owner, int link_fd);
int moor_attach_arm(const void *owner, u64 missing[MOOR_HOOK_WORDS], u64 unproven[MOOR_HOOK_WORDS]);
void moor_attach_abort(const void *owner);
void moor_attach_release(void);
void moor_attach_proved(enum moor_hook hook);
bool moor_may_load_program(void);
u32 moor_attach_tags(u8 *tags, u32 room);

/* kfuncs.c, kfuncs_access.c: what the programs call */
int moor_kfuncs_register(void);

/* task.c, staging.c: which task is in which domain, or on its way into one */
struct moor_domain;

/**
 * struct moor_exec - an exec that has passed some hops and is not committed
 * @bprm: the exec; a key, not a reference
 * @staged: what its hops came to
 * @domain: it will start, holding a reference; or NULL
 * @helper: the child domain that it will run in, 0: the VM's own
 */
struct moor_exec {
	const struct linux_binprm *bprm;
	struct moor_staged staged;
	struct moor_domain *domain;
	u32 helper;
};

/**
 * struct moor_place - where a task runs
 * @domain: its domain, or NULL; for comparing, and for use under rcu_read_lock()
 * @helper: child domain, 0: the VM's own
 */
struct moor_place {
	struct moor_domain *domain;
	u32 helper;
};

extern u16 moor_task_front[1 << MOOR_FRONT_BITS];

/* False is certain: the task is in no domain, not bound, not staged. */
static __always_inline bool moor_task_maybe_known(const struct task_struct *task)
{
	return READ_ONCE(moor_task_front[hash_ptr(task, MOOR_FRONT_BITS)]);
}

struct moor_domain *moor_task_domain(void);
bool moor_task_memory_exec(void);
u32 moor_task_helper(void);
void moor_task_set_measures(bool measures);
void moor_task_relation(const struct task_struct *tracer, const struct task_struct *target,
			struct moor_trace *trace);
void moor_task_place(const struct task_struct *task, struct moor_place *place);
int moor_task_bind(const char *vm);
const char *moor_task_bound(void);
const struct moor_exec *moor_task_exec(const struct linux_binprm *bprm);
int moor_task_stage(const struct linux_binprm *bprm, const struct moor_staged *staged,
		    struct moor_domain *domain, u32 helper);
struct moor_domain *moor_task_commit(const struct linux_binprm *bprm);
int moor_task_inherit(const struct task_struct *child);
void moor_task_forget(const struct task_struct *task);
bool moor_task_lives_in(const struct moor_domain *domain);
int moor_tasks_close(void);
void moor_tasks_open(void);
void moor_tasks_clear(void);

/* domain.c: a running VM */
#define MOOR_USE_BITS	  5
#define MOOR_USES_A_BLOCK 15 /* a block is then 496 bytes */

/* A file that a domain uses: a reference to it, held until the domain ends. */
struct moor_use {
	struct moor_use *next; /* of the same hash; nothing is ever taken out */
	struct moor_file *file;
	const struct inode *inode;
	bool executable; /* accepted as a program or a library, not as firmware */
};

/* An emulator maps some fifty libraries: not one allocation each. */
struct moor_use_block {
	struct moor_use_block *older;
	u32 count;
	struct moor_use uses[MOOR_USES_A_BLOCK];
};

struct moor_access_cache;

/**
 * struct moor_domain - one running VM
 * @references: one a task, and one of an exec that will start it
 * @node: in the table of names
 * @vm: the bound VM, or ""
 * @uses_lock: of @uses
 * @uses: files it uses, with writers kept out, until it ends
 * @newest: where the next one goes; the first block is @first
 * @first: enough for small programs
 * @root: of the task that started it, which its paths are from
 * @starter: the process that started it, so the hypervisor
 * @lines_second: when @lines began to be counted anew
 * @lines: of the access log in that second, but for what is learned
 * @granted: what its rules granted a moment ago, or NULL
 * @release: lets them go
 * @rcu: others compare pointers to it
 */
struct moor_domain {
	refcount_t references;
	struct hlist_node node;
	char vm[MOOR_VM_NAME_MAX + 1];
	spinlock_t uses_lock;
	struct moor_use *uses[1 << MOOR_USE_BITS];
	struct moor_use_block *newest;
	struct moor_use_block first;
	struct path root;
	struct pid *starter;
	unsigned long lines_second;
	atomic_t lines;
	struct moor_access_cache *granted;
	struct work_struct release;
	struct rcu_head rcu;
};

struct moor_file;
int moor_domains_init(void);
void moor_domains_exit(void);
struct moor_domain *moor_domain_create(const char *vm);
void moor_domain_put(struct moor_domain *domain);
bool moor_domain_runs(const char *vm, const struct moor_domain *except);
int moor_domain_use(struct moor_domain *domain, struct moor_file *file, bool executable);
bool moor_domain_executes(struct moor_domain *domain, const struct inode *inode);

/* file.c, digest.c: digests by real inode, and the writers kept out */
extern u16 moor_file_front[1 << MOOR_FRONT_BITS];

/* False is certain: nothing is known of the inode. */
static __always_inline bool moor_inode_maybe_known(const struct inode *inode)
{
	return READ_ONCE(moor_file_front[hash_ptr(inode, MOOR_FRONT_BITS)]);
}

/**
 * struct moor_accepted - what was found of a file when it passed
 * @kind: enum moor_kind that it was looked at as
 * @flags: MOOR_TRUST_* of its entries
 * @listed: the policy names it; learning lets others pass as well
 * @matches: its digest was listed; likewise
 */
struct moor_accepted {
	u8 kind;
	u8 flags;
	bool listed;
	bool matches;
};

int moor_file_hold(struct file *file, struct moor_file **held);
struct moor_file *moor_file_hold_accepted(const struct file *file, const struct inode *inode,
					  u64 policy, u8 kind, struct moor_accepted *how);
void moor_file_put(struct moor_file *held);
const struct inode *moor_file_inode(const struct moor_file *file);
int moor_file_digest(struct moor_file *held, struct file *file, u8 digest[32]);
void moor_file_accept(struct moor_file *held, const struct file *file, u64 policy,
		      unsigned int renames, const struct moor_accepted *how);
void moor_file_written(const struct inode *inode);
void moor_file_forget(const struct inode *inode);
void moor_files_clear(void);

/* tail.c */
int moor_tail_check(struct file *file);

/* path.c; see path.h as well */
bool moor_reachable(const struct path *path);
char *moor_path(const struct path *path, char *buffer, int size);
bool moor_maybe_listed(const struct path *path, enum moor_kind kind);
bool moor_file_unlinked(const struct file *file);
struct file *moor_backing_file(struct file *file);
struct inode *moor_real_inode(struct file *file);
bool moor_filesystem_allowed(struct file *file);

/* exec.c, mapping.c, firmware.c, module_load.c, gate.c, act.c: one hook's question each */
int moor_check_exec(struct linux_binprm *bprm);
int moor_check_anonymous_memory(void);
int moor_check_mapping(struct moor_domain *domain, struct file *file, bool writable);
int moor_check_protection(struct moor_domain *domain, const struct vm_area_struct *vma,
			  bool writable);
int moor_check_memory_file(const struct file *file);
int moor_check_opened(struct moor_domain *domain, struct file *file);
int moor_check_received(struct moor_domain *domain, struct file *file);
void moor_check_brought_in(struct moor_domain *domain);
int moor_check_module(struct file *file);
void moor_module_files_release(void);
int moor_check_device(const struct moor_domain *domain, const struct file *file);
int moor_gate_count_open(void);
int moor_gate_add(u32 major, u32 minor_first, u32 minor_last);
int moor_check_trace(struct task_struct *tracer, struct task_struct *target, unsigned int mode);
int moor_check_module_without_file(void);
int moor_check_kexec(const struct file *file);
int moor_check_anonymous_inode(const struct qstr *name);
void moor_context_read(struct moor_context *context);
int moor_act_answer(struct moor_verdict verdict, u8 kind, const struct file *file);

/* access_load.c: the access policy in force; see access_load.h as well */
DECLARE_STATIC_KEY_FALSE(moor_access_in_force);
bool moor_access_knows(const char *vm);
void moor_access_drop(void);

/* access_path.c: what a domain does with paths */

/* To make a device node: who may make it may use the device, so that must be granted by its name.
 */
#define MOOR_PERM_NODE (MOOR_PERM_CREATE | MOOR_PERM_DEVICE_READ | MOOR_PERM_DEVICE_WRITE)

int moor_access_changed(struct moor_domain *vm, const struct path *folder,
			const struct dentry *dentry, u32 need);
int moor_access_touched(struct moor_domain *vm, const struct path *path, u32 need);
int moor_access_changed_unseen(struct moor_domain *vm, const struct dentry *object, u32 need);
int moor_access_opened(struct moor_domain *vm, u32 helper, const struct file *file);
int moor_access_mapped(struct moor_domain *vm, const struct file *file);
int moor_access_executed(struct moor_domain *vm, const struct file *file, u32 *helper);
int moor_access_linked(struct moor_domain *vm, const struct path *old, const struct path *folder,
		       const struct dentry *dentry);
int moor_access_rerooted(struct moor_domain *vm, const struct path *path);
int moor_access_renamed(struct moor_domain *vm, const struct path *old_folder,
			const struct dentry *old, const struct path *folder,
			const struct dentry *dentry, unsigned int flags);
int moor_access_unix_path(struct moor_domain *vm, const struct path *path,
			  const struct dentry *last, u32 need);

/* access_socket.c: what a domain does with sockets */
int moor_access_socket_created(struct moor_domain *vm, int family, int type, int protocol);
int moor_access_socket_bound(struct moor_domain *vm, const struct socket *sock,
			     const struct sockaddr *address, int length);
int moor_access_socket_connected(struct moor_domain *vm, const struct socket *sock,
				 const struct sockaddr *address, int length);
int moor_access_socket_listens(struct moor_domain *vm, const struct socket *sock);
int moor_access_socket_sends(struct moor_domain *vm, const struct socket *sock,
			     const struct msghdr *message);

/* access_unix.c: unix sockets, by their names */
static inline const char *moor_access_unix_word(u32 need)
{
	return need == MOOR_PERM_UNIX_LISTEN ? "listen" : "connect";
}

int moor_access_unix_bound(struct moor_domain *vm, const struct sockaddr *address, int length);
int moor_access_unix_listens(struct moor_domain *vm, const struct sock *sk);
int moor_access_unix_connected(struct moor_domain *vm, const struct sock *sk,
			       const struct sock *other);
int moor_access_unix_sends(struct moor_domain *vm, const struct sock *sk, const struct sock *other);
/* access_descriptor.c: descriptors that come in */
int moor_access_received(struct moor_domain *vm, struct file *file);
void moor_access_brought_in(struct moor_domain *vm);

/* access_ioctl.c, access_act.c: what a domain does that is about no path */
struct cred;
int moor_access_ioctl(const struct file *file, u32 command);
int moor_access_uring_command(const struct file *file, u32 command);
int moor_access_made(struct moor_domain *vm, enum moor_anonymous kind, const char *name);
int moor_access_used(struct moor_domain *vm, u32 capability, bool asks);
int moor_access_signalled(struct moor_domain *vm, struct task_struct *target, int signal);
int moor_access_owned(struct moor_domain *vm, u32 command, unsigned long argument);
int moor_access_influenced(struct moor_domain *vm, struct task_struct *target, const char *class,
			   const char *kind);
int moor_access_memory(struct moor_domain *vm);
int moor_access_forbidden(struct moor_domain *vm, const char *class, const char *kind, int error);
int moor_access_user(struct moor_domain *vm, const struct cred *new, const struct cred *old);
int moor_access_group(struct moor_domain *vm, const struct cred *new, const struct cred *old);
int moor_access_capabilities(struct moor_domain *vm, const struct cred *new,
			     const struct cred *old);

/* access_attribute.c: times, extended attributes, and what is told of changes */
int moor_access_attributed(struct moor_domain *vm, struct dentry *dentry);
int moor_access_watched(struct moor_domain *vm, const struct path *path, unsigned int what);

/* access_trace.c: who looks into whom */

/**
 * struct moor_access_trace - one task that looks into another
 * @tracer: who looks
 * @target: whom it looks into
 * @attach: it would also change it
 * @asks: the kernel only asks, and would not tell of a refusal: neither is this one told
 */
struct moor_access_trace {
	struct task_struct *tracer;
	struct task_struct *target;
	bool attach;
	bool asks;
};

int moor_access_traced(const struct moor_access_trace *trace, bool *granted);

/* policy.c: the trust policy in force */

/**
 * struct moor_policy - a trust policy in force
 * @trust: its entries
 * @serial: never given twice; what was accepted under another serial is not now
 * @mode: enum moor_mode
 * @references: one of the pointer in force, one a reader
 * @release: frees it
 */
struct moor_policy {
	struct moor_trust *trust;
	u64 serial;
	u8 mode;
	refcount_t references;
	struct rcu_work release;
};

struct moor_policy *moor_policy_get(void);
void moor_policy_put(struct moor_policy *policy);
enum moor_mode moor_mode(void);
u64 moor_policy_serial(void);
bool moor_policy_maybe_listed(enum moor_kind kind, const char *name, u32 length);
int moor_policy_commit(void *bytes, u32 length, u32 entry_count,
		       const struct moor_trust_commit *commit);
void moor_policy_drop(void);

/* tpm.c: the PCR, and hashing */
int moor_tpm_init(u32 pcr, bool required);
void moor_tpm_exit(void);
bool moor_tpm_present(void);
u32 moor_tpm_pcr(void);
int moor_tpm_digest(const void *data, u32 length, struct moor_bank_value digests[MOOR_BANKS_MAX],
		    u32 *count);
int moor_tpm_extend(const struct moor_bank_value digests[MOOR_BANKS_MAX]);
u32 moor_tpm_values(struct moor_bank_value values[MOOR_BANKS_MAX]);
int moor_tpm_read(struct moor_bank_value values[MOOR_BANKS_MAX], u32 *count);
int moor_tpm_resync(void);
int moor_sha256(const void *data, u32 length, u8 digest[32]);
int moor_sha256_file(struct file *file, u8 digest[32]);

/* log.c, log_defer.c, log_view.c: the measurement log */
int moor_log_start(void);
int moor_log_cap(void);
int moor_log_append(const struct moor_event *event, const char *vm);
void moor_log_defer(const struct moor_event *event, const char *vm);
ssize_t moor_log_read(char __user *to, size_t count, loff_t *position, bool text);
int moor_log_snapshot(struct moor_snapshot *snapshot, void **bytes);
void moor_log_exit(void);

/* text.c: a record as text */
#define MOOR_TEXT_NUMBER 8 /* columns of the record number in the ascii view */

/**
 * struct moor_text - a line of key=value text, begun by a blank
 * @length: of @line, without the NUL
 * @line: room for the longest path in hexadecimal and all else
 */
struct moor_text {
	u32 length;
	char line[2 * MOOR_PATH_MAX + 1024];
};

struct moor_access_event;
void moor_text_format(struct moor_text *text, const struct moor_event *event, const char *vm);
void moor_text_access(struct moor_text *text, const char *record,
		      const struct moor_access_event *event, const char *program);

/* audit.c, counters.c, chardev.c, sysfs.c */
void moor_audit(const char *text);
void moor_count(enum moor_counter counter);
u64 moor_counted(enum moor_counter counter);
const char *moor_counter_name(enum moor_counter counter);
int moor_may_control(const struct file *file);
bool moor_valid_name(const char *name, u32 room);
int moor_chardev_init(void);
void moor_chardev_exit(void);
int moor_sysfs_init(void);
int moor_access_sysfs_init(struct kobject *parent);
void moor_access_sysfs_exit(void);
void moor_sysfs_exit(void);

#endif /* MOOR_H */

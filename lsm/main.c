// SPDX-License-Identifier: GPL-2.0-only
/* The module: its parameters, its state, and what moves it. */
#include "access_record.h"
#include "identity.h"
#include "moor.h"

#include <linux/err.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/rcupdate.h>
#include <linux/suspend.h>

static uint pcr = 13;
module_param(pcr, uint, 0444);
MODULE_PARM_DESC(pcr, "the PCR to extend (13)");

static bool require_tpm = true;
module_param(require_tpm, bool, 0444);
MODULE_PARM_DESC(require_tpm, "refuse to load without a TPM (1)");

bool moor_loaded_closed;
module_param_named(closed, moor_loaded_closed, bool, 0444);
MODULE_PARM_DESC(closed, "refuse guarded programs and devices until a policy is in force (0)");

#define GUARDED_MAX 64
static char *guarded[GUARDED_MAX];
static int guarded_count;
module_param_array(guarded, charp, &guarded_count, 0444);
MODULE_PARM_DESC(guarded, "paths of the programs that closed=1 refuses");

DEFINE_MUTEX(moor_control);
struct workqueue_struct *moor_queue;
uuid_t moor_boot_id;
static int state = MOOR_STATE_UNARMED;
static bool locked; /* outlives the state: one that breaks stays locked */

enum moor_state moor_state(void)
{
	return READ_ONCE(state);
}

bool moor_locked(void)
{
	return READ_ONCE(locked);
}

/* Broken is for ever, and can come from anywhere; the rest moves under moor_control. */
static void set_state(enum moor_state next)
{
	int now = moor_state();

	lockdep_assert_held(&moor_control);
	while (now != MOOR_STATE_BROKEN && !try_cmpxchg(&state, &now, next))
		;
}

/**
 * moor_break - the outcome of an extend is unknown
 *
 * Log and PCR may differ from here on. No more launches until reboot.
 */
void moor_break(void)
{
	/* Not even by unloading: a new log would begin as if nothing had been. */
	if (xchg(&state, MOOR_STATE_BROKEN) != MOOR_STATE_BROKEN)
		__module_get(THIS_MODULE);
	pr_err("the PCR's value is unknown: nothing is launched until reboot\n");
}

/* Is there anything to hold a program to? Without it exec costs nothing. */
bool moor_guards(void)
{
	return moor_mode() != MOOR_MODE_NONE || moor_loaded_closed;
}

/* Is this one of the programs that closed=1 refuses? */
bool moor_guarded_path(const char *path, u32 length)
{
	int i;

	for (i = 0; i < guarded_count; i++)
		if (strlen(guarded[i]) == length && !memcmp(guarded[i], path, length))
			return true;
	return false;
}

/**
 * moor_arm - the attachment is whole: hold the hooks from now on
 * @owner: the open file that attaches
 * @missing: out: as moor_attach_arm()
 * @unproven: out: as moor_attach_arm()
 *
 * Return: as moor_attach_arm(), and moor_log_cap() when not loaded closed;
 * -EUSERS when loaded closed and somebody has a gated device open already.
 */
int moor_arm(const void *owner, u64 missing[MOOR_HOOK_WORDS], u64 unproven[MOOR_HOOK_WORDS])
{
	const struct moor_event early = {
		.present = MOOR_HAS(REASON),
		.record = MOOR_RECORD_UNMEASURED,
		.reason = MOOR_REASON_GATE,
	};
	int open_devices, err;

	open_devices = moor_gate_count_open();
	if (open_devices && moor_loaded_closed)
		return -EUSERS;
	moor_tasks_open();
	err = moor_attach_arm(owner, missing, unproven);
	if (err)
		return err;
	set_state(MOOR_STATE_CLOSED);
	if (open_devices) {
		pr_warn("%d tasks have a gated device open since before\n", open_devices);
		moor_log_defer(&early, NULL);
	}
	/* Who seals nothing to this PCR needs no time before the cap. */
	return moor_loaded_closed ? 0 : moor_cap();
}

/**
 * moor_cap - end the time in which a sealed policy can be had
 *
 * Return: 0; -EAGAIN before arming; -EALREADY; as moor_log_cap().
 */
int moor_cap(void)
{
	int err;

	if (moor_state() == MOOR_STATE_UNARMED)
		return -EAGAIN;
	if (moor_state() == MOOR_STATE_BROKEN)
		return -EIO;
	err = moor_log_cap();
	/* After a release the PCR is capped already. */
	if (err == -EALREADY && moor_state() == MOOR_STATE_CLOSED)
		err = 0;
	if (!err)
		set_state(MOOR_STATE_OPEN);
	return err;
}

/**
 * moor_lock - one way until reboot: nothing gets looser, nothing is given back
 *
 * Return: 0; -EAGAIN without a policy in force; -EALREADY; -EIO.
 */
int moor_lock(void)
{
	const struct moor_event event = {.record = MOOR_RECORD_LOCK};
	int err;

	if (moor_locked())
		return -EALREADY;
	if (moor_state() == MOOR_STATE_BROKEN)
		return -EIO;
	if (moor_state() != MOOR_STATE_OPEN || moor_mode() == MOOR_MODE_NONE)
		return -EAGAIN;
	err = moor_log_append(&event, NULL);
	if (err)
		return err;
	WRITE_ONCE(locked, true);
	set_state(MOOR_STATE_LOCKED);
	return 0;
}

/**
 * moor_release - give the hooks back, so that the module can be unloaded
 *
 * Return: 0; -EAGAIN when unarmed; -EPERM when locked; -ENOTRECOVERABLE when broken, which lasts
 * until reboot; -EBUSY while a VM runs; as moor_log_append().
 */
int moor_release(void)
{
	const struct moor_event event = {.record = MOOR_RECORD_RELEASE};
	int err;

	if (moor_state() == MOOR_STATE_UNARMED)
		return -EAGAIN;
	if (moor_locked())
		return -EPERM;
	if (moor_state() == MOOR_STATE_BROKEN)
		return -ENOTRECOVERABLE;
	err = moor_tasks_close();
	if (err)
		return err;
	err = moor_log_append(&event, NULL);
	if (err) {
		moor_tasks_open();
		return err;
	}
	moor_attach_release();
	set_state(MOOR_STATE_UNARMED);
	moor_policy_drop();
	moor_access_drop();
	moor_tasks_clear();
	moor_module_files_release();
	flush_workqueue(moor_queue);
	moor_files_clear();
	return 0;
}

/* A hibernated image is somebody else's memory on the next boot. */
static int power_event(struct notifier_block *block, unsigned long event, void *data)
{
	return event == PM_HIBERNATION_PREPARE ? NOTIFY_BAD : NOTIFY_DONE;
}

static struct notifier_block power_notifier = {.notifier_call = power_event};

static ssize_t read_kernel_file(const char *path, void *buffer, size_t room)
{
	struct file *file = filp_open(path, O_RDONLY, 0);
	loff_t position = 0;
	ssize_t got;

	if (IS_ERR(file))
		return PTR_ERR(file);
	got = kernel_read(file, buffer, room, &position);
	filp_close(file, NULL);
	return got;
}

/* The kernel's boot id is not exported; without /proc an id of our own does. */
static void read_boot_id(void)
{
	char text[UUID_STRING_LEN + 1] = "";

	if (read_kernel_file("/proc/sys/kernel/random/boot_id", text, UUID_STRING_LEN) !=
		    UUID_STRING_LEN ||
	    uuid_parse(text, &moor_boot_id))
		uuid_gen(&moor_boot_id);
}

/**
 * moor_build_id - the module's own GNU build id
 * @id: out
 * @room: bytes at @id
 *
 * Read from sysfs, where the kernel shows the note section of the loaded module.
 *
 * Return: its length, 0 where it cannot be had.
 */
u32 moor_build_id(u8 *id, u32 room)
{
	struct {
		u32 name_size;
		u32 length;
		u32 type;
		char name[4];
		u8 id[MOOR_BUILD_ID_MAX];
	} note;
	ssize_t got =
		read_kernel_file("/sys/module/moor/notes/.note.gnu.build-id", &note, sizeof(note));

	if (got < (ssize_t)offsetof(typeof(note), id) || note.name_size != sizeof(note.name) ||
	    note.length > room || got < (ssize_t)(offsetof(typeof(note), id) + note.length))
		return 0;
	memcpy(id, note.id, note.length);
	return note.length;
}

static int __init moor_init(void)
{
	int err;

	read_boot_id();
	err = moor_attach_init();
	if (err)
		return err;
	err = moor_tpm_init(pcr, require_tpm);
	if (err)
		goto out_attach;
	moor_queue = alloc_workqueue("moor", WQ_UNBOUND, 0);
	if (!moor_queue) {
		err = -ENOMEM;
		goto out_tpm;
	}
	err = moor_domains_init();
	if (err)
		goto out_queue;
	err = moor_access_record_init();
	if (err)
		goto out_domains;
	err = moor_identities_init();
	if (err)
		goto out_access_record;
	err = moor_kfuncs_register();
	if (err)
		goto out_identities;
	err = moor_sysfs_init();
	if (err)
		goto out_identities;
	err = register_pm_notifier(&power_notifier);
	if (err)
		goto out_sysfs;
	err = moor_chardev_init();
	if (err)
		goto out_power;
	pr_info("loaded%s: PCR %u%s\n", moor_loaded_closed ? " closed" : "", pcr,
		moor_tpm_present() ? "" : " in memory alone, there is no TPM");
	return 0;

out_power:
	unregister_pm_notifier(&power_notifier);
out_sysfs:
	moor_sysfs_exit();
out_identities:
	moor_identities_exit();
out_access_record:
	moor_access_record_exit();
out_domains:
	moor_domains_exit();
out_queue:
	destroy_workqueue(moor_queue);
out_tpm:
	moor_tpm_exit();
out_attach:
	moor_attach_exit();
	return err;
}

/* Armed, the links' programs hold the module: only an unarmed one comes here. */
static void __exit moor_exit(void)
{
	moor_chardev_exit();
	unregister_pm_notifier(&power_notifier);
	moor_sysfs_exit();
	moor_tasks_clear();
	moor_policy_drop();
	mutex_lock(&moor_control);
	moor_access_drop();
	mutex_unlock(&moor_control);
	/* Policies are queued by RCU; then all that is queued is waited for. */
	rcu_barrier();
	destroy_workqueue(moor_queue);
	moor_identities_exit();
	moor_access_record_exit();
	moor_domains_exit();
	moor_files_clear();
	moor_log_exit();
	moor_tpm_exit();
	moor_attach_exit();
}

module_init(moor_init);
module_exit(moor_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Measures VM emulators before they run and keeps the host moored to its TPM");

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files that a domain opens, receives or brings in at its exec. What the policy
 * lists as firmware is held to it: the guest runs those bytes.
 */
#include "measure.h"

#include <linux/err.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/magic.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "compat.h"

/*
 * The file that can be read now. While file_open runs, the file itself cannot:
 * a second open of the same path is made, which comes through the same hook.
 */
static struct file *open_readable(struct file *file)
{
	struct file *readable;

	if (file->f_mode & FMODE_CAN_READ)
		return get_file(file);
	moor_task_set_measures(true);
	readable = dentry_open(&file->f_path, O_RDONLY | O_LARGEFILE | O_NOATIME, current_cred());
	moor_task_set_measures(false);
	return readable;
}

static int take(struct moor_measurement *m, struct file *file)
{
	struct file *readable = open_readable(file);
	int err;

	if (IS_ERR(readable)) {
		m->facts.unreadable = true;
		return 0;
	}
	err = moor_measurement_take(m, readable);
	fput(readable);
	return err;
}

static struct moor_verdict decide(const struct moor_measurement *m)
{
	return moor_decide_firmware(&m->context, &m->subject, &m->facts, m->writable);
}

/* A regular file that the policy may list. Return: as moor_check_opened(). */
static int check_firmware(struct moor_domain *domain, struct file *file)
{
	struct moor_measurement m MOOR_UNCLEARED;
	struct moor_verdict verdict;
	int err;

	moor_measurement_begin(&m, file, domain);
	m.writable = file->f_mode & FMODE_WRITE;
	err = moor_measurement_name(&m);
	if (err || !moor_measurement_look_up(&m, MOOR_KIND_FIRMWARE))
		goto out_end;
	if (!m.writable)
		moor_measurement_passed_before(&m, MOOR_KIND_FIRMWARE);
	err = moor_measurement_judge(&m, decide, take, &verdict);
	if (!err && m.held && m.facts.digest_known) {
		err = moor_domain_use(domain, m.held, false);
		m.held = NULL;
	}

out_end:
	moor_measurement_end(&m);
	return err;
}

/* /proc/PID/mem writes into mappings that nothing else may write. */
static bool is_process_memory(const struct file *file)
{
	return file->f_path.dentry->d_sb->s_magic == PROC_SUPER_MAGIC &&
	       !strcmp(file->f_path.dentry->d_name.name, "mem");
}

/**
 * moor_check_opened - a domain opens a file that is no device
 * @domain: of the current task
 * @file: as the hook has it: not yet readable
 *
 * An overlay's open of the file below comes here as well, and comes once more when a file is read
 * that was copied up after the domain had opened it.
 *
 * Return: 0; -EPERM, or why it could not be measured or recorded.
 */
int moor_check_opened(struct moor_domain *domain, struct file *file)
{
	if (!S_ISREG(file_inode(file)->i_mode))
		return 0;
	if (unlikely((file->f_mode & FMODE_WRITE) && is_process_memory(file)))
		return moor_check_memory_file(file);
	/* Nearly every open of a domain leaves here. */
	if (!moor_maybe_listed(moor_user_path(file), MOOR_KIND_FIRMWARE))
		return 0;
	return check_firmware(domain, file);
}

/**
 * moor_check_received - a task received an open file, or brought it into a domain
 * @domain: of the current task, or NULL
 * @file: that it got
 */
int moor_check_received(struct moor_domain *domain, struct file *file)
{
	umode_t mode = file_inode(file)->i_mode;

	if (S_ISCHR(mode))
		return moor_check_device(domain, file);
	return domain ? moor_check_opened(domain, file) : 0;
}

#define FEW_FILES 16

/* The open files of the current task, from a table that may change meanwhile. */
struct brought_in {
	struct file **files;
	unsigned int count;
	unsigned int room;
	struct file *few[FEW_FILES]; /* where @files begins; most bring in three */
};

static void remember(struct brought_in *list, struct file *file)
{
	umode_t mode = file_inode(file)->i_mode;

	if (!S_ISREG(mode) && !S_ISCHR(mode))
		return;
	if (list->count < list->room)
		list->files[list->count] = get_file(file);
	list->count++;
}

/* iterate_fd() looks at every number the table has room for. */
static void remember_all(struct brought_in *list)
{
	struct files_struct *files = current->files;
	struct fdtable *table;
	unsigned int fd;

	list->count = 0;
	spin_lock(&files->file_lock);
	table = files_fdtable(files);
	for_each_set_bit(fd, table->open_fds, table->max_fds)
	{
		struct file *file = rcu_dereference_check_fdtable(files, table->fd[fd]);

		if (file)
			remember(list, file);
	}
	spin_unlock(&files->file_lock);
}

static void put_all(struct brought_in *list)
{
	unsigned int i;

	for (i = 0; i < min(list->count, list->room); i++)
		fput(list->files[i]);
	if (list->files != list->few)
		kvfree(list->files);
}

/* Return: 0 or -ENOMEM. */
static int list_files(struct brought_in *list)
{
	list->files = list->few;
	list->room = FEW_FILES;
	while (list->files) {
		remember_all(list);
		if (list->count <= list->room)
			return 0;
		put_all(list);
		list->room = list->count + 64;
		list->files = kvcalloc(list->room, sizeof(*list->files), GFP_KERNEL_ACCOUNT);
	}
	return -ENOMEM;
}

/**
 * moor_check_brought_in - a program entered a domain: look at what it has open
 * @domain: that was entered
 *
 * The exec cannot be undone here, so a file that is refused ends the task.
 *
 * Context: at bprm_committed_creds; sleeps.
 */
void moor_check_brought_in(struct moor_domain *domain)
{
	struct brought_in list MOOR_UNCLEARED;
	unsigned int i;
	int err;

	err = list_files(&list);
	for (i = 0; !err && i < list.count; i++)
		err = moor_check_received(domain, list.files[i]);
	if (list.files)
		put_all(&list);
	if (err)
		send_sig(SIGKILL, current, 1);
}

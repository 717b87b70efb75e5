// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/moor/access/: how an access policy is handed over, and which one is in force. What
 * can be written is a bin_attribute, because those see the open file: a descriptor that was passed
 * on gives its receiver nothing.
 */
#include "access_load.h"
#include "names.h"

#include <linux/kobject.h>
#include <linux/string.h>
#include <linux/sysfs.h>

/* A write of just this structure, whose header must fit. */
static int fetch(void *to, size_t size, const char *from, loff_t offset, size_t count)
{
	const struct moor_header *header = to;

	if (offset || count != size)
		return -EINVAL;
	memcpy(to, from, size);
	if (header->size != size)
		return -EINVAL;
	return header->version == MOOR_ABI_VERSION ? 0 : -EOPNOTSUPP;
}

static ssize_t begin_write(struct file *file, struct kobject *object,
			   struct bin_attribute *attribute, char *bytes, loff_t offset,
			   size_t count)
{
	struct moor_access_begin begin;
	int err = moor_may_control(file) ?: fetch(&begin, sizeof(begin), bytes, offset, count);

	if (err)
		return err;
	mutex_lock(&moor_control);
	err = moor_access_begin(begin.byte_count, &begin.token);
	mutex_unlock(&moor_control);
	return err ?: count;
}

/* The token, for whoever may load as well. */
static ssize_t begin_read(struct file *file, struct kobject *object,
			  struct bin_attribute *attribute, char *bytes, loff_t offset, size_t count)
{
	u64 token;
	int err = moor_may_control(file);

	if (err)
		return err;
	mutex_lock(&moor_control);
	token = moor_access_token();
	mutex_unlock(&moor_control);
	return memory_read_from_buffer(bytes, count, &offset, &token, sizeof(token));
}

static ssize_t data_write(struct file *file, struct kobject *object,
			  struct bin_attribute *attribute, char *bytes, loff_t offset, size_t count)
{
	int err = moor_may_control(file);

	if (err)
		return err;
	mutex_lock(&moor_control);
	err = moor_access_add(bytes, offset, count);
	mutex_unlock(&moor_control);
	return err ?: count;
}

static ssize_t commit_write(struct file *file, struct kobject *object,
			    struct bin_attribute *attribute, char *bytes, loff_t offset,
			    size_t count)
{
	struct moor_access_commit commit;
	int err = moor_may_control(file) ?: fetch(&commit, sizeof(commit), bytes, offset, count);

	if (err)
		return err;
	if ((commit.flags & ~MOOR_COMMIT_FLAGS) || commit.reserved ||
	    !moor_valid_name(commit.name, sizeof(commit.name)))
		return -EINVAL;
	mutex_lock(&moor_control);
	err = moor_access_commit(&commit);
	mutex_unlock(&moor_control);
	return err ?: count;
}

static ssize_t error_show(struct kobject *object, struct kobj_attribute *attribute, char *page)
{
	int length;

	mutex_lock(&moor_control);
	length = sysfs_emit(page, "%s", moor_access_problem());
	mutex_unlock(&moor_control);
	return length;
}

static ssize_t attached_show(struct kobject *object, struct kobj_attribute *attribute, char *page)
{
	int length;

	mutex_lock(&moor_control);
	length = sysfs_emit(page, "%d\n", moor_attach_holds_access());
	mutex_unlock(&moor_control);
	return length;
}

static ssize_t policy_show(struct kobject *object, struct kobj_attribute *attribute, char *page)
{
	const struct moor_access_policy *policy;
	const struct moor_access *access;
	int length = 0;

	rcu_read_lock();
	policy = moor_access_policy();
	if (policy) {
		access = policy->access;
		length = sysfs_emit(page,
				    "name %s\nversion %llu\ngeneration %llu\ndomains %u\nmode %s\n"
				    "bytes %u\nsha256 %*phN\n",
				    access->name, access->version, access->generation,
				    access->domain_count,
				    moor_mode_name(access->enforcing ? MOOR_MODE_ENFORCING
								     : MOOR_MODE_LEARNING),
				    access->length, (int)sizeof(access->digest), access->digest);
	}
	rcu_read_unlock();
	return length;
}

static struct kobj_attribute attached_attribute = __ATTR_RO(attached);
static struct kobj_attribute error_attribute = __ATTR_RO(error);
static struct kobj_attribute policy_attribute = __ATTR_RO(policy);
static struct bin_attribute begin_attribute = __BIN_ATTR(begin, 0600, begin_read, begin_write, 0);
static struct bin_attribute data_attribute = __BIN_ATTR(data, 0200, NULL, data_write, 0);
static struct bin_attribute commit_attribute = __BIN_ATTR(commit, 0200, NULL, commit_write, 0);

static struct attribute *attributes[] = {&attached_attribute.attr, &error_attribute.attr,
					 &policy_attribute.attr, NULL};
static struct bin_attribute *binary_attributes[] = {&begin_attribute, &data_attribute,
						    &commit_attribute, NULL};
static const struct attribute_group group = {
	.attrs = attributes,
	.bin_attrs = binary_attributes,
};

static struct kobject *folder;

/**
 * moor_access_sysfs_init - make the folder
 * @parent: /sys/kernel/moor
 *
 * Return: 0, or what the kernel could not make.
 */
int moor_access_sysfs_init(struct kobject *parent)
{
	int err;

	folder = kobject_create_and_add("access", parent);
	if (!folder)
		return -ENOMEM;
	err = sysfs_create_group(folder, &group);
	if (err)
		moor_access_sysfs_exit();
	return err;
}

void moor_access_sysfs_exit(void)
{
	kobject_put(folder);
	folder = NULL;
}

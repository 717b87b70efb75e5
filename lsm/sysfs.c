// SPDX-License-Identifier: GPL-2.0-only
/*
 * What anybody may read: /sys/kernel/moor/ and, for root,
 * /sys/kernel/security/moor/ with the measurement log. Nothing in this file is writable.
 */
#include "moor.h"
#include "names.h"

#include <linux/err.h>
#include <linux/module.h>
#include <linux/security.h>
#include <linux/sysfs.h>

static ssize_t state_show(struct kobject *object, struct kobj_attribute *attribute, char *page)
{
	return sysfs_emit(page, "%s\n", moor_state_name(moor_state()));
}

static ssize_t mode_show(struct kobject *object, struct kobj_attribute *attribute, char *page)
{
	return sysfs_emit(page, "%s\n", moor_mode_name(moor_mode()));
}

static ssize_t locked_show(struct kobject *object, struct kobj_attribute *attribute, char *page)
{
	return sysfs_emit(page, "%d\n", moor_locked());
}

static ssize_t pcr_show(struct kobject *object, struct kobj_attribute *attribute, char *page)
{
	return sysfs_emit(page, "%u\n", moor_tpm_pcr());
}

static ssize_t version_show(struct kobject *object, struct kobj_attribute *attribute, char *page)
{
	return sysfs_emit(page, "%d\n", MOOR_ABI_VERSION);
}

static ssize_t boot_show(struct kobject *object, struct kobj_attribute *attribute, char *page)
{
	return sysfs_emit(page, "%pU\n", &moor_boot_id);
}

static ssize_t tpm_show(struct kobject *object, struct kobj_attribute *attribute, char *page)
{
	return sysfs_emit(page, "%d\n", moor_tpm_present());
}

static ssize_t policy_show(struct kobject *object, struct kobj_attribute *attribute, char *page)
{
	struct moor_policy *policy = moor_policy_get();
	int length = 0;

	if (policy)
		length = sysfs_emit(page,
				    "name %s\nversion %llu\ngeneration %llu\nentries %u\n"
				    "sha256 %*phN\n",
				    policy->trust->name, policy->trust->version,
				    policy->trust->generation, policy->trust->entry_count,
				    (int)sizeof(policy->trust->digest), policy->trust->digest);
	moor_policy_put(policy);
	return length;
}

static ssize_t stats_show(struct kobject *object, struct kobj_attribute *attribute, char *page)
{
	int length = 0;
	int i;

	for (i = 0; i < MOOR_COUNTER_COUNT; i++)
		length += sysfs_emit_at(page, length, "%s %llu\n", moor_counter_name(i),
					moor_counted(i));
	return length;
}

static struct kobj_attribute state_attribute = __ATTR_RO(state);
static struct kobj_attribute mode_attribute = __ATTR_RO(mode);
static struct kobj_attribute locked_attribute = __ATTR_RO(locked);
static struct kobj_attribute pcr_attribute = __ATTR_RO(pcr);
static struct kobj_attribute version_attribute = __ATTR_RO(version);
static struct kobj_attribute boot_attribute = __ATTR_RO(boot);
static struct kobj_attribute tpm_attribute = __ATTR_RO(tpm);
static struct kobj_attribute policy_attribute = __ATTR_RO(policy);
static struct kobj_attribute stats_attribute = __ATTR_RO(stats);

static struct attribute *attributes[] = {
	&state_attribute.attr,	 &mode_attribute.attr,
	&locked_attribute.attr,	 &pcr_attribute.attr,
	&version_attribute.attr, &boot_attribute.attr,
	&tpm_attribute.attr,	 &policy_attribute.attr,
	&stats_attribute.attr,	 NULL,
};

static const struct attribute_group group = {.attrs = attributes};

static ssize_t binary_read(struct file *file, char __user *to, size_t count, loff_t *position)
{
	return moor_log_read(to, count, position, false);
}

static ssize_t ascii_read(struct file *file, char __user *to, size_t count, loff_t *position)
{
	return moor_log_read(to, count, position, true);
}

static const struct file_operations binary_operations = {
	.owner = THIS_MODULE,
	.read = binary_read,
	.llseek = default_llseek,
};

static const struct file_operations ascii_operations = {
	.owner = THIS_MODULE,
	.read = ascii_read,
	.llseek = default_llseek,
};

static struct kobject *object;
static struct dentry *folder, *binary, *ascii;

static int log_files_init(void)
{
	folder = securityfs_create_dir("moor", NULL);
	if (IS_ERR(folder))
		return PTR_ERR(folder);
	binary = securityfs_create_file("measurements", 0400, folder, NULL, &binary_operations);
	ascii = securityfs_create_file("measurements_ascii", 0400, folder, NULL, &ascii_operations);
	if (IS_ERR(binary))
		return PTR_ERR(binary);
	return PTR_ERR_OR_ZERO(ascii);
}

/* Return: 0, or what the kernel could not make. */
int moor_sysfs_init(void)
{
	int err = -ENOMEM;

	object = kobject_create_and_add("moor", kernel_kobj);
	if (object)
		err = sysfs_create_group(object, &group);
	if (!err)
		err = moor_access_sysfs_init(object);
	if (!err)
		err = log_files_init();
	if (err)
		moor_sysfs_exit();
	return err;
}

void moor_sysfs_exit(void)
{
	securityfs_remove(ascii);
	securityfs_remove(binary);
	securityfs_remove(folder);
	moor_access_sysfs_exit();
	kobject_put(object);
}

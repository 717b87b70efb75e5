// SPDX-License-Identifier: GPL-2.0-only
/*
 * moor: measured launch of virtual machines. This file loads and unloads it.
 */
#define pr_fmt(fmt) "moor: " fmt

#include <linux/module.h>

static int __init moor_init(void)
{
	pr_info("loaded\n");
	return 0;
}

static void __exit moor_exit(void)
{
	pr_info("unloaded\n");
}

module_init(moor_init);
module_exit(moor_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Measured launch and access control for virtual machines");

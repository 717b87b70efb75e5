/* SPDX-License-Identifier: GPL-2.0-only */
/* The access policy in force, and how it comes there. */
#ifndef MOOR_ACCESS_LOAD_H
#define MOOR_ACCESS_LOAD_H

#include "access.h"
#include "moor.h"

/**
 * struct moor_access_policy - an access policy in force
 * @access: its rules
 * @release: frees it
 */
struct moor_access_policy {
	struct moor_access *access;
	struct rcu_work release;
};

const struct moor_access_policy *moor_access_policy(void);
/**
 * moor_access_domain_of - the domain of a policy that a VM's task is held to
 * @access: the policy
 * @vm: the task's domain
 * @helper: its child domain, 0: the VM's own
 */
static inline u32 moor_access_domain_of(const struct moor_access *access,
					const struct moor_domain *vm, u32 helper)
{
	return moor_access_helper(access, moor_access_find(access, vm->vm), helper);
}

int moor_access_begin(u64 byte_count, u64 *token);
u64 moor_access_token(void);
int moor_access_add(const void *bytes, u64 offset, u64 length);
int moor_access_claim(u64 token, const struct path *path, const char *vm, u32 *number);
int moor_access_commit(const struct moor_access_commit *commit);
const char *moor_access_problem(void);

#endif /* MOOR_ACCESS_LOAD_H */

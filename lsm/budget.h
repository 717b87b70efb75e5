/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How many refusals may be recorded, and for whom.
 *
 * A refusal's record costs an extend and a place in the log, and who is refused can choose what
 * stands in it. So each VM has a budget of different refusals a boot, and so have the tasks outside
 * of every VM: root's apart from all others', or anybody could use up what the host's own acts are
 * recorded by. All of them together get half of the log: the rest is the launches'.
 *
 * Nothing in here locks; the caller lets in one at a time.
 */
#ifndef MOOR_BUDGET_H
#define MOOR_BUDGET_H

#include "portable.h"

#define MOOR_BUDGET_VM	    256	  /* of one VM, by its name: a new start gets no new one */
#define MOOR_BUDGET_OUTSIDE 1024  /* of tasks outside of every VM */
#define MOOR_BUDGET_ALL	    32768 /* of all together */
#define MOOR_BUDGET_VMS_MAX 4096  /* names that have a budget of their own */

#define MOOR_BUDGET_BUCKETS 64

/**
 * struct moor_budget - of one VM, or of what runs outside
 * @next: in the same bucket
 * @vm: whose it is, or ""
 * @limit: different refusals that are recorded, and records that may wait at a time
 * @spent: refusals recorded so far
 * @waiting: records that wait for the worker
 * @last: the record that was put there last, while it waits; only compared
 * @ended: further refusals are not recorded
 * @told: that it ended stands in the log
 */
struct moor_budget {
	struct moor_budget *next;
	char vm[MOOR_VM_NAME_MAX + 1];
	u32 limit;
	u32 spent;
	u32 waiting;
	const void *last;
	bool ended;
	bool told;
};

/**
 * struct moor_budgets - all of them
 * @of_vms: by the name's hash
 * @vm_count: of those in @of_vms
 * @spent: by all together
 * @untold: how many have ended of which the log does not tell yet
 * @of_root: outside of every VM, by root
 * @of_others: outside of every VM, by anybody else
 * @of_rest: of VMs for which no budget of their own could be made
 */
struct moor_budgets {
	struct moor_budget *of_vms[MOOR_BUDGET_BUCKETS];
	u32 vm_count;
	u32 spent;
	u32 untold;
	struct moor_budget of_root;
	struct moor_budget of_others;
	struct moor_budget of_rest;
};

#define MOOR_BUDGETS_INIT                                                                          \
	{                                                                                          \
		.of_root = {.limit = MOOR_BUDGET_OUTSIDE},                                         \
		.of_others = {.limit = MOOR_BUDGET_OUTSIDE}, .of_rest = {.limit = MOOR_BUDGET_VM}, \
	}

struct moor_budget *moor_budget_of(struct moor_budgets *all, const char *vm, bool by_root,
				   gfp_t flags);
void moor_budget_end(struct moor_budgets *all, struct moor_budget *budget);
bool moor_budget_spend(struct moor_budgets *all, struct moor_budget *budget, bool waited);
void moor_budget_refund(struct moor_budgets *all, struct moor_budget *budget);
struct moor_budget *moor_budget_untold(struct moor_budgets *all);
void moor_budgets_free(struct moor_budgets *all);

#endif /* MOOR_BUDGET_H */

// SPDX-License-Identifier: GPL-2.0-only
/* How many refusals may be recorded, see budget.h. */
#include "budget.h"

/* FNV-1a; names come from whoever may bind a VM, so nobody gains by collisions. */
static u32 bucket_of(const char *vm)
{
	u32 hash = 2166136261U;

	for (; *vm; vm++)
		hash = (hash ^ (u8)*vm) * 16777619U;
	return hash % MOOR_BUDGET_BUCKETS;
}

/**
 * moor_budget_of - whose budget pays for a record?
 * @all: the budgets
 * @vm: that it is about; NULL or "" for a task outside of every VM
 * @by_root: that task's user is root of the first user namespace
 * @flags: for a VM that was never heard of
 *
 * Return: the budget, never NULL. It lives as long as @all.
 */
struct moor_budget *moor_budget_of(struct moor_budgets *all, const char *vm, bool by_root,
				   gfp_t flags)
{
	struct moor_budget *budget, **bucket;
	size_t length = vm ? strlen(vm) : 0;

	if (!length)
		return by_root ? &all->of_root : &all->of_others;
	bucket = &all->of_vms[bucket_of(vm)];
	for (budget = *bucket; budget; budget = budget->next)
		if (!strcmp(budget->vm, vm))
			return budget;
	if (all->vm_count >= MOOR_BUDGET_VMS_MAX || length >= sizeof(budget->vm))
		return &all->of_rest;
	budget = kzalloc(sizeof(*budget), flags);
	if (!budget)
		return &all->of_rest;
	memcpy(budget->vm, vm, length);
	budget->limit = MOOR_BUDGET_VM;
	budget->next = *bucket;
	*bucket = budget;
	all->vm_count++;
	return budget;
}

/**
 * moor_budget_end - from here on no refusal of these is recorded until the next boot
 * @all: the budgets
 * @budget: that ends; it may have before
 */
void moor_budget_end(struct moor_budgets *all, struct moor_budget *budget)
{
	if (!budget->ended)
		all->untold++;
	budget->ended = true;
}

/**
 * moor_budget_spend - may one more refusal be recorded?
 * @all: the budgets
 * @budget: that is to pay
 * @waited: it has waited since before the budget's end, maybe
 *
 * The first refusal that cannot be paid for ends the budget.
 *
 * Return: true, and it is paid for.
 */
bool moor_budget_spend(struct moor_budgets *all, struct moor_budget *budget, bool waited)
{
	bool spent = budget->spent >= budget->limit || all->spent >= MOOR_BUDGET_ALL;

	if (spent)
		moor_budget_end(all, budget);
	if (spent || (budget->ended && !waited))
		return false;
	budget->spent++;
	all->spent++;
	return true;
}

/* It could not be recorded after all. */
void moor_budget_refund(struct moor_budgets *all, struct moor_budget *budget)
{
	budget->spent--;
	all->spent--;
}

static bool untold(const struct moor_budget *budget)
{
	return budget->ended && !budget->told;
}

static struct moor_budget *find_untold(struct moor_budgets *all)
{
	struct moor_budget *const outside[] = {&all->of_root, &all->of_others, &all->of_rest};
	struct moor_budget *budget;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(outside); i++)
		if (untold(outside[i]))
			return outside[i];
	for (i = 0; i < MOOR_BUDGET_BUCKETS; i++)
		for (budget = all->of_vms[i]; budget; budget = budget->next)
			if (untold(budget))
				return budget;
	return NULL;
}

/**
 * moor_budget_untold - the next budget whose end is to be recorded
 * @all: the budgets
 *
 * Return: the budget, once for each; NULL when there is none.
 */
struct moor_budget *moor_budget_untold(struct moor_budgets *all)
{
	struct moor_budget *budget = all->untold ? find_untold(all) : NULL;

	if (!budget)
		return NULL;
	budget->told = true;
	all->untold--;
	return budget;
}

/* All are as at the beginning. */
void moor_budgets_free(struct moor_budgets *all)
{
	struct moor_budget *budget, *next;
	u32 i;

	for (i = 0; i < MOOR_BUDGET_BUCKETS; i++) {
		for (budget = all->of_vms[i]; budget; budget = next) {
			next = budget->next;
			kfree(budget);
		}
	}
	*all = (struct moor_budgets)MOOR_BUDGETS_INIT;
}

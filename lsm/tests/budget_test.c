// SPDX-License-Identifier: GPL-2.0-only
/* How many refusals may be recorded, and for whom. */
#include "budget.h"

#include <stdio.h>

#include "allocation.h"
#include "test.h"

static u32 spend(struct moor_budgets *all, const char *vm, bool by_root, u32 attempts)
{
	u32 paid = 0, i;

	for (i = 0; i < attempts; i++)
		paid += moor_budget_spend(all, moor_budget_of(all, vm, by_root, GFP_KERNEL), false);
	return paid;
}

static void check_one(void)
{
	struct moor_budgets all = MOOR_BUDGETS_INIT;

	test_begin("a VM's budget ends after so many refusals, and not that of another");
	CHECK_EQUAL(spend(&all, "web1", true, 2 * MOOR_BUDGET_VM), MOOR_BUDGET_VM);
	CHECK_EQUAL(spend(&all, "web2", true, 1), 1);
	CHECK_EQUAL(spend(&all, "web1", false, 1), 0);
	CHECK_EQUAL(all.spent, MOOR_BUDGET_VM + 1);
	test_end();

	test_begin("the end of a budget is told once");
	CHECK(moor_budget_untold(&all) == moor_budget_of(&all, "web1", true, GFP_KERNEL));
	CHECK(!moor_budget_untold(&all));
	test_end();

	test_begin("outside of every VM root's budget is not that of others");
	CHECK_EQUAL(spend(&all, NULL, false, 2 * MOOR_BUDGET_OUTSIDE), MOOR_BUDGET_OUTSIDE);
	CHECK_EQUAL(spend(&all, "", true, 1), 1);
	CHECK(moor_budget_untold(&all) == &all.of_others);
	CHECK(!moor_budget_untold(&all));
	test_end();

	test_begin("what waited since before the end is paid for while there is something left");
	moor_budget_end(&all, &all.of_root);
	CHECK_EQUAL(spend(&all, NULL, true, 1), 0);
	CHECK(moor_budget_spend(&all, &all.of_root, true));
	CHECK(!moor_budget_spend(&all, &all.of_others, true));
	test_end();

	test_begin("a refund makes room for one");
	moor_budget_refund(&all, moor_budget_of(&all, "web2", true, GFP_KERNEL));
	CHECK_EQUAL(spend(&all, "web2", true, MOOR_BUDGET_VM + 1), MOOR_BUDGET_VM);
	test_end();
	moor_budgets_free(&all);
}

static void check_all(void)
{
	struct moor_budgets all = MOOR_BUDGETS_INIT;
	u32 paid = 0, vms = MOOR_BUDGET_ALL / MOOR_BUDGET_VM, i;
	char vm[16];

	test_begin("all together have a limit, whatever each has left");
	for (i = 0; i < vms + 10; i++) {
		snprintf(vm, sizeof(vm), "vm%u", i);
		paid += spend(&all, vm, true, MOOR_BUDGET_VM);
	}
	CHECK_EQUAL(paid, MOOR_BUDGET_ALL);
	CHECK_EQUAL(spend(&all, NULL, true, 1), 0);
	for (i = 0; moor_budget_untold(&all); i++)
		;
	CHECK_EQUAL(i, 11);
	test_end();

	test_begin("budgets are as at the beginning after they were freed");
	moor_budgets_free(&all);
	CHECK_EQUAL(all.vm_count, 0);
	CHECK_EQUAL(spend(&all, NULL, true, 1), 1);
	test_end();
	moor_budgets_free(&all);
}

static void check_rest(void)
{
	struct moor_budgets all = MOOR_BUDGETS_INIT;
	char vm[MOOR_VM_NAME_MAX + 2];
	u32 i;

	test_begin("a VM without memory for its budget shares one with others like it");
	allocation_reset(1);
	CHECK(moor_budget_of(&all, "web1", true, GFP_KERNEL) == &all.of_rest);
	allocation_reset(0);
	CHECK(moor_budget_of(&all, "web1", true, GFP_KERNEL) != &all.of_rest);
	memset(vm, 'v', sizeof(vm) - 1);
	vm[sizeof(vm) - 1] = '\0';
	CHECK(moor_budget_of(&all, vm, true, GFP_KERNEL) == &all.of_rest);
	test_end();

	test_begin("so does a VM beyond so many names");
	for (i = 1; i < MOOR_BUDGET_VMS_MAX; i++) {
		snprintf(vm, sizeof(vm), "vm%u", i);
		CHECK(moor_budget_of(&all, vm, true, GFP_KERNEL) != &all.of_rest);
	}
	CHECK(moor_budget_of(&all, "one more", true, GFP_KERNEL) == &all.of_rest);
	CHECK(moor_budget_of(&all, "web1", true, GFP_KERNEL) != &all.of_rest);
	test_end();
	moor_budgets_free(&all);
}

void budget_tests(void)
{
	check_one();
	check_all();
	check_rest();
}

// SPDX-License-Identifier: GPL-2.0-only
/* Counters that sysfs shows. They count events that are slow anyway. */
#include "moor.h"

#include <linux/atomic.h>

static atomic64_t counters[MOOR_COUNTER_COUNT];

static const char *const names[MOOR_COUNTER_COUNT] = {
#define MOOR_COUNTER(name) [MOOR_COUNT_##name] = #name,
#include "counters.def"
#undef MOOR_COUNTER
};

/* Context: any. */
void moor_count(enum moor_counter counter)
{
	atomic64_inc(&counters[counter]);
}

u64 moor_counted(enum moor_counter counter)
{
	return atomic64_read(&counters[counter]);
}

const char *moor_counter_name(enum moor_counter counter)
{
	return names[counter];
}

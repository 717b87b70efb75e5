// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records to the system log. A line carries boot= and seq=, a number of its
 * own, because the text may be dropped after it was handed over (printk's rate
 * limit, audit's backlog): the reader finds the gaps. Lines that could not even
 * be handed over are counted.
 */
#include "moor.h"

#include <linux/audit.h>
#include <linux/ratelimit.h>
#include <linux/spinlock.h>

static u64 sequence;
static DEFINE_SPINLOCK(numbering);
/* Refusals can come by the million; what is not written is counted. */
static DEFINE_RATELIMIT_STATE(limit, HZ, 1000);

/**
 * moor_audit - hand a record's text to the system log
 * @text: from moor_text_format() or moor_text_access()
 *
 * Context: any; does not sleep, since audit would wait for its backlog.
 */
void moor_audit(const char *text)
{
	struct audit_buffer *buffer = NULL;
	unsigned long flags;
	u64 number;

	/*
	 * Audit's serial rises with our number: by both a reader tells the lines of one load of the
	 * module from those of another. So it is not that of a system call, which may be older.
	 */
	spin_lock_irqsave(&numbering, flags);
	number = ++sequence;
	if (__ratelimit(&limit))
		buffer = audit_log_start(NULL, GFP_ATOMIC, AUDIT_INTEGRITY_RULE);
	spin_unlock_irqrestore(&numbering, flags);
	if (!buffer) {
		moor_count(MOOR_COUNT_audit_lost);
		return;
	}
	audit_log_format(buffer, "moor boot=%pU seq=%llu%s", &moor_boot_id, number, text);
	audit_log_end(buffer);
}

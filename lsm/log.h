/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the measurement log share: log_record.c makes records, log_defer.c lets
 * those wait whose hooks cannot sleep, log.c brings them into the log, log_view.c shows it.
 */
#ifndef MOOR_LOG_H
#define MOOR_LOG_H

#include "moor.h"

#include <linux/list.h>

/* Bounds the log's memory; a launch that would need one more is refused. */
#define MOOR_LOG_RECORDS_MAX 65536
/* The same for records that wait for the cap or for the worker. */
#define MOOR_LOG_WAITING_MAX 4096

/**
 * struct moor_log_record - one record, in the log or waiting
 * @node: in the log, or where it waits
 * @seen: in the table of what need not be recorded again
 * @identity: SHA-256 of the event
 * @record: enum moor_record
 * @by_root: the task was root's, in the first user namespace
 * @waited: it was deferred
 * @budget: that pays for it, once somebody has asked
 * @note: what goes beside the event
 * @vm: for @note
 * @offset: of its bytes in the binary log
 * @text_offset: of its line in the ascii view
 * @length: of @bytes
 * @text_length: of @text
 * @event_length: of @event
 * @bytes: the CEL record, once extended
 * @text: its line in the ascii view
 * @event: the encoded event
 */
struct moor_log_record {
	struct list_head node;
	struct hlist_node seen;
	u8 identity[32];
	u8 record;
	bool by_root;
	bool waited;
	struct moor_budget *budget;
	struct moor_event_note note;
	char vm[MOOR_VM_NAME_MAX + 1];
	loff_t offset;
	loff_t text_offset;
	u32 length;
	u32 text_length;
	u32 event_length;
	u8 *bytes;
	char *text;
	u8 event[];
};

/**
 * struct moor_log - the log
 * @mutex: covers an extend and the append that goes with it, and nothing slower
 * @records: in the order of their extends
 * @pending: until the cap
 * @count: of @records
 * @bytes: of the binary log
 * @text_bytes: of the ascii view
 * @pending_count: of @pending
 * @capped: records are extended at once
 */
struct moor_log {
	struct mutex mutex;
	struct list_head records;
	struct list_head pending;
	u64 count;
	loff_t bytes;
	loff_t text_bytes;
	u32 pending_count;
	bool capped;
};

/* log.c */
extern struct moor_log moor_log;
int moor_log_take(struct moor_log_record *record);

/* log_defer.c */
bool moor_log_affordable(struct moor_log_record *record);
bool moor_log_spend(struct moor_log_record *record);
void moor_log_refund(struct moor_log_record *record);
void moor_log_tell_floods(void);
void moor_log_settle(void);
void moor_log_drop_deferred(void);

/* log_record.c */
struct moor_log_record *moor_log_record_make(const struct moor_event *event, const char *vm,
					     gfp_t flags);
void moor_log_record_free(struct moor_log_record *record);
void moor_log_free_list(struct list_head *list);
int moor_log_record_encode(struct moor_log_record *record, u64 number,
			   const struct moor_bank_value *digests, u32 count);

#endif /* MOOR_LOG_H */

// SPDX-License-Identifier: GPL-2.0-only
/* See log_surroundings.h. */
#include "log_surroundings.h"

struct surroundings around;
static struct work_struct *queued;
static struct allocation_counts before;

bool moor_loaded_closed;
uuid_t moor_boot_id = {{1, 2, 3}};
struct workqueue_struct *moor_queue;
kuid_t test_uid;

enum moor_state moor_state(void)
{
	return around.broken ? MOOR_STATE_BROKEN : MOOR_STATE_OPEN;
}

void moor_break(void)
{
	around.broken = true;
}

void moor_audit(const char *text)
{
	around.audited++;
	strscpy(around.last_line, text, sizeof(around.last_line));
}

void moor_count(enum moor_counter counter)
{
	around.counts[counter]++;
}

bool queue_work(struct workqueue_struct *queue, struct work_struct *work)
{
	(void)queue;
	queued = work;
	return true;
}

bool flush_work(struct work_struct *work)
{
	(void)work;
	run_worker();
	return true;
}

void run_worker(void)
{
	struct work_struct *work = queued;

	queued = NULL;
	if (work)
		work->run(work);
}

u32 moor_tpm_pcr(void)
{
	return 13;
}

int moor_tpm_resync(void)
{
	return 0;
}

static u32 one_bank(struct moor_bank_value *bank, u64 value)
{
	*bank = (struct moor_bank_value){.algorithm = 0x000b, .digest_length = 32};
	memcpy(bank->digest, &value, sizeof(value));
	return 1;
}

u32 moor_tpm_values(struct moor_bank_value values[MOOR_BANKS_MAX])
{
	return one_bank(values, 0);
}

/* No SHA-256, but different for different events, which is all that is asked of it here. */
static u64 digest_of(const void *data, u32 length)
{
	const u8 *bytes = data;
	u64 hash = 14695981039346656037ULL;
	u32 i;

	for (i = 0; i < length; i++)
		hash = (hash ^ bytes[i]) * 1099511628211ULL;
	return hash;
}

int moor_tpm_digest(const void *data, u32 length, struct moor_bank_value digests[MOOR_BANKS_MAX],
		    u32 *count)
{
	*count = one_bank(digests, digest_of(data, length));
	return 0;
}

int moor_tpm_extend(const struct moor_bank_value digests[MOOR_BANKS_MAX])
{
	u32 number = around.extends + 1;

	(void)digests;
	if (number == around.failing_extend) {
		around.failing_extend = 0;
		return around.extend_error;
	}
	if (around.failing_from && number >= around.failing_from)
		return around.extend_error;
	around.extends++;
	return 0;
}

int moor_sha256(const void *data, u32 length, u8 digest[32])
{
	u64 hash = digest_of(data, length);

	memset(digest, 0, 32);
	memcpy(digest, &hash, sizeof(hash));
	return around.hash_error;
}

u32 moor_attach_tags(u8 *tags, u32 room)
{
	(void)room;
	memset(tags, 7, 16);
	return 16;
}

u32 moor_build_id(u8 *id, u32 room)
{
	(void)room;
	memset(id, 9, 20);
	return 20;
}

void log_begin(bool capped)
{
	around = (struct surroundings){0};
	test_uid = GLOBAL_ROOT_UID;
	queued = NULL;
	allocation_reset(0);
	before = allocation_counts();
	moor_log.capped = capped;
}

void log_end(void)
{
	allocation_reset(0);
	moor_log_exit();
	CHECK_EQUAL(allocation_counts().blocks, before.blocks);
	CHECK_EQUAL(allocation_counts().bytes, before.bytes);
}

static struct moor_event about(u8 record, u32 number)
{
	static char paths[4][32];
	static u32 next;
	char *path = paths[next++ % ARRAY_SIZE(paths)];

	snprintf(path, sizeof(paths[0]), "/lib/%u", number);
	return (struct moor_event){
		.present = MOOR_HAS(KIND) | MOOR_HAS(PATH),
		.record = record,
		.kind = MOOR_KIND_LIBRARY,
		.path = {path, (u32)strlen(path)},
	};
}

struct moor_event refusal(u32 number)
{
	struct moor_event event = about(MOOR_RECORD_REFUSE, number);

	event.present |= MOOR_HAS(REASON);
	event.reason = MOOR_REASON_UNLISTED;
	return event;
}

struct moor_event measurement(u32 number)
{
	return about(MOOR_RECORD_MEASURE, number);
}

const struct moor_log_record *record_at(u32 index)
{
	const struct moor_log_record *record;

	list_for_each_entry (record, &moor_log.records, node)
		if (!index--)
			return record;
	return NULL;
}

u32 records_of(u8 kind)
{
	const struct moor_log_record *record;
	u32 count = 0;

	list_for_each_entry (record, &moor_log.records, node)
		count += record->record == kind;
	return count;
}

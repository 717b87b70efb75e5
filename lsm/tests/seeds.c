// SPDX-License-Identifier: GPL-2.0-only
/* Writes the fuzzers' first inputs: seeds fuzz_trust|fuzz_event|fuzz_dfa|fuzz_access FOLDER.
 * Those of fuzz_dfa stand in dfa/ besides, as the compiler made them. */
#include "access_make.h"
#include "event.h"
#include "packer.h"

#include <stdio.h>
#include <stdlib.h>

static void write_seed(const char *folder, const char *name, const void *bytes, size_t length)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "wb");
	if (!file || fwrite(bytes, 1, length, file) != length || fclose(file)) {
		perror(path);
		exit(1);
	}
}

static void trust_seeds(const char *folder)
{
	struct packer packer;

	packer_init(&packer, 65536);
	write_seed(folder, "seed-empty", packer.bytes, 0);
	pack(&packer, MOOR_KIND_EXEC, 0, MOOR_ALGORITHM_NONE, 0, "/a");
	write_seed(folder, "seed-one", packer.bytes, packer.length);
	pack_sample(&packer);
	write_seed(folder, "seed-sample", packer.bytes, packer.length);
	pack(&packer, MOOR_KIND_EXEC, 0, MOOR_ALGORITHM_NONE, 0, "/a");
	write_seed(folder, "seed-doubled", packer.bytes, packer.length);
	packer_free(&packer);
}

static void event_seeds(const char *folder)
{
	static const u8 some[64] = {1, 2, 3};
	struct moor_bank_value bank = {.algorithm = 11, .digest_length = 32};
	struct moor_event_note note = {.time = 1, .pid = 2, .vm = "web1"};
	struct moor_event event = {
		.present = (MOOR_HAS(CLOSED) << 1) - MOOR_HAS(RECORD),
		.record = MOOR_RECORD_REFUSE,
		.kind = MOOR_KIND_EXEC,
		.algorithm = MOOR_ALGORITHM_SHA256,
		.reason = MOOR_REASON_DIGEST,
		.mode = MOOR_MODE_ENFORCING,
		.abi = MOOR_ABI_VERSION,
		.path = {"/usr/bin/qemu-system-x86_64", 27},
		.digest = {some, 32},
		.expected = {some, 64},
		.name = {"rack12", 6},
		.build_id = {some, 20},
		.program_tags = {some, 16},
		.banks = &bank,
		.bank_count = 1,
	};
	u8 bytes[MOOR_EVENT_SIZE_MAX], record_bytes[MOOR_CEL_RECORD_SIZE_MAX];
	struct moor_cel_record record = {.banks = &bank, .bank_count = 1, .note = &note};
	int length = moor_event_encode(&event, bytes, sizeof(bytes));

	if (length < 0)
		exit(1);
	write_seed(folder, "seed-event", bytes, (size_t)length);
	record.event = (struct moor_bytes){bytes, (u32)length};
	length = moor_cel_record_encode(&record, record_bytes, sizeof(record_bytes));
	if (length < 0)
		exit(1);
	write_seed(folder, "seed-record", record_bytes, (size_t)length);
}

static void dfa_seeds(const char *folder)
{
	struct sample sample = sample_make();

	write_seed(folder, "seed-sample", &sample, sizeof(sample));
}

static void access_seeds(const char *folder)
{
	struct policy policy = policy_make();

	write_seed(folder, "seed-policy", &policy, sizeof(policy));
}

int main(int count, char **arguments)
{
	if (count == 3 && strcmp(arguments[1], "fuzz_trust") == 0)
		trust_seeds(arguments[2]);
	else if (count == 3 && strcmp(arguments[1], "fuzz_event") == 0)
		event_seeds(arguments[2]);
	else if (count == 3 && strcmp(arguments[1], "fuzz_dfa") == 0)
		dfa_seeds(arguments[2]);
	else if (count == 3 && strcmp(arguments[1], "fuzz_access") == 0)
		access_seeds(arguments[2]);
	else
		return 2;
	return 0;
}

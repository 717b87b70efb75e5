// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes a measurement log with every kind of record and every field to
 * standard output, through the module's own encoder: what the reader in user
 * space is tested with (Tests/EventLogTests/Fixtures/README.md).
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "../event.h"

#define PCR 13

static const char emulator[] = "/usr/bin/qemu-system-x86_64";
static const char library[] = "/usr/lib/x86_64-linux-gnu/libc.so.6";

static u64 number;

static void fail(const char *what)
{
	fprintf(stderr, "sample_log: %s\n", what);
	exit(1);
}

static void hash(struct moor_bank_value *bank, u16 algorithm, const EVP_MD *method, const u8 *event,
		 u32 length)
{
	unsigned int size;

	if (!EVP_Digest(event, length, bank->digest, &size, method, NULL))
		fail("hashing failed");
	bank->algorithm = algorithm;
	bank->digest_length = (u16)size;
}

static void append(const struct moor_event *event, const char *vm)
{
	struct moor_event_note note = {
		.boot = {0x0f, 0x2c, 0x8f, 0x0e, 0x3c, 0x5b, 0x4a, 0x55, 0x9d, 0x1c, 0x7f, 0x8a,
			 0x1b, 0x2c, 0x3d, 0x4e},
		.time = 1000 + number,
		.pid = 512,
		.vm = vm,
	};
	struct moor_bank_value banks[2] = {0};
	struct moor_cel_record record = {
		.number = number++, .pcr = PCR, .banks = banks, .bank_count = 2, .note = &note};
	u8 bytes[MOOR_CEL_RECORD_SIZE_MAX];
	u8 encoded[MOOR_EVENT_SIZE_MAX];
	int length = moor_event_encode(event, encoded, sizeof(encoded));

	if (length < 0)
		fail("an event was not encoded");
	hash(&banks[0], 0x000b, EVP_sha256(), encoded, (u32)length);
	hash(&banks[1], 0x000c, EVP_sha384(), encoded, (u32)length);
	record.event = (struct moor_bytes){encoded, (u32)length};
	length = moor_cel_record_encode(&record, bytes, sizeof(bytes));
	if (length < 0)
		fail("a record was not encoded");
	if (fwrite(bytes, 1, (size_t)length, stdout) != (size_t)length)
		fail("writing failed");
}

static void append_bare(u8 kind)
{
	struct moor_event event = {.record = kind};

	append(&event, NULL);
}

static void append_start(void)
{
	static const u8 tags[16] = {0x6d, 0xee, 0xf7, 0x35, 0x7e, 0x7b, 0x45, 0x30,
				    0xa0, 0x4f, 0x5e, 0xef, 0x06, 0xa7, 0xf5, 0x55};
	struct moor_bank_value before[2] = {{.algorithm = 0x000b, .digest_length = 32},
					    {.algorithm = 0x000c, .digest_length = 48}};
	u8 build_id[20];
	struct moor_event event = {
		.present = MOOR_HAS(MODE) | MOOR_HAS(ABI) | MOOR_HAS(BUILD_ID) |
			   MOOR_HAS(PROGRAM_TAGS) | MOOR_HAS(PCR_BEFORE) | MOOR_HAS(CLOSED),
		.record = MOOR_RECORD_START,
		.abi = 1,
		.build_id = {build_id, sizeof(build_id)},
		.program_tags = {tags, sizeof(tags)},
		.banks = before,
		.bank_count = 2,
	};
	u8 i;

	for (i = 0; i < sizeof(build_id); i++)
		build_id[i] = i;
	append(&event, NULL);
}

static void append_policy(void)
{
	u8 digest[32];
	struct moor_event event = {
		.present = MOOR_HAS(ALGORITHM) | MOOR_HAS(DIGEST) | MOOR_HAS(MODE) |
			   MOOR_HAS(NAME) | MOOR_HAS(VERSION) | MOOR_HAS(GENERATION),
		.record = MOOR_RECORD_POLICY,
		.algorithm = MOOR_ALGORITHM_SHA256,
		.mode = MOOR_MODE_ENFORCING,
		.version = 7,
		.digest = {digest, sizeof(digest)},
		.name = {"hosts/rack12", 12},
	};

	memset(digest, 0x5a, sizeof(digest));
	append(&event, NULL);
	event.present = MOOR_HAS(MODE);
	event.record = MOOR_RECORD_MODE;
	append(&event, NULL);
}

static void append_files(void)
{
	u8 found[32], expected[32];
	struct moor_event event = {
		.present = MOOR_HAS(KIND) | MOOR_HAS(PATH) | MOOR_HAS(ALGORITHM) | MOOR_HAS(DIGEST),
		.record = MOOR_RECORD_MEASURE,
		.kind = MOOR_KIND_EXEC,
		.algorithm = MOOR_ALGORITHM_SHA256,
		.reason = MOOR_REASON_DIGEST,
		.path = {emulator, sizeof(emulator) - 1},
		.digest = {found, sizeof(found)},
		.expected = {expected, sizeof(expected)},
	};

	memset(found, 0x14, sizeof(found));
	append(&event, "web1");
	memset(found, 0xee, sizeof(found));
	memset(expected, 0x11, sizeof(expected));
	event.present |= MOOR_HAS(EXPECTED) | MOOR_HAS(REASON);
	event.record = MOOR_RECORD_REFUSE;
	event.kind = MOOR_KIND_LIBRARY;
	event.path = (struct moor_bytes){library, sizeof(library) - 1};
	append(&event, "web1");
	event.present = MOOR_HAS(KIND) | MOOR_HAS(REASON);
	event.record = MOOR_RECORD_UNMEASURED;
	event.kind = MOOR_KIND_MODULE;
	event.reason = MOOR_REASON_NO_FILE;
	append(&event, NULL);
}

int main(void)
{
	append_start();
	append_bare(MOOR_RECORD_CAP);
	append_policy();
	append_files();
	append_bare(MOOR_RECORD_LOCK);
	append_bare(MOOR_RECORD_RELEASE);
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
/* Packed trust entries, as docs/formats.md has them, and the ways to spoil them. */
#include "steps.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <stdbool.h>

#include "moor.h"

#define BYTES_MAX (1 << 20)
static unsigned char bytes[BYTES_MAX];
static uint32_t used;
static uint32_t entries;

static void sha256_file(const char *path, unsigned char digest[32])
{
	unsigned char chunk[65536];
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = 0;

	if (fd < 0 || !context || !EVP_DigestInit_ex(context, EVP_sha256(), NULL))
		setup_failed("%s", path);
	while ((got = read(fd, chunk, sizeof(chunk))) > 0)
		EVP_DigestUpdate(context, chunk, (size_t)got);
	if (got < 0 || !EVP_DigestFinal_ex(context, digest, NULL))
		setup_failed("%s", path);
	EVP_MD_CTX_free(context);
	close(fd);
}

static uint8_t kind_named(const char *name)
{
	static const char *const names[] = {"exec", "library", "firmware", "module"};
	uint8_t i;

	for (i = 0; i < 4; i++)
		if (!strcmp(names[i], name))
			return (uint8_t)(i + 1);
	setup_failed("unknown kind '%s'", name);
}

/*
 * entry:KIND:PATH[:file|none|wrong[:FLAGS]]: with the file's own digest, none, or
 * one that it cannot have; FLAGS as in moor.h.
 */
int step_entry(const struct words *words)
{
	struct moor_trust_entry header = {0};
	const char *path = words->count > 2 ? words->word[2] : "";
	const char *how = words->count > 3 ? words->word[3] : "file";
	size_t length = strlen(path), size;
	unsigned char digest[32] = {0};

	if (words->count < 3)
		setup_failed("entry needs a kind and a path");
	header.kind = kind_named(words->word[1]);
	header.flags = (uint8_t)number_word(words, 4, 0);
	header.path_length = (uint16_t)length;
	if (strcmp(how, "none")) {
		header.algorithm = MOOR_ALGORITHM_SHA256;
		header.digest_length = 32;
		if (!strcmp(how, "wrong"))
			memset(digest, 0x5a, sizeof(digest));
		else
			sha256_file(path, digest);
	}
	size = (sizeof(header) + header.digest_length + length + 7) & ~7UL;
	if (used + size > BYTES_MAX)
		setup_failed("too many entries");
	header.size = (uint16_t)size;
	memset(bytes + used, 0, size);
	memcpy(bytes + used, &header, sizeof(header));
	memcpy(bytes + used + sizeof(header), digest, header.digest_length);
	memcpy(bytes + used + sizeof(header) + header.digest_length, path, length);
	printf("entry at %u, %zu bytes\n", used, size);
	used += (uint32_t)size;
	entries++;
	return 0;
}

/* poke:OFFSET:BYTE[:BYTE...] changes the packed bytes. */
int step_poke(const struct words *words)
{
	uint64_t offset = number_word(words, 1, 0);
	int i;

	for (i = 2; i < words->count; i++, offset++) {
		if (offset >= used)
			setup_failed("poke beyond the entries");
		bytes[offset] = (unsigned char)number_word(words, i, 0);
	}
	return 0;
}

int step_forget_entries(const struct words *words)
{
	(void)words;
	used = 0;
	entries = 0;
	return 0;
}

/* trust-begin[:ENTRIES[:BYTES]], by default what there is */
int step_trust_begin(const struct words *words)
{
	struct moor_trust_begin argument = {
		.header = {.size = sizeof(argument), .version = MOOR_ABI_VERSION},
		.entry_count = (uint32_t)number_word(words, 1, entries),
		.byte_count = (uint32_t)number_word(words, 2, used),
	};

	return device_call(MOOR_IOC_TRUST_BEGIN, &argument);
}

/* trust-add[:FROM[:BYTES]], by default all */
int step_trust_add(const struct words *words)
{
	uint32_t from = (uint32_t)number_word(words, 1, 0);
	struct moor_trust_add argument = {
		.header = {.size = sizeof(argument), .version = MOOR_ABI_VERSION},
		.entries = (uintptr_t)(bytes + from),
		.byte_count = (uint32_t)number_word(words, 2, used - from),
		.error_offset = 0xffffffff,
	};
	int error = device_call(MOOR_IOC_TRUST_ADD, &argument);

	if (argument.error_offset != 0xffffffff)
		printf("error offset %u\n", argument.error_offset);
	return error;
}

/*
 * trust-commit:learning|enforcing|FLAGS[:VERSION[:GENERATION[:wrong-digest]]]: the
 * policy's name is "lab".
 */
int step_trust_commit(const struct words *words)
{
	struct moor_trust_commit argument = {
		.header = {.size = sizeof(argument), .version = MOOR_ABI_VERSION},
		.version = number_word(words, 2, 1),
		.generation = number_word(words, 3, 0),
		.name = "lab",
	};
	const char *mode = words->count > 1 ? words->word[1] : "enforcing";

	if (!strcmp(mode, "enforcing"))
		argument.flags = MOOR_COMMIT_ENFORCING;
	else if (strcmp(mode, "learning"))
		argument.flags = (uint32_t)number_word(words, 1, 0);
	if (!EVP_Digest(bytes, used, argument.digest, NULL, EVP_sha256(), NULL))
		setup_failed("SHA-256");
	if (words->count > 4)
		argument.digest[0] ^= 1;
	return device_call(MOOR_IOC_TRUST_COMMIT, &argument);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The TPM, and hashing. One PCR, every active bank; each bank's digest is that
 * bank's own hash over the event. Without a TPM (require_tpm=0) there is one
 * bank, SHA-256, that exists in memory alone, so that log and replay stay the same.
 */
#include "moor.h"

#include <crypto/hash.h>
#include <linux/fs.h>
#include <linux/slab.h>
#include <linux/tpm.h>

/* One read of a file that is hashed. */
#define READ_SIZE (64 * 1024)

static struct tpm_chip *chip;
static u32 pcr_index;
static struct crypto_shash *file_hash;

/**
 * struct bank - one PCR bank
 * @algorithm: TPM_ALG_ID
 * @length: of its digests in bytes
 * @hash: what computes them
 * @value: what the PCR holds as far as we know: read at load, then followed
 */
static struct bank {
	u16 algorithm;
	u16 length;
	struct crypto_shash *hash;
	u8 value[MOOR_DIGEST_MAX];
} banks[MOOR_BANKS_MAX];
static u32 bank_count;

static const struct {
	u16 algorithm;
	u16 length;
	const char *name;
} hashes[] = {
	{TPM_ALG_SHA1, 20, "sha1"},	{TPM_ALG_SHA256, 32, "sha256"},
	{TPM_ALG_SHA384, 48, "sha384"}, {TPM_ALG_SHA512, 64, "sha512"},
	{TPM_ALG_SM3_256, 32, "sm3"},
};

static int add_bank(u16 algorithm)
{
	struct bank *bank = &banks[bank_count];
	unsigned int i;

	if (bank_count == MOOR_BANKS_MAX)
		return -E2BIG;
	for (i = 0; i < ARRAY_SIZE(hashes); i++)
		if (hashes[i].algorithm == algorithm)
			break;
	if (i == ARRAY_SIZE(hashes)) {
		pr_err("PCR bank 0x%04x has a hash that is not known\n", algorithm);
		return -ENOPKG;
	}
	bank->hash = crypto_alloc_shash(hashes[i].name, 0, 0);
	if (IS_ERR(bank->hash)) {
		int err = PTR_ERR(bank->hash);

		pr_err("the kernel cannot compute %s, the hash of a PCR bank\n", hashes[i].name);
		bank->hash = NULL;
		return err;
	}
	bank->algorithm = algorithm;
	bank->length = hashes[i].length;
	bank_count++;
	return 0;
}

static int read_bank(u32 i, u8 value[MOOR_DIGEST_MAX])
{
	struct tpm_digest digest = {.alg_id = banks[i].algorithm};
	int rc;

	rc = tpm_pcr_read(chip, pcr_index, &digest);
	/* Positive: the TPM's own response code. */
	if (rc)
		return rc < 0 ? rc : -EIO;
	memcpy(value, digest.digest, banks[i].length);
	return 0;
}

static int find_chip(bool required)
{
	u32 i;
	int err = 0;

	chip = tpm_default_chip();
	if (!chip && required) {
		pr_err("no TPM: load with require_tpm=0 to go without\n");
		return -ENODEV;
	}
	if (!chip)
		return add_bank(TPM_ALG_SHA256);
	for (i = 0; i < chip->nr_allocated_banks && !err; i++)
		err = add_bank(chip->allocated_banks[i].alg_id);
	for (i = 0; i < bank_count && !err; i++) {
		err = read_bank(i, banks[i].value);
		if (err)
			pr_err("the TPM does not answer (%d)\n", err);
	}
	if (!err && !bank_count) {
		pr_err("the TPM has no active PCR bank\n");
		err = -ENODEV;
	}
	return err;
}

/**
 * moor_tpm_init - find the TPM and the hashes of its banks
 * @pcr: index of the PCR to extend
 * @required: no TPM is an error
 *
 * Return: 0; -EINVAL for a PCR that others own or anybody can reset, -ENODEV
 * without a TPM, -ENOPKG or -ENOENT for a bank whose hash is not there.
 */
int moor_tpm_init(u32 pcr, bool required)
{
	int err;

	/* 10 is IMA's, 16 and 17 to 23 can be reset (TCG PC Client PTP 4.6.2). */
	if (pcr == 10 || pcr >= 16) {
		pr_err("pcr=%u cannot be used: choose 0 to 15, but not 10\n", pcr);
		return -EINVAL;
	}
	pcr_index = pcr;
	file_hash = crypto_alloc_shash("sha256", 0, 0);
	if (IS_ERR(file_hash)) {
		err = PTR_ERR(file_hash);
		file_hash = NULL;
		return err;
	}
	err = find_chip(required);
	if (err)
		moor_tpm_exit();
	return err;
}

void moor_tpm_exit(void)
{
	while (bank_count)
		crypto_free_shash(banks[--bank_count].hash);
	if (chip)
		put_device(&chip->dev);
	chip = NULL;
	if (file_hash)
		crypto_free_shash(file_hash);
	file_hash = NULL;
}

bool moor_tpm_present(void)
{
	return chip;
}

u32 moor_tpm_pcr(void)
{
	return pcr_index;
}

static int hash(struct crypto_shash *tfm, const void *a, u32 a_length, const void *b, u32 b_length,
		u8 *digest)
{
	SHASH_DESC_ON_STACK(desc, tfm);
	int err;

	desc->tfm = tfm;
	err = crypto_shash_init(desc);
	if (!err)
		err = crypto_shash_update(desc, a, a_length);
	if (!err)
		err = crypto_shash_finup(desc, b, b_length, digest);
	shash_desc_zero(desc);
	return err;
}

int moor_sha256(const void *data, u32 length, u8 digest[32])
{
	return hash(file_hash, data, length, NULL, 0, digest);
}

/**
 * moor_sha256_file - the SHA-256 of a file's bytes
 * @file: open for reading
 * @digest: out
 *
 * Return: 0; -EINTR when the task was killed meanwhile, -ENOMEM, or what
 * reading failed with.
 *
 * Context: sleeps; passes through file_permission and fanotify.
 */
int moor_sha256_file(struct file *file, u8 digest[32])
{
	SHASH_DESC_ON_STACK(desc, file_hash);
	loff_t position = 0;
	ssize_t got = 0;
	u8 *buffer;
	int err;

	if (!(file->f_mode & FMODE_READ) || !(file->f_mode & FMODE_CAN_READ))
		return -EBADF;
	buffer = kvmalloc(READ_SIZE, GFP_KERNEL);
	if (!buffer)
		return -ENOMEM;
	desc->tfm = file_hash;
	err = crypto_shash_init(desc);
	while (!err) {
		got = kernel_read(file, buffer, READ_SIZE, &position);
		if (got <= 0)
			break;
		err = crypto_shash_update(desc, buffer, got);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	if (!err && got < 0)
		err = got;
	if (!err)
		err = crypto_shash_final(desc, digest);
	shash_desc_zero(desc);
	kvfree(buffer);
	return err;
}

/**
 * moor_tpm_digest - the digest of some bytes in every bank
 * @digests: out
 * @count: out: how many banks there are
 * @data: the bytes
 * @length: how many
 */
int moor_tpm_digest(const void *data, u32 length, struct moor_bank_value digests[MOOR_BANKS_MAX],
		    u32 *count)
{
	int err = 0;
	u32 i;

	for (i = 0; i < bank_count && !err; i++) {
		digests[i] = (struct moor_bank_value){
			.algorithm = banks[i].algorithm,
			.digest_length = banks[i].length,
		};
		err = hash(banks[i].hash, data, length, NULL, 0, digests[i].digest);
	}
	*count = bank_count;
	return err;
}

/* What a bank holds after an extend (TPM 2.0 Library Part 1, section 17.6.2). */
static int extended_value(u32 i, const u8 *digest, u8 value[MOOR_DIGEST_MAX])
{
	return hash(banks[i].hash, banks[i].value, banks[i].length, digest, banks[i].length, value);
}

/* An extend failed: was it done all the same? Return: 0, -EAGAIN: not, -EIO: unknown. */
static int settle(u8 (*expected)[MOOR_DIGEST_MAX])
{
	u8 value[MOOR_DIGEST_MAX];
	u32 i, done = 0, undone = 0;

	for (i = 0; i < bank_count; i++) {
		if (read_bank(i, value))
			return -EIO;
		if (!memcmp(value, expected[i], banks[i].length))
			done++;
		else if (!memcmp(value, banks[i].value, banks[i].length))
			undone++;
	}
	if (done == bank_count)
		return 0;
	return undone == bank_count ? -EAGAIN : -EIO;
}

/**
 * moor_tpm_extend - extend the PCR in every bank
 * @digests: one a bank, in the order of moor_tpm_digest()
 *
 * Return: 0; -EAGAIN when it was certainly not done; -EIO when nobody knows.
 *
 * Context: sleeps; the log's mutex keeps extends in order.
 */
int moor_tpm_extend(const struct moor_bank_value digests[MOOR_BANKS_MAX])
{
	u8(*expected)[MOOR_DIGEST_MAX];
	struct tpm_digest *list;
	int err = 0, rc;
	u32 i;

	expected = kcalloc(MOOR_BANKS_MAX, sizeof(*expected), GFP_KERNEL);
	list = kcalloc(MOOR_BANKS_MAX, sizeof(*list), GFP_KERNEL);
	if (!expected || !list) {
		err = -EAGAIN;
		goto out_free;
	}
	for (i = 0; i < bank_count && !err; i++) {
		list[i].alg_id = digests[i].algorithm;
		memcpy(list[i].digest, digests[i].digest, banks[i].length);
		err = extended_value(i, digests[i].digest, expected[i]);
	}
	if (err) {
		err = -EAGAIN;
		goto out_free;
	}
	if (chip) {
		moor_count(MOOR_COUNT_tpm_extends);
		rc = tpm_pcr_extend(chip, pcr_index, list);
		if (rc) {
			pr_err("extending PCR %u failed (%d)\n", pcr_index, rc);
			err = settle(expected);
		}
	}
	for (i = 0; i < bank_count && !err; i++)
		memcpy(banks[i].value, expected[i], banks[i].length);

out_free:
	kfree(list);
	kfree(expected);
	return err;
}

/**
 * moor_tpm_values - what we extended the PCR to, without asking the TPM
 * @values: out: one a bank
 *
 * Return: how many banks there are.
 */
u32 moor_tpm_values(struct moor_bank_value values[MOOR_BANKS_MAX])
{
	u32 i;

	for (i = 0; i < bank_count; i++) {
		values[i] = (struct moor_bank_value){
			.algorithm = banks[i].algorithm,
			.digest_length = banks[i].length,
		};
		memcpy(values[i].digest, banks[i].value, banks[i].length);
	}
	return bank_count;
}

/**
 * moor_tpm_resync - follow the PCR from what it holds now
 *
 * For the first record: others may have extended the PCR since we were loaded.
 */
int moor_tpm_resync(void)
{
	int err = 0;
	u32 i;

	for (i = 0; i < bank_count && chip && !err; i++)
		err = read_bank(i, banks[i].value);
	return err;
}

/**
 * moor_tpm_read - what the PCR holds, read from the TPM now
 * @values: out: one a bank
 * @count: out: how many banks
 *
 * Return: 0 or -EIO; without a TPM what would stand in it.
 */
int moor_tpm_read(struct moor_bank_value values[MOOR_BANKS_MAX], u32 *count)
{
	int err = 0;
	u32 i;

	*count = moor_tpm_values(values);
	for (i = 0; i < bank_count && chip && !err; i++)
		err = read_bank(i, values[i].digest);
	return err;
}

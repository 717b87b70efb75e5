// SPDX-License-Identifier: GPL-2.0-only
/* See packer.h. */
#include "packer.h"
#include "trust.h"

#include <stdlib.h>

void packer_init(struct packer *packer, u32 room)
{
	*packer = (struct packer){.bytes = kvcalloc(room, 1, GFP_KERNEL), .room = room};
	if (!packer->bytes)
		abort();
}

void packer_free(struct packer *packer)
{
	kvfree(packer->bytes);
	packer->bytes = NULL;
}

void pack_bytes(struct packer *packer, enum moor_kind kind, u8 flags, enum moor_algorithm algorithm,
		const u8 *digest, const char *path, u32 length)
{
	u32 digest_length = moor_digest_length((u8)algorithm);
	u32 used = (u32)sizeof(struct moor_trust_entry) + digest_length + length;
	struct moor_trust_entry header = {
		.size = (u16)ALIGN(used, 8),
		.path_length = (u16)length,
		.kind = (u8)kind,
		.algorithm = (u8)algorithm,
		.digest_length = (u8)digest_length,
		.flags = flags,
	};
	u8 *at = packer->bytes + packer->length;

	if (packer->room - packer->length < header.size)
		abort();
	memset(at, 0, header.size);
	memcpy(at, &header, sizeof(header));
	if (digest_length)
		memcpy(at + sizeof(header), digest, digest_length);
	memcpy(at + sizeof(header) + digest_length, path, length);
	packer->length += header.size;
	packer->count++;
}

void pack(struct packer *packer, enum moor_kind kind, u8 flags, enum moor_algorithm algorithm,
	  u8 fill, const char *path)
{
	u8 digest[MOOR_DIGEST_MAX];

	memset(digest, fill, sizeof(digest));
	pack_bytes(packer, kind, flags, algorithm, digest, path, (u32)strlen(path));
}

void pack_sample(struct packer *packer)
{
	const u8 domain = MOOR_TRUST_DOMAIN | MOOR_TRUST_MEMORY_EXEC;
	const char *qemu = "/usr/bin/qemu-system-x86_64";
	const char *libc = "/usr/lib/x86_64-linux-gnu/libc.so.6";

	pack(packer, MOOR_KIND_EXEC, domain, MOOR_ALGORITHM_SHA256, 0x11, qemu);
	pack(packer, MOOR_KIND_LIBRARY, 0, MOOR_ALGORITHM_SHA256, 0x21, libc);
	pack(packer, MOOR_KIND_EXEC, domain, MOOR_ALGORITHM_FSVERITY_SHA512, 0x12, qemu);
	pack(packer, MOOR_KIND_FIRMWARE, 0, MOOR_ALGORITHM_NONE, 0,
	     "/usr/share/seabios/bios-256k.bin");
	pack(packer, MOOR_KIND_EXEC, domain, MOOR_ALGORITHM_SHA256, 0x13, qemu);
	pack(packer, MOOR_KIND_MODULE, 0, MOOR_ALGORITHM_FSVERITY_SHA256, 0x41,
	     "/lib/modules/6.12/kernel/arch/x86/kvm/kvm.ko");
	pack(packer, MOOR_KIND_EXEC, 0, MOOR_ALGORITHM_SHA256, 0x51, "/usr/sbin/virtqemud");
}

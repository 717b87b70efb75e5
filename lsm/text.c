// SPDX-License-Identifier: GPL-2.0-only
/*
 * A record as one line of key=value text, for the system log and for the
 * ascii view of the measurement log. Strings that somebody else chose are
 * written as audit writes them: in quotes, or in hexadecimal when a byte in
 * them could break the line.
 */
#include "access_network.h"
#include "access_record.h"
#include "moor.h"
#include "names.h"

#include <linux/ctype.h>
#include <linux/kernel.h>

static void __printf(2, 3) add(struct moor_text *text, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	text->length += vscnprintf(text->line + text->length, sizeof(text->line) - text->length,
				   format, arguments);
	va_end(arguments);
}

static void add_hex(struct moor_text *text, const char *key, const struct moor_bytes *bytes,
		    const char *digits)
{
	const u8 *data = bytes->data;
	u32 i;

	add(text, " %s=", key);
	for (i = 0; i < bytes->length; i++)
		add(text, "%c%c", digits[data[i] >> 4], digits[data[i] & 15]);
}

static bool plain(const struct moor_bytes *bytes)
{
	const u8 *data = bytes->data;
	u32 i;

	for (i = 0; i < bytes->length; i++)
		if (data[i] == '"' || data[i] < 0x21 || data[i] > 0x7e)
			return false;
	return true;
}

static void add_untrusted(struct moor_text *text, const char *key, const struct moor_bytes *bytes)
{
	if (plain(bytes))
		add(text, " %s=\"%.*s\"", key, (int)bytes->length, (const char *)bytes->data);
	else
		add_hex(text, key, bytes, "0123456789ABCDEF");
}

/**
 * moor_text_format - write a record as text
 * @text: out
 * @event: the record
 * @vm: that it is about, or NULL or ""
 *
 * docs/formats.md has the keys. A line is never cut: the longest path in
 * hexadecimal fits.
 */
void moor_text_format(struct moor_text *text, const struct moor_event *event, const char *vm)
{
	text->length = 0;
	add(text, " record=%s", moor_record_name(event->record));
	if (event->present & MOOR_HAS(KIND))
		add(text, " kind=%s", moor_kind_name(event->kind));
	if (event->present & MOOR_HAS(PATH))
		add_untrusted(text, "path", &event->path);
	if (event->present & MOOR_HAS(ALGORITHM))
		add(text, " alg=%s", moor_algorithm_name(event->algorithm));
	if (event->present & MOOR_HAS(DIGEST))
		add_hex(text, "digest", &event->digest, "0123456789abcdef");
	if (event->present & MOOR_HAS(EXPECTED))
		add_hex(text, "expected", &event->expected, "0123456789abcdef");
	if (event->present & MOOR_HAS(REASON))
		add(text, " reason=%s", moor_reason_name(event->reason));
	if (event->present & MOOR_HAS(MODE))
		add(text, " mode=%s", moor_mode_name(event->mode));
	if (event->present & MOOR_HAS(NAME))
		add_untrusted(text, "name", &event->name);
	if (event->present & MOOR_HAS(VERSION))
		add(text, " version=%llu", event->version);
	if (event->present & MOOR_HAS(GENERATION))
		add(text, " generation=%llu", event->generation);
	if (event->present & MOOR_HAS(CLOSED))
		add(text, " closed=%d", event->closed);
	if (vm && *vm) {
		const struct moor_bytes name = {vm, strlen(vm)};

		add_untrusted(text, "vm", &name);
	}
	add(text, " pid=%d", task_tgid_nr(current));
}

static void add_permissions(struct moor_text *text, u32 permissions)
{
	const char *before = " permission=";
	u32 bit;

	for (bit = 0; permissions >> bit; bit++) {
		if (!(permissions >> bit & 1))
			continue;
		add(text, "%s%s", before, moor_permission_name((u8)bit));
		before = ",";
	}
}

/* An address tells the family; without one, its name does, or its number. */
static void add_family(struct moor_text *text, const struct moor_endpoint *endpoint)
{
	const char *family = moor_family_name(endpoint->family);

	if (endpoint->address_class)
		return;
	if (family)
		add(text, " kind=%s", family);
	else
		add(text, " kind=%u", endpoint->family);
}

static void add_endpoint(struct moor_text *text, const struct moor_endpoint *endpoint)
{
	char address[MOOR_ADDRESS_TEXT];

	if (!endpoint->address_class)
		return;
	moor_address_text(endpoint, address);
	add(text, " address=%s port=%u", address, endpoint->port);
}

static void add_peer(struct moor_text *text, const struct moor_access_peer *peer)
{
	if (peer->kind == MOOR_PEER_HELPER)
		add(text, " peer=helper:%u", peer->helper);
	else if (peer->kind == MOOR_PEER_VM)
		add(text, " peer=vm");
	else if (peer->kind == MOOR_PEER_HYPERVISOR)
		add(text, " peer=hypervisor");
	else
		add(text, " peer=other");
}

/* Room for what stands behind the paths: the longest name of a VM in hexadecimal, and two numbers.
 */
#define REST (2 * MOOR_VM_NAME_MAX + 64)

/**
 * moor_text_access - write a line of the access log
 * @text: out
 * @record: learn, deny or audit
 * @event: what happened
 * @program: path of the program that did it, or NULL
 *
 * docs/formats.md has the keys. A pair of long paths may leave no room for the second.
 */
void moor_text_access(struct moor_text *text, const char *record,
		      const struct moor_access_event *event, const char *program)
{
	const struct moor_bytes path = {event->path, event->path_length};
	const struct moor_bytes vm = {event->vm->vm, strlen(event->vm->vm)};

	text->length = 0;
	add(text, " record=%s class=%s", record, event->class);
	if (event->kind)
		add(text, " kind=%s", event->kind);
	if (event->endpoint)
		add_family(text, event->endpoint);
	if (event->has_command)
		add(text, " command=0x%x", event->command);
	if (event->act)
		add(text, " permission=%s", event->act);
	add_permissions(text, event->permissions);
	if (event->endpoint)
		add_endpoint(text, event->endpoint);
	if (event->peer)
		add_peer(text, event->peer);
	if (event->target)
		add(text, " target=%d", task_tgid_nr(event->target));
	if (event->target && *event->target_vm) {
		const struct moor_bytes name = {event->target_vm, strlen(event->target_vm)};

		add_untrusted(text, "target_vm", &name);
	}
	if (event->path)
		add_untrusted(text, "path", &path);
	if (event->owner_vm) {
		const struct moor_bytes name = {event->owner_vm, strlen(event->owner_vm)};

		add_untrusted(text, "owner_vm", &name);
	}
	if (program && 2 * strlen(program) + REST < sizeof(text->line) - text->length) {
		const struct moor_bytes name = {program, strlen(program)};

		add_untrusted(text, "program", &name);
	}
	add_untrusted(text, "vm", &vm);
	if (event->helper)
		add(text, " helper=%u", event->helper);
	add(text, " pid=%d", task_tgid_nr(current));
}

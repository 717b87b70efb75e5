/* SPDX-License-Identifier: GPL-2.0-only */
/* The access log: what rules of access denied, or would have. */
#ifndef MOOR_ACCESS_RECORD_H
#define MOOR_ACCESS_RECORD_H

#include "access.h"
#include "moor.h"

struct moor_endpoint;

/**
 * struct moor_access_event - something that a domain does, and what came of it
 * @vm: whose domain it is
 * @helper: its child domain, 0: none
 * @class: path; mount for what would make paths lead elsewhere; anonymous; tcp, udp, unix or, of
 *	other kinds, socket
 * @kind: of an anonymous file, or NULL
 * @act: what it needed and had not, where @permissions has no bit for it; or NULL
 * @endpoint: the address of a socket, or NULL
 * @path: the object's, or NULL when none leads to it
 * @path_length: of @path
 * @permissions: MOOR_PERM_* that it needed and had not; or that are recorded; of a mount 0
 */
struct moor_access_event {
	struct moor_domain *vm;
	u32 helper;
	const char *class;
	const char *kind;
	const char *act;
	const struct moor_endpoint *endpoint;
	const char *path;
	u32 path_length;
	u32 permissions;
};

int moor_access_record_init(void);
void moor_access_record_exit(void);
void moor_access_record_anew(void);
bool moor_access_settle(const struct moor_access_event *event,
			const struct moor_access_finding *finding);

#endif /* MOOR_ACCESS_RECORD_H */

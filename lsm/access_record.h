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
 * @class: as docs/formats.md has it
 * @kind: which of its class: of anonymous file, capability, signal; or NULL
 * @act: what it needed and had not, where @permissions has no bit for it; or NULL
 * @endpoint: the address of a socket, or NULL
 * @has_command: @command is one
 * @command: of an ioctl
 * @peer: of a signal, or a look into another process, whom a rule could name as its other
 *	end; or NULL
 * @target: another process that it is done to, or NULL
 * @target_vm: the VM of that one; "" when it is in none
 * @path: the object's, or NULL when none leads to it
 * @path_length: of @path
 * @owner_vm: the other VM that the object is, or NULL
 * @permissions: MOOR_PERM_* that it needed and had not; or that are recorded; of a mount 0
 */
struct moor_access_event {
	struct moor_domain *vm;
	u32 helper;
	const char *class;
	const char *kind;
	const char *act;
	const struct moor_endpoint *endpoint;
	bool has_command;
	u32 command;
	const struct moor_access_peer *peer;
	struct task_struct *target;
	const char *target_vm;
	const char *path;
	u32 path_length;
	const char *owner_vm;
	u32 permissions;
};

/* access_path.c */
int moor_access_commanded(struct moor_domain *vm, const struct path *path,
			  struct moor_access_event *event, bool *again);

/* access_act.c */
struct moor_access_peer moor_access_peer_of(const struct moor_domain *vm,
					    const struct moor_place *place,
					    struct task_struct *target);
int moor_access_arrived(struct moor_domain *vm, const struct file *file, enum moor_descriptor kind,
			u8 way, const struct moor_access_event *of);

/* access_ioctl.c */
bool moor_access_has_path(const struct file *file);

/* access_record.c */
int moor_access_record_init(void);
void moor_access_record_exit(void);
void moor_access_record_anew(void);
bool moor_access_settle(const struct moor_access_event *event,
			const struct moor_access_finding *finding);

#endif /* MOOR_ACCESS_RECORD_H */

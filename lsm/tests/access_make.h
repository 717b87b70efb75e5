/* SPDX-License-Identifier: GPL-2.0-only */
/* A small access policy for the tests of access.c, made here and not by the compiler. */
#ifndef MOOR_ACCESS_MAKE_H
#define MOOR_ACCESS_MAKE_H

#include "access.h"
#include "dfa_make.h"

enum {
	POLICY_WEB1, /* the sample's paths, and a helper */
	POLICY_WEB2, /* learns */
	POLICY_GUEST,
	POLICY_HELPER, /* of web1: "tpm" */
	POLICY_HELPER2,
	POLICY_DOMAINS,
};

enum {
	POLICY_CAPABILITY,
	POLICY_TCP,
	POLICY_SIGNAL,
	POLICY_PTRACE,
	POLICY_RULES,
};

#define POLICY_SETS	3
#define POLICY_COMMANDS 4
#define POLICY_TEXT	"web1web2tpmswtpm/usr/bin/gdb"

struct policy {
	struct moor_access_header header;
	struct moor_access_domain domains[POLICY_DOMAINS];
	struct moor_access_slice places[1];
	struct moor_access_rule rules[POLICY_RULES];
	struct moor_access_slice sets[POLICY_SETS];
	u32 commands[POLICY_COMMANDS];
	char text[32];
	struct sample automaton;
};

struct policy policy_make(void);

/* A copy of these bytes as kvmalloc() would give it, to be owned by a policy. */
void *policy_copy(const void *bytes, u32 length);

/* Asks much of each domain; what is answered must keep its bounds. */
void policy_look_up_everything(const struct moor_access *access);

#endif /* MOOR_ACCESS_MAKE_H */

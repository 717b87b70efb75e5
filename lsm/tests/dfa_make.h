/* SPDX-License-Identifier: GPL-2.0-only */
/* Automata for the tests of dfa.c: a small one made here, and the compiler's. */
#ifndef MOOR_DFA_MAKE_H
#define MOOR_DFA_MAKE_H

#include "allocation.h"
#include "dfa.h"
#include "test.h"

/*
 * The small one: "/a" may be read; "/" and any bytes then "b" may be written,
 * with a run "/run/x" that is read by helper 2 and command set 3.
 */
enum {
	SAMPLE_DEAD,
	SAMPLE_START, /* '/' leads to SLASH */
	SAMPLE_SLASH, /* 'a' to READ, 'r' to RUN, 0 to VALUE, all others to ANY */
	SAMPLE_READ,
	SAMPLE_ANY, /* 'b' to WRITE, all others stay */
	SAMPLE_WRITE,
	SAMPLE_RUN, /* a run "un/x" to SPECIAL */
	SAMPLE_SPECIAL,
	SAMPLE_VALUE,
	SAMPLE_UNUSED,
	SAMPLE_STATES,
};

#define SAMPLE_CELLS   512
#define SAMPLE_ACCEPTS 4

struct sample {
	struct moor_dfa_header header;
	struct moor_dfa_state states[SAMPLE_STATES];
	struct moor_dfa_cell cells[SAMPLE_CELLS];
	struct moor_dfa_accept accepts[SAMPLE_ACCEPTS];
	u8 strings[4];
	u8 padding[4];
};

struct sample sample_make(void);

/* Calls with each automaton that the compiler made for the shared vectors, a
 * copy from malloc() that the callee may change; how many there were. */
u32 each_compiled(void (*body)(const char *name, u8 *bytes, u32 length));

/* Looks up paths of many kinds; what is answered must keep its bounds. */
void look_up_everything(const struct moor_dfa *dfa);

#endif /* MOOR_DFA_MAKE_H */

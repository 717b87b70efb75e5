/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Automata of paths: what the rules of an access policy say of a path, at a
 * cost that follows the path's length and not the number of rules. Packed by
 * user space (struct moor_dfa_header), checked whole, never changed after.
 */
#ifndef MOOR_DFA_H
#define MOOR_DFA_H

#include "portable.h"

/* A domain's paths are looked up in at most so many automata. */
#define MOOR_DFA_PER_DOMAIN 4

/**
 * struct moor_dfa - an automaton that was checked
 * @state_count: how many states it has, the dead one counted
 * @helper_count: no accept names a higher helper
 * @command_count: no accept names a higher set of ioctl commands
 *
 * It points into the packed bytes, which must stay as they are.
 */
struct moor_dfa {
	u32 state_count;
	u32 helper_count;
	u32 command_count;
	/* private: */
	const struct moor_dfa_state *states;
	const struct moor_dfa_cell *cells;
	const struct moor_dfa_accept *accepts;
	const u8 *strings;
	u32 cell_count;
	u32 starts[MOOR_DFA_ROOTS];
};

/**
 * struct moor_dfa_answer - what one or several automata say of a path
 * @allow: MOOR_PERM_* that a rule allows
 * @audit: those that are recorded though allowed
 * @deny: those that a rule denies
 * @quiet: those that a rule denies without a record
 * @helper: child domain that a program runs in, 0: it stays
 * @commands: sets of ioctl commands, each at least 1
 * @command_count: how many of them
 * @parent: a rule is about something below the path
 *
 * Zero before the first look.
 */
struct moor_dfa_answer {
	u32 allow;
	u32 audit;
	u32 deny;
	u32 quiet;
	u32 helper;
	u32 commands[MOOR_DFA_PER_DOMAIN];
	u32 command_count;
	bool parent;
};

int moor_dfa_open(struct moor_dfa *dfa, const void *bytes, u32 length, u32 *error_offset);
void moor_dfa_look(const struct moor_dfa *dfa, enum moor_dfa_root root, const char *path,
		   u32 length, struct moor_dfa_answer *answer);

/**
 * moor_dfa_granted - what is left of an answer once denials are taken away
 * @answer: from moor_dfa_look()
 *
 * Return: MOOR_PERM_* bits.
 */
static inline u32 moor_dfa_granted(const struct moor_dfa_answer *answer)
{
	return answer->allow & ~answer->deny & ~answer->quiet;
}

/* Of what has no meaning in packed bytes. */
static inline bool moor_is_zero(const void *bytes, size_t length)
{
	const u8 *at = bytes;

	while (length--)
		if (*at++)
			return false;
	return true;
}

#endif /* MOOR_DFA_H */

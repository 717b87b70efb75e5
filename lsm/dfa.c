// SPDX-License-Identifier: GPL-2.0-only
/*
 * Automata of paths, see dfa.h.
 *
 * A state either has cells, one for each byte that leads elsewhere than all
 * others, or is a run: some bytes that must follow one by one, as most of a
 * path does. Each step takes a byte of the path or more, so a walk ends with
 * the path. What opens was checked: no index in it leads outside.
 */
#include "dfa.h"

/* Where the parts of packed bytes begin. */
struct layout {
	u64 states;
	u64 cells;
	u64 accepts;
	u64 strings;
	u64 end;
};

static struct layout lay_out(const struct moor_dfa_header *header)
{
	struct layout layout;

	layout.states = sizeof(*header);
	layout.cells = layout.states + (u64)header->state_count * sizeof(struct moor_dfa_state);
	layout.accepts = layout.cells + (u64)header->cell_count * sizeof(struct moor_dfa_cell);
	layout.strings =
		layout.accepts + (u64)header->accept_count * sizeof(struct moor_dfa_accept);
	layout.end = layout.strings + header->string_bytes;
	return layout;
}

static bool header_is_valid(const struct moor_dfa_header *header, u32 length)
{
	struct layout layout = lay_out(header);
	u32 root;

	if (header->magic != MOOR_DFA_MAGIC || header->version != MOOR_DFA_VERSION)
		return false;
	if (header->size != length || ALIGN(layout.end, 8) != length)
		return false;
	if (!header->state_count || !header->accept_count)
		return false;
	if (header->accept_count > MOOR_DFA_ACCEPTS_MAX)
		return false;
	for (root = 0; root < MOOR_DFA_ROOTS; root++)
		if (header->starts[root] >= header->state_count)
			return false;
	return true;
}

static bool state_is_valid(const struct moor_dfa_header *header, const struct moor_dfa_state *state)
{
	if (state->others >= header->state_count || state->accept >= header->accept_count)
		return false;
	if (!state->run)
		return state->base <= header->cell_count;
	if (state->run > MOOR_DFA_RUN_MAX || state->others == 0)
		return false;
	return state->base <= header->string_bytes &&
	       state->run <= header->string_bytes - state->base;
}

static bool cell_is_valid(const struct moor_dfa_header *header, const struct moor_dfa_cell *cell)
{
	if (!cell->owner && cell->next)
		return false;
	return cell->owner < header->state_count && cell->next < header->state_count;
}

static bool accept_is_valid(const struct moor_dfa_header *header,
			    const struct moor_dfa_accept *accept)
{
	if ((accept->allow | accept->audit | accept->deny | accept->quiet) & ~MOOR_PERM_ALL)
		return false;
	return accept->helper <= header->helper_count && accept->commands <= header->command_count;
}

/* Offset of the first part that is wrong; the length when nothing is. */
static u32 check_parts(const struct moor_dfa_header *header, const struct moor_dfa *dfa)
{
	struct layout layout = lay_out(header);
	u32 i;

	if (!moor_is_zero(&dfa->states[0], sizeof(dfa->states[0])))
		return (u32)layout.states;
	for (i = 1; i < header->state_count; i++)
		if (!state_is_valid(header, &dfa->states[i]))
			return (u32)(layout.states + (u64)i * sizeof(*dfa->states));
	for (i = 0; i < header->cell_count; i++)
		if (!cell_is_valid(header, &dfa->cells[i]))
			return (u32)(layout.cells + (u64)i * sizeof(*dfa->cells));
	if (!moor_is_zero(&dfa->accepts[0], sizeof(dfa->accepts[0])))
		return (u32)layout.accepts;
	for (i = 1; i < header->accept_count; i++)
		if (!accept_is_valid(header, &dfa->accepts[i]))
			return (u32)(layout.accepts + (u64)i * sizeof(*dfa->accepts));
	if (!moor_is_zero(dfa->strings + header->string_bytes, header->size - (size_t)layout.end))
		return (u32)layout.end;
	return header->size;
}

/**
 * moor_dfa_open - check packed bytes and make them an automaton
 * @dfa: out: valid when this succeeds, for as long as @bytes are kept unchanged
 * @bytes: 4-byte aligned
 * @length: of all of them
 * @error_offset: out: with -EINVAL, where the first thing stands that is wrong
 *
 * Every index is checked here, so that a walk need not.
 *
 * Return: 0; -E2BIG for more than MOOR_DFA_BYTES_MAX bytes; -EINVAL for what is
 * no automaton.
 * Context: any; the time it takes is linear in @length.
 */
int moor_dfa_open(struct moor_dfa *dfa, const void *bytes, u32 length, u32 *error_offset)
{
	const struct moor_dfa_header *header = bytes;
	struct layout layout;

	memset(dfa, 0, sizeof(*dfa));
	*error_offset = 0;
	if (length > MOOR_DFA_BYTES_MAX)
		return -E2BIG;
	if ((unsigned long)bytes % __alignof__(*header) || length < sizeof(*header))
		return -EINVAL;
	if (!header_is_valid(header, length))
		return -EINVAL;

	layout = lay_out(header);
	dfa->states = (const void *)((const u8 *)bytes + layout.states);
	dfa->cells = (const void *)((const u8 *)bytes + layout.cells);
	dfa->accepts = (const void *)((const u8 *)bytes + layout.accepts);
	dfa->strings = (const u8 *)bytes + layout.strings;
	*error_offset = check_parts(header, dfa);
	if (*error_offset != length)
		return -EINVAL;

	*error_offset = 0;
	dfa->state_count = header->state_count;
	dfa->cell_count = header->cell_count;
	dfa->helper_count = header->helper_count;
	dfa->command_count = header->command_count;
	memcpy(dfa->starts, header->starts, sizeof(dfa->starts));
	return 0;
}

/* The state behind one byte of a state that is no run. */
static u32 step(const struct moor_dfa *dfa, u32 state, u8 byte)
{
	u64 at = (u64)dfa->states[state].base + byte;

	if (at < dfa->cell_count && dfa->cells[at].owner == state)
		return dfa->cells[at].next;
	/* A NUL stands for what is put in at binding; no wildcard takes it. */
	return byte ? dfa->states[state].others : 0;
}

/* Whether the automaton goes on with this byte in the state, @used bytes of its
 * run being taken already. */
static bool leads_on(const struct moor_dfa *dfa, u32 state, u32 used, u8 byte)
{
	const struct moor_dfa_state *at = &dfa->states[state];

	return at->run ? dfa->strings[at->base + used] == byte : step(dfa, state, byte) != 0;
}

static void add_accept(const struct moor_dfa_accept *accept, struct moor_dfa_answer *answer)
{
	answer->allow |= accept->allow;
	answer->audit |= accept->audit;
	answer->deny |= accept->deny;
	answer->quiet |= accept->quiet;
	if (accept->helper > answer->helper)
		answer->helper = accept->helper;
	if (accept->commands && answer->command_count < MOOR_DFA_PER_DOMAIN)
		answer->commands[answer->command_count++] = accept->commands;
}

/**
 * moor_dfa_look - add to an answer what an automaton says of a path
 * @dfa: from moor_dfa_open()
 * @root: where the path begins
 * @path: what follows the root, as the kernel builds it; need not end with a NUL.
 *	A byte 0 and a number stand for a value that was put in at binding.
 * @length: of @path
 * @answer: what other automata of the domain said before; zero at first
 *
 * Context: any; no allocation, no sleep, no lock. At most one step a byte.
 */
void moor_dfa_look(const struct moor_dfa *dfa, enum moor_dfa_root root, const char *path,
		   u32 length, struct moor_dfa_answer *answer)
{
	const u8 *bytes = (const u8 *)path;
	u32 used = 0; /* of the last state's run, when the path ends in it */
	u32 state, at = 0;

	if ((u32)root >= MOOR_DFA_ROOTS)
		return;
	state = dfa->starts[root];
	while (state && at < length) {
		const struct moor_dfa_state *here = &dfa->states[state];
		u32 left = length - at;

		if (!here->run) {
			state = step(dfa, state, bytes[at++]);
			continue;
		}
		used = left < here->run ? left : here->run;
		if (memcmp(dfa->strings + here->base, bytes + at, used) != 0)
			return;
		at += used;
		if (used < here->run)
			break;
		used = 0;
		state = here->others;
	}
	if (!state)
		return;
	if (!used)
		add_accept(&dfa->accepts[dfa->states[state].accept], answer);
	if (length == 1 && root == MOOR_DFA_ROOT_PATH && bytes[0] == '/')
		answer->parent = true; /* everything is below it */
	else if (leads_on(dfa, state, used, '/'))
		answer->parent = true;
}

// SPDX-License-Identifier: GPL-2.0-only
/* What is taken for an automaton and what is not. */
#include "dfa_make.h"

#include <stdio.h>
#include <stdlib.h>

#define AT(field)     ((u32)offsetof(struct sample, field))
#define STATE(number) AT(states[number])

/* One change to the sample's bytes, and where it must be found. */
static const struct {
	const char *what;
	u32 offset;
	u32 value;
	u32 width;
	u32 error_offset;
} changes[] = {
	{"another magic", AT(header.magic), 0x41464d44, 4, 0},
	{"another version", AT(header.version), 2, 4, 0},
	{"a size that is not its own", AT(header.size), sizeof(struct sample) - 8, 4, 0},
	{"no states", AT(header.state_count), 0, 4, 0},
	{"more states than fit", AT(header.state_count), SAMPLE_STATES + 1, 4, 0},
	{"the most states", AT(header.state_count), U32_MAX, 4, 0},
	{"the most cells", AT(header.cell_count), U32_MAX, 4, 0},
	{"cells whose bytes are a multiple of 2^32", AT(header.cell_count), 1U << 29, 4, 0},
	{"no accepts", AT(header.accept_count), 0, 4, 0},
	{"too many accepts", AT(header.accept_count), 65536, 4, 0},
	{"the longest strings", AT(header.string_bytes), U32_MAX, 4, 0},
	{"a start behind the last state", AT(header.starts[2]), SAMPLE_STATES, 4, 0},
	{"a dead state that is not", STATE(0), 1, 4, STATE(0)},
	{"a dead state that accepts", STATE(0) + 10, 1, 2, STATE(0)},
	{"a base behind the cells", STATE(2), SAMPLE_CELLS + 1, 4, STATE(2)},
	{"another state that is not there", STATE(2) + 4, SAMPLE_STATES, 4, STATE(2)},
	{"the highest other state", STATE(4) + 4, U32_MAX, 4, STATE(4)},
	{"an accept that is not there", STATE(3) + 10, SAMPLE_ACCEPTS, 2, STATE(3)},
	{"a run behind the strings", STATE(6), 1, 4, STATE(6)},
	{"a run far behind the strings", STATE(6), U32_MAX, 4, STATE(6)},
	{"a run that is too long", STATE(6) + 8, 5, 2, STATE(6)},
	{"a run longer than a path", STATE(6) + 8, MOOR_PATH_MAX + 1, 2, STATE(6)},
	{"a run that leads nowhere", STATE(6) + 4, 0, 4, STATE(6)},
	{"a cell of a state that is not there", AT(cells[7].owner), SAMPLE_STATES, 4, AT(cells[7])},
	{"a cell to a state that is not there", AT(cells[48].next), SAMPLE_STATES, 4,
	 AT(cells[48])},
	{"a free cell that leads on", AT(cells[9].next), 1, 4, AT(cells[9])},
	{"a first accept that is not empty", AT(accepts[0].allow), 1, 4, AT(accepts[0])},
	{"a permission that is none", AT(accepts[1].allow), MOOR_PERM_ALL + 1, 4, AT(accepts[1])},
	{"an audit of none", AT(accepts[1].audit), 1U << 31, 4, AT(accepts[1])},
	{"a denial of none", AT(accepts[2].deny), 1U << 20, 4, AT(accepts[2])},
	{"a quiet denial of none", AT(accepts[3].quiet), 1U << 20, 4, AT(accepts[3])},
	{"a helper that is not there", AT(accepts[3].helper), 3, 4, AT(accepts[3])},
	{"a set of commands that is not there", AT(accepts[3].commands), 4, 4, AT(accepts[3])},
	{"bytes that fill up and are not zero", AT(padding[3]), 1, 1, AT(padding[0])},
};

static void refuses_each_change(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(changes); i++) {
		struct sample sample = sample_make();
		struct moor_dfa dfa;
		u32 offset = U32_MAX;

		test_begin("dfa refuses %s", changes[i].what);
		memcpy((u8 *)&sample + changes[i].offset, &changes[i].value, changes[i].width);
		CHECK_EQUAL(moor_dfa_open(&dfa, &sample, sizeof(sample), &offset), -EINVAL);
		CHECK_EQUAL(offset, changes[i].error_offset);
		test_end();
	}
}

static void refuses_other_lengths(void)
{
	struct sample *sample = malloc(sizeof(*sample) + 8);
	struct moor_dfa dfa;
	u32 length, offset;

	test_begin("dfa refuses every truncation, excess bytes, and bytes that are not aligned");
	for (length = 0; length < sizeof(*sample); length++) {
		*sample = sample_make();
		CHECK_EQUAL(moor_dfa_open(&dfa, sample, length, &offset), -EINVAL);
		sample->header.size = length;
		CHECK_EQUAL(moor_dfa_open(&dfa, sample, length, &offset), -EINVAL);
	}
	*sample = sample_make();
	CHECK_EQUAL(moor_dfa_open(&dfa, sample, sizeof(*sample) + 8, &offset), -EINVAL);
	memmove((u8 *)sample + 2, sample, sizeof(*sample));
	CHECK_EQUAL(moor_dfa_open(&dfa, (u8 *)sample + 2, sizeof(*sample), &offset), -EINVAL);
	CHECK_EQUAL(moor_dfa_open(&dfa, sample, MOOR_DFA_BYTES_MAX + 1, &offset), -E2BIG);
	free(sample);
	test_end();
}

static void opens(const char *name, u8 *bytes, u32 length)
{
	struct moor_dfa dfa;
	u32 offset = U32_MAX;

	test_begin("dfa opens %s as the compiler made it", name);
	CHECK_EQUAL(moor_dfa_open(&dfa, bytes, length, &offset), 0);
	CHECK_EQUAL(offset, 0);
	look_up_everything(&dfa);
	test_end();
}

/* Each byte set to several values: refused, or walked without harm. */
static void damage(const char *name, u8 *bytes, u32 length)
{
	static const u8 masks[] = {0x01, 0x80, 0xff};
	u32 at, mask, refused = 0;

	test_begin("dfa survives each changed byte of %s", name);
	for (at = 0; at < length; at++) {
		for (mask = 0; mask < ARRAY_SIZE(masks); mask++) {
			struct moor_dfa dfa;
			u32 offset;

			bytes[at] ^= masks[mask];
			if (moor_dfa_open(&dfa, bytes, length, &offset)) {
				CHECK(offset <= length);
				refused++;
			} else {
				look_up_everything(&dfa);
			}
			bytes[at] ^= masks[mask];
		}
	}
	CHECK(refused > 0);
	test_end();
}

void dfa_check_tests(void)
{
	refuses_each_change();
	refuses_other_lengths();
	test_begin("dfa tests have the compiler's automata");
	CHECK(each_compiled(opens) >= 10);
	test_end();
	each_compiled(damage);
}

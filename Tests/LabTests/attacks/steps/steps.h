/* SPDX-License-Identifier: Apache-2.0 */
/*
 * moor-steps: what a loader does with /dev/moor, step by step, each with the
 * outcome that it must have. A step gives 0 or an errno; what it cannot even
 * set up ends the program with 200 (attack.h).
 */
#ifndef STEPS_H
#define STEPS_H

#include <stdbool.h>
#include <stdint.h>

#include "../attack.h"

/* The words of a step after its name, as in hand:all-but:file_open. */
struct words {
	int count;
	const char *word[8];
};

/* device.c: the open device, and calls that need nothing else */
extern uint64_t attach_cookie;
extern uint32_t attach_hooks;
int device_call(unsigned long command, void *argument);
int step_open(const struct words *words);
int step_close(const struct words *words);
int step_inherit(const struct words *words);
int step_begin(const struct words *words);
int step_arm(const struct words *words);
int step_prove(const struct words *words);
int step_simple(const struct words *words);
int step_bind(const struct words *words);
int step_gate(const struct words *words);
int step_snapshot(const struct words *words);
int step_hand_descriptor(const struct words *words);
int step_fork(const struct words *words);
int step_drop_capability(const struct words *words);
int step_pause(const struct words *words);

/* links.c: programs and their links */
enum hook_group { LAUNCH, ACCESS, LATER }; /* LATER: not in Linux 6.1 */
extern const struct known_hook {
	const char *name;
	enum hook_group group;
} known_hooks[];
extern const int known_hook_count;
extern bool with_access; /* the hooks of access rules as well */
int step_load(const struct words *words);
int step_link(const struct words *words);
int step_look_alike(const struct words *words);
int step_foreign(const struct words *words);
int step_hand(const struct words *words);
int step_detach(const struct words *words);
int step_links(const struct words *words);
int step_programs(const struct words *words);
int step_pin(const struct words *words);
int step_close_links(const struct words *words);

/* trust.c: packed entries and the staged set */
int step_entry(const struct words *words);
int step_poke(const struct words *words);
int step_forget_entries(const struct words *words);
int step_trust_begin(const struct words *words);
int step_trust_add(const struct words *words);
int step_trust_commit(const struct words *words);

/* The word at INDEX as a number, or OTHERWISE when there is none. */
uint64_t number_word(const struct words *words, int index, uint64_t otherwise);

#endif

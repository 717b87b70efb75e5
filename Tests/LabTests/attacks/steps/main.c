// SPDX-License-Identifier: Apache-2.0
/*
 * moor-steps STEP... [-- PROGRAM ARGS...]
 *
 * A step is NAME[:WORD...][=ERRNO]: without =ERRNO it must succeed. Each prints
 * its name and outcome. Ends with 0 when every step ended as it must, with 1 at
 * the first that did not, with 200 when a step could not be set up. PROGRAM is
 * executed at the end, in the same task.
 */
#include "steps.h"

static const struct step {
	const char *name;
	int (*run)(const struct words *words);
} steps[] = {
	{"open", step_open},
	{"close", step_close},
	{"inherit", step_inherit},
	{"begin", step_begin},
	{"load", step_load},
	{"link", step_link},
	{"look-alike", step_look_alike},
	{"foreign", step_foreign},
	{"hand", step_hand},
	{"hand-descriptor", step_hand_descriptor},
	{"detach", step_detach},
	{"links", step_links},
	{"programs", step_programs},
	{"pin", step_pin},
	{"close-links", step_close_links},
	{"prove", step_prove},
	{"arm", step_arm},
	{"release", step_simple},
	{"cap", step_simple},
	{"lock", step_simple},
	{"trust-abort", step_simple},
	{"bind", step_bind},
	{"gate", step_gate},
	{"snapshot", step_snapshot},
	{"entry", step_entry},
	{"poke", step_poke},
	{"forget-entries", step_forget_entries},
	{"trust-begin", step_trust_begin},
	{"trust-add", step_trust_add},
	{"trust-commit", step_trust_commit},
	{"fork", step_fork},
	{"drop-capability", step_drop_capability},
	{"pause", step_pause},
};

uint64_t number_word(const struct words *words, int index, uint64_t otherwise)
{
	char *end;
	uint64_t number;

	if (index >= words->count)
		return otherwise;
	errno = 0;
	number = strtoull(words->word[index], &end, 0);
	if (errno || *end || end == words->word[index])
		setup_failed("'%s' is no number", words->word[index]);
	return number;
}

static int errno_named(const char *name)
{
	int error;

	for (error = 1; error < 200; error++)
		if (strerrorname_np(error) && !strcmp(strerrorname_np(error), name))
			return error;
	return -1;
}

/* The errno that a step must end with; its text is cut off the step. */
static int take_expectation(char *step)
{
	char *equals = strrchr(step, '=');
	int error;

	if (!equals || equals[1] != 'E')
		return 0;
	error = errno_named(equals + 1);
	if (error < 0)
		setup_failed("unknown errno in '%s'", step);
	*equals = '\0';
	return error;
}

static const char *outcome_name(int error)
{
	return error ? strerrorname_np(error) : "ok";
}

static void run_step(char *text)
{
	int expected = take_expectation(text), outcome = -1;
	struct words words = {0};
	char *word, *rest = NULL;
	size_t i;

	for (word = strtok_r(text, ":", &rest); word; word = strtok_r(NULL, ":", &rest)) {
		if (words.count == (int)(sizeof(words.word) / sizeof(words.word[0])))
			setup_failed("too many words after %s", text);
		words.word[words.count++] = word;
	}
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (words.count && !strcmp(steps[i].name, words.word[0]))
			outcome = steps[i].run(&words);
	if (outcome < 0)
		setup_failed("unknown step '%s'", text);
	printf("%s: %s\n", words.word[0], outcome_name(outcome));
	fflush(stdout);
	if (outcome == expected)
		return;
	printf("UNEXPECTED: %s ended with %s, not with %s\n", words.word[0], outcome_name(outcome),
	       outcome_name(expected));
	fflush(stdout);
	_exit(1);
}

int main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--"); i++)
		run_step(argv[i]);
	if (i + 1 < argc) {
		execvp(argv[i + 1], argv + i + 1);
		attack_ends("exec", -1);
	}
	_exit(0);
}

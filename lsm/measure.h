/* SPDX-License-Identifier: GPL-2.0-only */
/* A file on its way to a verdict; shared by what decides over files. */
#ifndef MOOR_MEASURE_H
#define MOOR_MEASURE_H

#include "path.h"

#define MOOR_SHORT_NAME 256

/**
 * struct moor_measurement - one file on its way to a verdict
 * @policy: in force, or NULL; a reference
 * @context: the state
 * @subject: who acts
 * @file: what is looked at
 * @kind: it is looked at as; for a mapping what the policy lists it as
 * @name: the path in @short_name or @buffer, or NULL when there is none
 * @buffer: of PATH_MAX bytes, for a path that is too long for @short_name; or NULL
 * @renames: before the path was built
 * @match: what the policy says of it
 * @held: writers are kept out, or NULL
 * @facts: for the decision
 * @algorithm: of @digest
 * @digest: of the file
 * @vm: that it is about
 * @writable: it is opened or mapped for writing as well
 * @earlier: what the hops of this exec before it came to
 * @digest_length: of @digest, in bytes
 * @name_length: of @name
 * @short_name: where the path is built first
 */
struct moor_measurement {
	struct moor_policy *policy;
	struct moor_context context;
	struct moor_subject subject;
	struct file *file;
	u8 kind;
	const char *name;
	u32 name_length;
	char *buffer;
	unsigned int renames;
	struct moor_trust_match match;
	struct moor_file *held;
	struct moor_file_facts facts;
	u8 algorithm;
	u8 digest_length;
	u8 digest[MOOR_DIGEST_MAX];
	const char *vm;
	bool writable;
	const struct moor_staged *earlier;
	/* Not cleared, so it comes last. Room for nearly every path. */
	char short_name[MOOR_SHORT_NAME];
};

void moor_measurement_begin(struct moor_measurement *m, struct file *file,
			    struct moor_domain *domain);
int moor_measurement_name(struct moor_measurement *m);
void moor_measurement_end(struct moor_measurement *m);
bool moor_measurement_look_up(struct moor_measurement *m, u8 kind);
bool moor_measurement_passed_before(struct moor_measurement *m, u8 kind);
int moor_measurement_take(struct moor_measurement *m, struct file *readable);
int moor_measurement_answer(struct moor_measurement *m, const struct moor_verdict *verdict);

/**
 * moor_measurement_judge - decide, with the digest where it is needed, and answer
 * @m: the measurement
 * @decide: the question, by decide.c
 * @take: moor_measurement_take(), or what opens the file before
 * @verdict: out
 *
 * Inline, so that neither function is called through a pointer.
 *
 * Return: as moor_measurement_take() and moor_measurement_answer().
 */
static __always_inline int moor_measurement_judge(
	struct moor_measurement *m, struct moor_verdict (*decide)(const struct moor_measurement *m),
	int (*take)(struct moor_measurement *m, struct file *file), struct moor_verdict *verdict)
{
	int err;

	*verdict = decide(m);
	if (verdict->measure) {
		err = take(m, m->file);
		if (err)
			return err;
		*verdict = decide(m);
	}
	return moor_measurement_answer(m, verdict);
}

#endif /* MOOR_MEASURE_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/* What decide.c and decide_act.c make their verdicts of. */
#ifndef MOOR_VERDICT_H
#define MOOR_VERDICT_H

#include "decide.h"

static const struct moor_verdict pass = {.allow = true};

/* A refusal that holds in every mode. */
static inline struct moor_verdict refuse(enum moor_reason reason)
{
	return (struct moor_verdict){.reason = (u8)reason, .record = MOOR_RECORD_REFUSE};
}

static inline bool learning(const struct moor_context *context)
{
	return context->mode == MOOR_MODE_LEARNING;
}

/* No policy is in force, and none is waited for: nothing to hold anyone to. */
static inline bool unguarded(const struct moor_context *context)
{
	return context->mode == MOOR_MODE_NONE && !context->closed;
}

/* An act without a file to measure: @reason, or NONE. */
static inline struct moor_verdict judge_act(const struct moor_context *context,
					    enum moor_reason reason)
{
	if (reason == MOOR_REASON_NONE)
		return pass;
	if (!learning(context))
		return refuse(reason);
	return (struct moor_verdict){
		.allow = true,
		.reason = (u8)reason,
		.record = MOOR_RECORD_UNMEASURED,
	};
}

#endif /* MOOR_VERDICT_H */

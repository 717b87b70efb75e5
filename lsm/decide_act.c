// SPDX-License-Identifier: GPL-2.0-only
/*
 * The decisions over acts without a file to measure, see decide.h. The first
 * reason wins here as well.
 */
#include "decide.h"
#include "verdict.h"

/* What makes code that nobody measured: @reason speaks against it without the permission. */
static struct moor_verdict judge_code(const struct moor_context *context,
				      const struct moor_subject *subject, enum moor_reason reason)
{
	bool permitted = !subject->in_domain || subject->memory_exec;

	return judge_act(context, permitted ? MOOR_REASON_NONE : reason);
}

/**
 * moor_decide_anonymous - executable memory without a file
 * @context: the state
 * @subject: who asks for it
 *
 * Return: the verdict: ANONYMOUS in a domain without the permission.
 * Context: any.
 */
struct moor_verdict moor_decide_anonymous(const struct moor_context *context,
					  const struct moor_subject *subject)
{
	return judge_code(context, subject, MOOR_REASON_ANONYMOUS);
}

/**
 * moor_decide_userfaultfd - a task asks to fill its own page faults
 * @context: the state
 * @subject: who asks for it
 *
 * Who may have anonymous executable memory gains nothing by it.
 *
 * Return: the verdict: USERFAULTFD in a domain without that permission.
 * Context: any.
 */
struct moor_verdict moor_decide_userfaultfd(const struct moor_context *context,
					    const struct moor_subject *subject)
{
	return judge_code(context, subject, MOOR_REASON_USERFAULTFD);
}

/**
 * moor_decide_module_without_file - a kernel module handed in as bytes
 * @context: the state
 *
 * Nobody can tell which module it is. While closed none comes in; with a policy
 * in force it passes in either mode, because current tools load every compressed
 * module so, and the log says that it happened. What such a module could open is
 * behind the gate.
 *
 * Return: the verdict, reason NO_FILE.
 * Context: any.
 */
struct moor_verdict moor_decide_module_without_file(const struct moor_context *context)
{
	if (context->closed)
		return refuse(MOOR_REASON_NO_FILE);
	if (unguarded(context))
		return pass;
	return (struct moor_verdict){
		.allow = true,
		.reason = MOOR_REASON_NO_FILE,
		.record = MOOR_RECORD_UNMEASURED,
	};
}

/**
 * moor_decide_kexec - another kernel, or its initrd, is loaded in order to be run
 * @context: the state
 * @subject: who loads it
 *
 * It would run without a measured boot, in front of a PCR that tells of this one. It is refused to
 * everybody once locked, while broken, and always to a domain; otherwise it passes and is recorded:
 * also a kernel to take a crash dump comes this way.
 *
 * Order: BROKEN, KEXEC.
 *
 * Return: the verdict.
 * Context: any.
 */
struct moor_verdict moor_decide_kexec(const struct moor_context *context,
				      const struct moor_subject *subject)
{
	if (context->broken)
		return refuse(MOOR_REASON_BROKEN);
	if (context->locked || (subject->in_domain && !learning(context)))
		return refuse(MOOR_REASON_KEXEC);
	return (struct moor_verdict){
		.allow = true,
		.reason = MOOR_REASON_KEXEC,
		.record = MOOR_RECORD_UNMEASURED,
	};
}

/**
 * moor_decide_trace - one task looks into another
 * @context: the state
 * @trace: who, whom and how
 *
 * Refused across a domain's border, from either side, and for control also within
 * a domain: who traces can change code that was measured. What a process outside
 * may read of one inside (ps does it all the time) stays as it was, unless rules of
 * access say more. A rule of access that allows it stands above this, and the log then
 * tells that measured code may have been changed.
 *
 * Return: the verdict, reason TRACE.
 * Context: any.
 */
struct moor_verdict moor_decide_trace(const struct moor_context *context,
				      const struct moor_trace *trace)
{
	bool refused;

	if (trace->tracer_in_domain)
		refused = trace->attach || !trace->same_domain;
	else
		refused = trace->attach && trace->target_in_domain;
	if (refused && trace->granted)
		return (struct moor_verdict){
			.allow = true,
			.reason = MOOR_REASON_TRACE,
			.record = trace->attach ? MOOR_RECORD_UNMEASURED : 0,
		};
	return judge_act(context, refused ? MOOR_REASON_TRACE : MOOR_REASON_NONE);
}

/**
 * moor_decide_device - a gated device is opened, received or brought in
 * @context: the state
 * @subject: who gets it
 *
 * Return: the verdict: CLOSED while closed, GATE outside a domain.
 * Context: any.
 */
struct moor_verdict moor_decide_device(const struct moor_context *context,
				       const struct moor_subject *subject)
{
	if (context->closed)
		return refuse(MOOR_REASON_CLOSED);
	if (unguarded(context) || subject->in_domain)
		return pass;
	return judge_act(context, MOOR_REASON_GATE);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* What every hook asks first, without a call. */
#ifndef MOOR_ATTACH_H
#define MOOR_ATTACH_H

#include "moor.h"

#include <linux/bpf.h>

extern u64 moor_attach_cookie; /* zero: no attachment is under way or armed */

/**
 * moor_called_by_own_program - does the running program carry our cookie?
 *
 * Only programs of type LSM can call the module, and those run through a
 * trampoline whose run context holds the cookie that their link was made with.
 *
 * Context: inside a kfunc.
 */
static __always_inline bool moor_called_by_own_program(void)
{
	const struct bpf_run_ctx *context = current->bpf_ctx;
	u64 cookie = READ_ONCE(moor_attach_cookie);

	if (!context || !cookie)
		return false;
	return container_of(context, struct bpf_tramp_run_ctx, run_ctx)->bpf_cookie == cookie;
}

#endif /* MOOR_ATTACH_H */

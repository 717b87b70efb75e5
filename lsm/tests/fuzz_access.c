// SPDX-License-Identifier: GPL-2.0-only
/* Any bytes as a packed access policy: what is one must answer within its bounds. */
#include "access_make.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	void *bytes = policy_copy(data, (u32)size);
	struct moor_access *access;
	u32 offset = 0;

	access = moor_access_create(bytes, (u32)size, &offset);
	if (IS_ERR(access)) {
		if (offset > size)
			abort();
		kvfree(bytes);
		return 0;
	}
	policy_look_up_everything(access);
	moor_access_free(access);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "CSearch.h"

#include <string.h>

const void *moor_memmem(const void *bytes, size_t length, const void *needle, size_t needle_length)
{
	return memmem(bytes, length, needle, needle_length);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* Between access.c and access_network.c, which look up, and access_check.c, which checks what user
 * space packed. */
#ifndef MOOR_ACCESS_PACKED_H
#define MOOR_ACCESS_PACKED_H

#include "access.h"

int moor_access_check_header(const void *bytes, u32 length);
int moor_access_check(struct moor_access *access, const void *bytes, u32 *error_offset);
struct moor_access_finding moor_access_found(const bool has[MOOR_EFFECTS]);

#endif /* MOOR_ACCESS_PACKED_H */

/* SPDX-License-Identifier: Apache-2.0 */
#include "CMoor.h"

/* The sizes are the ABI: a change here is a change of MOOR_ABI_VERSION. */
_Static_assert(sizeof(struct moor_trust_entry) == 8, "moor_trust_entry");
_Static_assert(sizeof(struct moor_header) == 8, "moor_header");
_Static_assert(sizeof(struct moor_trust_begin) == 16, "moor_trust_begin");
_Static_assert(sizeof(struct moor_trust_add) == 24, "moor_trust_add");
_Static_assert(sizeof(struct moor_trust_commit) == 192, "moor_trust_commit");
_Static_assert(sizeof(struct moor_attach_begin) == 24, "moor_attach_begin");
_Static_assert(sizeof(struct moor_attach) == 16, "moor_attach");
_Static_assert(sizeof(struct moor_arm) == 40, "moor_arm");
_Static_assert(sizeof(struct moor_bind) == 72, "moor_bind");
_Static_assert(sizeof(struct moor_gate) == 24, "moor_gate");
_Static_assert(sizeof(struct moor_bank_value) == 72, "moor_bank_value");
_Static_assert(sizeof(struct moor_snapshot) == 632, "moor_snapshot");
_Static_assert(sizeof(struct moor_access_object) == 88, "moor_access_object");
_Static_assert(sizeof(struct moor_dfa_header) == 48, "moor_dfa_header");
_Static_assert(sizeof(struct moor_dfa_state) == 12, "moor_dfa_state");
_Static_assert(sizeof(struct moor_dfa_cell) == 8, "moor_dfa_cell");
_Static_assert(sizeof(struct moor_dfa_accept) == 24, "moor_dfa_accept");
_Static_assert(sizeof(struct moor_access_header) == 40, "moor_access_header");
_Static_assert(sizeof(struct moor_access_slice) == 8, "moor_access_slice");
_Static_assert(sizeof(struct moor_access_domain) == 56, "moor_access_domain");
_Static_assert(sizeof(struct moor_access_rule) == 48, "moor_access_rule");
_Static_assert(sizeof(struct moor_access_begin) == 24, "moor_access_begin");
_Static_assert(sizeof(struct moor_access_commit) == 200, "moor_access_commit");

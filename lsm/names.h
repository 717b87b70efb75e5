/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The names of the ABI's numbers, as the system log and sysfs spell them. A name
 * that was once written stays: readers of old logs know it.
 */
#ifndef MOOR_NAMES_H
#define MOOR_NAMES_H

#include "portable.h"

const char *moor_record_name(u8 record);
const char *moor_permission_name(u8 bit);
const char *moor_capability_name(u8 capability);
const char *moor_signal_name(u8 signal);
const char *moor_anonymous_name(u8 kind);
const char *moor_descriptor_name(u8 kind);
const char *moor_kind_name(u8 kind);
const char *moor_algorithm_name(u8 algorithm);
const char *moor_reason_name(u8 reason);
const char *moor_mode_name(u8 mode);
const char *moor_state_name(u8 state);

#endif /* MOOR_NAMES_H */

/* SPDX-License-Identifier: Apache-2.0 */
/* What glibc has and shows only to programs that ask for GNU's additions. */
#ifndef MOOR_CSEARCH_H
#define MOOR_CSEARCH_H

#include <stddef.h>

/* memmem(3), which looks at many bytes at a time. */
const void *moor_memmem(const void *bytes, size_t length, const void *needle, size_t needle_length);

#endif /* MOOR_CSEARCH_H */

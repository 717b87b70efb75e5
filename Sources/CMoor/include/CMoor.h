/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's ABI header, for Swift; see the header itself for the meaning. */
#include "../../../lsm/uapi/moor.h"

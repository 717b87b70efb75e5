/* SPDX-License-Identifier: Apache-2.0 */
#include <tss2/tss2_esys.h>
#include <tss2/tss2_sys.h>
#include <tss2/tss2_tctildr.h>

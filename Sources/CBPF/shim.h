/* SPDX-License-Identifier: Apache-2.0 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

/* Swift sees the enumerator and libbpf's macro of that name, and takes neither. */
static const unsigned int moor_btf_function = BTF_KIND_FUNC;

# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: Apache-2.0
# The suite `launch` of scripts/bench: its parts in their order, the rows of each, and how they are run.

suite_packages=()
suite_parts=(counted timed)
declare -A suite_rows=(
  [counted]='first exec: files hashed
first exec: TPM extends
re-exec: files hashed
re-exec: TPM extends'
  [timed]='outside a domain: open-close, added
outside a domain: stat, added
outside a domain: tcp, added
outside a domain: fork, added
outside a domain: exec, added
re-exec: added
in a domain: first executable mapping, added
in a domain: later executable mapping, added
first exec: hashing, AF_ALG being 100
memory: module, programs and 10,000 trust entries
first exec: moor, IMA being 100
re-exec: with moor, IMA being 100
open+close: with moor armed, IMA being 100'
)

run_counted() { in_guest counted; }
run_timed() { in_guest timed --icount; }

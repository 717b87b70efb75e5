# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# The suite `access` of scripts/bench: its parts in their order, the rows of each, and how they are run.

suite_packages=(peers)
suite_parts=(compiler outside inside peers)
declare -A suite_rows=(
  [compiler]='compiler: 10000 rules: read and compile
compiler: 100000 rules: read and compile
compiler: 10000 vms: pack, compiling included
compiler: 10000 rules: apparmor_parser'
  [outside]='outside a domain: open-close, added
outside a domain: stat, added
outside a domain: fstat, added
outside a domain: ioctl, added
outside a domain: fork, added
outside a domain: exec, added
outside a domain: tcp, added'
  [inside]='10,000 rules first: loaded
10,000 rules again: loaded
in a domain: open+close, added
in a domain: open+close eight folders deep, added
in a domain: stat, added
in a domain: stat eight folders deep, added
in a domain: open+close looked up anew, added
in a domain: the same eight folders deep, added
in a domain: open+close, 100000 rules, 10 being 100
in a domain: open+close looked up anew, 100000 rules, 10 being 100
in a domain: ioctl of a device, added
in a domain: KVM_RUN, added
learning: open+close of what was told, enforcing being 100
learning: what is added to it, enforcing looked up anew being 100
learning: lost of these
learning: lost in bursts of ten'
  [peers]='open+close: added by moor, AppArmor being 100
open+close: added by moor, TOMOYO being 100
open+close eight folders deep: added by moor, AppArmor being 100
open+close eight folders deep: added by moor, TOMOYO being 100
stat: added by moor, AppArmor being 100
stat: added by moor, TOMOYO being 100'
)

# Times of this machine, by a script of its own.
run_compiler() {
  local code=0
  "$moor_root/scripts/bench-policy" --json "$work/policy.json" >&2 || code=$?
  # A limit that does not hold is told with the others.
  [[ -s $work/policy.json ]] || return "$code"
  jq -r '.[] | ["row", "compiler: " + .name, .value, .unit, .limit // "-", 1] | @tsv' "$work/policy.json" >>"$work/rows"
}

run_outside() { in_guest outside --icount; }

# The 10,000 rules are packed here: what is timed is the kernel's part.
run_inside() {
  quietly "$moor_build/log/access-bench.log" swift build --package-path "$moor_root" -c release --product access-bench
  "$moor_build/release/access-bench" pack 10000 "$work/policy-10000"
  in_guest inside --icount --files "$work/policy-10000" --append 'log_buf_len=16M'
}

# Debian's kernels hold all of them at once; TOMOYO only lacks who activates its policy.
run_peers() {
  in_guest peers --icount --files "$(type -P apparmor_parser)" \
    --append 'apparmor=1 TOMOYO_loader=/bin/true TOMOYO_trigger=/opt/moor/measured/trigger'
}

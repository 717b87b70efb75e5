#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# launch.sh counted|timed CYCLES RUNS: what measured launch costs. Prints `row NAME VALUE UNIT LIMIT
# RUNS`, separated by tabs; every limit is the most that is allowed, and `-` is none. CYCLES and RUNS
# say how often; RUNS is for one side of one cycle.
#
# `counted` has a TPM and looks at counters. `timed` is for a guest whose clock counts instructions;
# there the clock jumps whenever the TPM is waited for, so it goes without.
set -euo pipefail
part=$1 cycles=$2 runs=$3
# shellcheck source=Tests/LabTests/bench/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# of_files KIND FIELD: the mean over all files of a launch; KIND 1 open and close, 2 the first
# executable mapping, 3 a later one.
of_files() {
  awk -v kind="$1" -v name="$2" '$1 > 0 && ($1 - kind) % 3 == 0 {
    for (i = 2; i < NF; i += 2) if ($i == name) { sum += $(i + 1); n++ } } END { printf "%.0f", sum / n }' launched
}

# What the kernel itself has in use, in KiB: slabs, vmalloc (modules and programs as well), per-CPU. The
# free pages tell less: the allocator keeps some on lists of its own.
used() {
  sync
  echo 3 >/proc/sys/vm/drop_caches
  sleep 10
  awk '{ kib[$1] = $2 } END { print kib["SUnreclaim:"] + kib["VmallocUsed:"] + kib["Percpu:"] }' /proc/meminfo
}

prepare() {
  local i
  cp "$bench/stamp" listed
  cp "$bench/stamp" unlisted
  for i in 1 2; do
    # As large as a real emulator, and different from each other.
    { cat "$bench/stamp" /usr/bin/qemu-system-x86_64 && echo "$i"; } >"large-$i"
    chmod +x "large-$i"
  done
  libraries=()
  for i in {1..24}; do
    cp /usr/lib/x86_64-linux-gnu/libz.so.1 "library-$i"
    libraries+=("$work/library-$i")
  done
  trust exec "$work/listed" "$work/large-1"
  trust library "${libraries[@]}"
  cat large-* library-* >/dev/null
  modprobe algif_hash
}

# What is counted, not timed.
counted() {
  local hashed extends
  say "counting what is hashed and extended"
  load
  hashed=$(counter hashed_files) extends=$(counter tpm_extends)
  launch 1 "$work/listed" -
  row 'first exec: files hashed' $(($(counter hashed_files) - hashed)) files 1 1
  row 'first exec: TPM extends' $(($(counter tpm_extends) - extends)) commands 1 1
  hashed=$(counter hashed_files) extends=$(counter tpm_extends)
  launch 20 "$work/listed" -
  row 're-exec: files hashed' $(($(counter hashed_files) - hashed)) files 0 20
  row 're-exec: TPM extends' $(($(counter tpm_extends) - extends)) commands 0 20
  unload
}

# Without and with the module in turn: A B A B A, so that what drifts over a boot falls out.
outside_domains() {
  local cycle name limit
  outside without
  for ((cycle = 1; cycle <= cycles; cycle++)); do
    say "outside any domain: cycle $cycle of $cycles"
    # As on a host that has rules of access: more hooks, and TCP passes two of them.
    load --no-tpm --access-hooks
    outside armed
    ((cycle < cycles)) || inside
    unload
    outside without
  done
  for name in open-close stat tcp fork exec; do
    [ $name = fork ] || steady $name # that drifts over a boot
    limit=2
    [[ $name != open-close && $name != tcp ]] || limit=4
    row "outside a domain: $name without moor" "$(mean without $name)" instructions - $((runs * cycles))
    row "outside a domain: $name with moor armed" "$(mean armed $name)" instructions - $((runs * cycles))
    row "outside a domain: $name, added" "$(calculate "100 * ($(mean armed $name) / $(mean without $name) - 1)" 2)" % $limit $((runs * cycles))
  done
}

# Guarded programs, the module being armed.
inside() {
  local all=$((runs * cycles)) first again bytes alg
  say "first exec"
  launch 1 "$work/large-1" -
  first=$(column 0 guarded)
  launch 5 "$work/large-1" -
  again=$(column 0 guarded)
  bytes=$(stat -c %s large-1)
  read -r alg _ < <("$bench/hash" large-1)
  row "first exec: hashing by moor" "$(calculate "($first - $again) / $bytes" 3)" instructions/byte - 1
  row "first exec: sha256 by AF_ALG" "$(calculate "$alg / $bytes" 3)" instructions/byte - 1
  row "first exec: hashing, AF_ALG being 100" "$(calculate "100 * ($first - $again) / $alg")" % 125 1
  moor_first=$((first - again))

  say "re-exec"
  launch "$all" "$work/listed" "$work/unlisted"
  row "re-exec: unguarded" "$(column 0 unguarded)" instructions - "$all"
  row "re-exec: guarded" "$(column 0 guarded)" instructions - "$all"
  row "re-exec: added" "$(column 0 difference)" instructions 3000 "$all"
  row "re-exec: standard error of what is added" "$(column 0 error)" instructions - "$all"
  moor_again=$(column 0 difference)

  say "mapping"
  local few=$((all / 10))
  local files=$((few * ${#libraries[@]}))
  launch "$few" "$work/listed" "$work/unlisted" "${libraries[@]}"
  row "in a domain: open+close, added" "$(of_files 1 difference)" instructions 640 $files
  row "in a domain: first executable mapping, added" "$(of_files 2 difference)" instructions 400 $files
  row "in a domain: later executable mapping, added" "$(of_files 3 difference)" instructions 400 $files
}

memory() {
  local before after
  say "memory"
  rules=$(awk 'BEGIN { for (i = 0; i < 10000; i++) printf "  library /usr/lib/x86_64-linux-gnu/qemu/libemulator-part-%d.so.1.%d sha256:%064x\n", i, i % 7, i + 1 }')$'\n'
  trust exec "$work/listed"
  before=$(used)
  load --no-tpm
  after=$(used)
  row 'memory: module, programs and 10,000 trust entries' "$(calculate "($after - $before) / 1024" 2)" MiB 8 1
  unload
}

ima_policy() {
  local magic
  for magic in 0x9fa0 0x62656572 0x64626720 0x1021994 0x1cd1 0x42494e4d 0x73636673 0xf97cff8c 0x27e0eb 0x63677270; do
    echo "dont_measure fsmagic=$magic"
  done
  echo 'measure func=BPRM_CHECK mask=MAY_EXEC'
  echo 'measure func=MMAP_CHECK mask=MAY_EXEC'
  echo 'measure func=FILE_CHECK mask=MAY_READ euid=0'
}

# IMA with its rules for programs, executable mappings and files read by root; its policy stays.
ima() {
  local all=$((runs * cycles)) few=$((runs * cycles / 10)) plain plain_open plain_map first again open map
  say "IMA"
  cat large-2 library-* >/dev/null # what the memory test dropped from the cache
  launch "$all" - "$work/unlisted"
  plain=$(column 0 unguarded)
  launch "$few" - "$work/unlisted" "${libraries[@]}"
  plain_map=$(of_files 2 unguarded)
  plain_open=$("$bench/outside" /etc/passwd $((runs * 10)) 1 | awk '$1 == "open-close" { print $2 }')
  ima_policy >/sys/kernel/security/ima/policy || die "IMA takes no policy: the peer is missing"
  launch 1 - "$work/large-2"
  first=$(column 0 unguarded)
  grep -q "$work/large-2" /sys/kernel/security/ima/ascii_runtime_measurements || die "IMA did not measure: the peer is missing"
  launch 5 - "$work/large-2"
  again=$(column 0 unguarded)
  row "IMA: first exec, hashing" "$(calculate "($first - $again) / $(stat -c %s large-2)" 3)" instructions/byte - 1
  row "first exec: moor, IMA being 100" "$(calculate "100 * $moor_first / ($first - $again)")" % - 1
  launch "$all" - "$work/unlisted"
  again=$(column 0 unguarded)
  launch "$few" - "$work/unlisted" "${libraries[@]}"
  map=$(of_files 2 unguarded)
  row "IMA: re-exec, added" $((again - plain)) instructions - "$all"
  row "IMA: first executable mapping, added" $((map - plain_map)) instructions - $((few * ${#libraries[@]}))
  row "re-exec: with moor, IMA being 100" "$(calculate "100 * ($plain + $moor_again) / $again")" % - "$all"
  open=$("$bench/outside" /etc/passwd $((runs * 10)) 1 | awk '$1 == "open-close" { print $2 }')
  row "IMA: open+close, added" "$(calculate "$open - $plain_open")" instructions - $((runs * 10))
  row "open+close: with moor armed, IMA being 100" "$(calculate "100 * ($plain_open + $(mean armed open-close) - $(mean without open-close)) / $open" 2)" % - $((runs * 10))
}

case $part in
  counted)
    prepare
    counted
    ;;
  timed)
    prepare
    settle
    outside_domains
    memory
    ima
    ;;
  *) die "counted or timed, not '$part'" ;;
esac
say "done"

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# access.sh outside|inside|peers CYCLES RUNS: what rules of access cost, outside any domain and inside one, and beside
# AppArmor and TOMOYO. Prints `row NAME VALUE UNIT LIMIT RUNS`, separated by tabs; every limit is the most that is allowed,
# and `-` is none. CYCLES and RUNS say how often; RUNS is for one side of one cycle. For a guest whose clock counts instructions.
set -euo pipefail
part=$1 cycles=$2 runs=$3
# shellcheck source=Tests/LabTests/bench/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

all=$((runs * cycles))
start=/opt/moor/attacks/start
# What the domain's programs open: a file near the root and one eight folders deep, and more beside them.
near=/etc/passwd near_many=/etc/bench- refused=/etc/hostname
folder=/srv/storage/pool/tenant/rack/hosts/images/web1
deep=$folder/disk.qcow2 deep_many=$folder/disk-
# What a VM of its own is told of and no rule names.
sights=/srv/sights/file-
entropy=0x80045200 # RNDGETENTCNT
in_turn=2304       # files that paths.c opens so

prepare() {
  local i
  cp "$bench/stamp" unlisted
  cp "$bench/paths" "$bench/command" "$bench/each" .
  mkdir -p "$folder"
  for ((i = 0; i < 256; i++)); do
    echo text >"$near_many$i"
    echo text >"$deep_many$i"
  done
  echo text >"$deep"
  trust exec "$work/paths" "$work/command" "$work/each"
}

# with_rules COUNT [FOR-LEARNING]: the next load has so many rules about paths in the domain web1. For learning none of
# them is about what the programs do.
with_rules() {
  {
    echo 'vm web1 {'
    [ -n "${2:-}" ] || printf '  file r %s\n' "$near" "$near_many*" "$folder/*"
    awk -v count=$(($1 - 3)) 'BEGIN { for (i = 0; i < count; i++) printf "  file rw /srv/vm%d/disk%d-*.qcow2\n", i, i }'
    printf '  device r /dev/urandom ioctl %s\n' $entropy
    printf '  device rw /dev/kvm ioctl KVM_CREATE_VM KVM_GET_VCPU_MMAP_SIZE\n'
    printf '  anon kvm-vm ioctl KVM_CREATE_VCPU\n  anon kvm-vcpu ioctl KVM_RUN\n}\n'
  } >domains
}

# paths SIDE REFUSED [COMMAND...]: the figures of a program that opens files, started by COMMAND; $program in place of the usual one.
paths() {
  "${@:3}" "${program:-$work/paths}" $((runs * 100)) "$2" "$near" "$near_many" "$deep" "$deep_many" </dev/null |
    sed "s/^/$1 /" >>"$figures" || die "$1: no figures"
}

# commands SIDE [COMMAND...]: the same of one that sends ioctl commands.
commands() {
  "${@:2}" "$work/command" $((runs * 100)) /dev/urandom $entropy </dev/null | sed "s/^/$1 device-/" >>"$figures"
  "${@:2}" "$work/command" $((runs * 100)) kvm </dev/null | sed "s/^/$1 kvm-/" >>"$figures"
}

# Without and with the module in turn, so that what drifts over a boot falls out. A policy is in force.
outside_domains() {
  local cycle name limit unit
  with_rules 10
  outside without
  for ((cycle = 1; cycle <= cycles; cycle++)); do
    say "outside any domain: cycle $cycle of $cycles"
    load --no-tpm
    outside armed
    unload
    outside without
  done
  steady open-close stat fstat ioctl tcp exec # fork drifts over a boot
  while read -r name unit limit; do
    row "outside a domain: $name without moor" "$(mean without "$name")" instructions - "$all"
    if [ "$unit" = % ]; then
      row "outside a domain: $name, added" "$(calculate "100 * ($(mean armed "$name") / $(mean without "$name") - 1)" 2)" % "$limit" "$all"
    else
      row "outside a domain: $name, added" "$(added armed "$name")" instructions "$limit" "$all"
    fi
  done <<<'open-close % 4
stat instructions 240
fstat instructions 240
ioctl instructions 230
fork % 2
exec % 2
tcp % 4'
}

# inside COUNT: one side, with so many rules.
inside() {
  say "in a domain with $1 rules"
  with_rules "$1"
  load --no-tpm
  paths "$1" "$refused" $start web1
}

in_a_domain() {
  local name opens=$((runs * 100))
  modprobe kvm_amd
  paths without - env
  commands without env
  inside 10
  commands 10 $start web1
  inside 1000
  inside 100000
  learning
  unload
  paths without - env
  steady open-close stat open-close-in-turn deep-open-close deep-stat deep-open-close-in-turn

  row 'in a domain: open+close without moor' "$(mean without open-close)" instructions - $opens
  row 'in a domain: open+close, added' "$(added 10 open-close)" instructions 640 $opens
  row 'in a domain: open+close eight folders deep, added' "$(added 10 deep-open-close)" instructions 1000 $opens
  row 'in a domain: stat, added' "$(added 10 stat)" instructions 1000 $opens
  row 'in a domain: stat eight folders deep, added' "$(added 10 deep-stat)" instructions 1000 $opens
  # Nothing is remembered of so many files: each is looked up.
  row 'in a domain: open+close looked up anew, added' "$(added 10 open-close-in-turn)" instructions - $in_turn
  row 'in a domain: the same eight folders deep, added' "$(added 10 deep-open-close-in-turn)" instructions - $in_turn
  for name in 1000 100000; do
    row "in a domain: open+close, $name rules, 10 being 100" \
      "$(calculate "100 * $(added $name open-close) / $(added 10 open-close)")" % 110 $opens
    row "in a domain: open+close looked up anew, $name rules, 10 being 100" \
      "$(calculate "100 * $(added $name open-close-in-turn) / $(added 10 open-close-in-turn)")" % 110 $in_turn
  done
  row 'in a domain: ioctl of a device, added' "$(added 10 device-ioctl)" instructions 300 $opens
  row 'in a domain: KVM_RUN without moor' "$(mean without kvm-ioctl)" instructions - $opens
  row 'in a domain: KVM_RUN, added' "$(added 10 kvm-ioctl)" instructions 300 $opens
  learning_rows
}

# What no rule allows, in a domain that learns; then as many different things as fast as they can be done.
learning() {
  local i lost_before noticed_before lines
  say "learning"
  with_rules 10 learning
  load --no-tpm --learn web1
  paths learning - $start web1
  mkdir -p "${sights%/*}"
  for ((i = 0; i < sights_count; i++)); do : >"$sights$i"; done
  # Each at once, and then no faster than a burst of ten each hundredth of a second.
  for i in $sights_count 10; do
    sysctl -q kernel.printk_ratelimit=0 # there is no auditd
    dmesg --clear
    load --no-tpm --learn web1
    noticed_before=$(noticed) lost_before=$(lost)
    $start web1 "$work/each" "$sights" "$sights_count" "$i" >each.log
    sleep 2
    flood_rate[$i]=$(awk '{ printf "%.0f", 1e9 / $2 }' each.log)
    lines=$(dmesg | grep -c "record=learn class=path .*path=\"$sights" || true)
    flood_lost[$i]=$(($(lost) - lost_before))
    # What the module knows nothing of counts as well.
    ((flood_lost[$i] >= sights_count - lines)) || flood_lost[$i]=$((sights_count - lines))
    (($(noticed) - noticed_before >= sights_count)) || die "not everything was new"
  done
}
sights_count=10000
declare -A flood_rate flood_lost
noticed() { echo $(($(counter access_learned) + $(counter access_forgotten))); }
lost() { awk '/^(access_forgotten|access_unrecorded|audit_lost) / { sum += $2 } END { print sum }' /sys/kernel/moor/stats; }

learning_rows() {
  row 'learning: open+close of what was told, enforcing being 100' \
    "$(calculate "100 * $(mean learning open-close) / $(mean 10 open-close)")" % 200 $((runs * 100))
  row 'learning: what is added to it, enforcing looked up anew being 100' \
    "$(calculate "100 * $(added learning open-close) / $(added 10 open-close-in-turn)")" % 200 $((runs * 100))
  row 'learning: different files a second, at once' "${flood_rate[$sights_count]}" files/s - $sights_count
  row 'learning: lost of these' "${flood_lost[$sights_count]}" records 0 $sights_count
  row 'learning: different files a second, in bursts of ten' "${flood_rate[10]}" files/s - $sights_count
  row 'learning: lost in bursts of ten' "${flood_lost[10]}" records 0 $sights_count
}

# 10,000 rules, packed by the host, are handed over and put in force: first where none were, then in place of others.
swapping() {
  local time digest part
  digest=$(sha256sum <../policy-10000 | cut -c 1-64)
  rm -f domains
  load --no-tpm --access-hooks
  for time in first again; do
    "$bench/handover" ../policy-10000 "$digest" >handover.log || die "the rules were not taken: $(cat /sys/kernel/moor/access/error)"
    for part in staging commit; do
      row "10,000 rules $time: $part" "$(awk -v part=$part '$1 == part { printf "%.2f", $2 / 1e6 }' handover.log)" 'million instructions' - 1
    done
    row "10,000 rules $time: loaded" "$(awk '{ sum += $2 } END { printf "%.2f", sum / 1e6 }' handover.log)" 'ms of the clock' 50 1
  done
  unload
}

# The same rules for AppArmor and for TOMOYO.
apparmor_profile() {
  printf 'profile moor-bench {\n  %s mr,\n' "$work/paths"
  printf '  %s r,\n' "$near" "$near_many*" "$folder/*"
  printf '  /srv/vm%d/disk%d-*.qcow2 rw,\n' 0 0 1 1 2 2 3 3 4 4 5 5 6 6
  printf '}\n'
}

tomoyo_domain() {
  printf '<kernel> %s\nuse_profile 3\nuse_group 0\n' "$work/paths-tomoyo"
  printf 'file read/getattr %s\n' "$near" "$near_many\\*" "$folder/\\*"
  printf 'file read/write/getattr /srv/vm%d/disk%d-\\*.qcow2\n' 0 0 1 1 2 2 3 3 4 4 5 5 6 6
}

confine_peers() {
  local tomoyo=/sys/kernel/security/tomoyo
  apparmor_profile >profile
  ../apparmor_parser --replace --skip-cache profile || die "AppArmor takes no profile: the peer is missing"
  [ -e $tomoyo/profile ] || die "the kernel was started without TOMOYO: the peer is missing"
  printf 'PROFILE_VERSION=20150505\n0-COMMENT=free\n3-COMMENT=held\n3-CONFIG::file={ mode=enforcing grant_log=no reject_log=no }\n' >$tomoyo/profile
  printf 'initialize_domain %s from any\n' "$work/paths-tomoyo" >$tomoyo/exception_policy
  cp paths paths-tomoyo
  tomoyo_domain >$tomoyo/domain_policy
  # Its policy counts from the start of this program on: see the kernel's command line.
  cp /bin/true trigger
  "$work/trigger"
}

beside_peers() {
  local name words peer cycle opens
  with_rules 10
  confine_peers
  for cycle in 1 2; do
    say "beside AppArmor and TOMOYO: cycle $cycle of 2"
    paths without - env
    paths AppArmor "$refused" "$bench/confine" moor-bench
    program=$work/paths-tomoyo paths TOMOYO "$refused" env
    load --no-tpm
    paths moor "$refused" $start web1
    unload
  done
  steady open-close stat open-close-in-turn deep-open-close deep-stat deep-open-close-in-turn
  while read -r name words; do
    opens=$((2 * runs * 100))
    [[ $name != *-in-turn ]] || opens=$((2 * in_turn))
    row "$words: without any" "$(mean without "$name")" instructions - $opens
    for peer in moor AppArmor TOMOYO; do
      row "$words: added by $peer" "$(added $peer "$name")" instructions - $opens
    done
    for peer in AppArmor TOMOYO; do
      row "$words: added by moor, $peer being 100" "$(calculate "100 * $(added moor "$name") / $(added $peer "$name")")" % 100 $opens
    done
  done <<<'open-close open+close
deep-open-close open+close eight folders deep
open-close-in-turn open+close looked up anew
deep-open-close-in-turn open+close looked up anew eight folders deep
stat stat
deep-stat stat eight folders deep'
}

prepare
settle
case $part in
  outside) outside_domains ;;
  inside)
    swapping
    in_a_domain
    ;;
  peers) beside_peers ;;
  *) die "outside, inside or peers, not '$part'" ;;
esac
say "done"

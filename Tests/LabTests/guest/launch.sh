# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# What the cases of measured launch share; they source it. Each case has a folder of its own, $here,
# and a trust policy, $here/policy, that `trusted` writes and `enforce` or `learn` puts in force.

here=/opt/moor/launch
attacks=/opt/moor/attacks
qemu=/usr/bin/qemu-system-x86_64
records=/sys/kernel/security/moor/measurements_ascii
# What a refusal by moor looks like to a program: attack programs end with the errno.
EPERM=1 ETXTBSY=26

# What a case before has left mounted, when it failed.
awk -v here="$here" 'index($2, here) == 1 || $2 == "/tmp/launch" { print $2 }' /proc/mounts | tac | xargs -r -n 1 umount -l
rm -rf "$here" /tmp/launch
mkdir -p "$here"
cd "$here" || exit
cp ../nested.img .
rules=()
# Blocks with rules of access, as text; none: nothing is said of access.
domains=''

# trusted RULE...: more for the trust policy. A rule is KIND PATH [measured] [memory-exec]; the digest
# is that of the file as it is now.
trusted() {
  local rule path
  for rule; do
    read -r _ path _ <<<"$rule"
    rules+=("$rule sha256:$(sha256sum "$path" | cut -c 1-64)")
  done
}

write_policy() {
  printf 'policy "lab" version 1\n\ntrust {\n' >policy
  printf '  %s\n' "${rules[@]}" >>policy
  printf '}\n%s' "$domains" >>policy
}

put_in_force() {
  local mode=$1
  shift
  write_policy
  expect 0 moor load --mode "$mode" --policy "$here/policy" "$@"
}

# enforce [OPTION...], learn [OPTION...]: the policy in force, with the module loaded if it is not.
enforce() { put_in_force enforcing "$@"; }
learn() { put_in_force learning "$@"; }

# The programs in the kernel go a moment after the hooks were given back.
unload() { wait_for 10 moor unload; }

# digest FILE
digest() { sha256sum "$1" | cut -c 1-64; }

# log_lines WORDS...: the lines of the measurement log that have each of these words.
log_lines() {
  awk 'BEGIN { for (i = 1; i < ARGC; i++) wanted[i] = ARGV[i]; ARGC = 1 }
    { has = " " $0 " "; for (i in wanted) if (!index(has, " " wanted[i] " ")) next; print }' "$@" <"$records"
}

# recorded WORDS...: exactly one record has all of these words. It is in $record afterwards.
recorded() {
  local tries count=0
  for ((tries = 0; tries < 30; tries++)); do # what cannot be recorded on the spot is recorded soon after
    record=$(log_lines "$@")
    count=$(grep -c . <<<"$record" || true)
    ((count == 0)) || break
    sleep 0.1
  done
  if ((count != 1)); then
    cat "$records"
    fail "the log has $count records with: $*"
  fi
}

# unrecorded WORDS...: no record has all of these words.
unrecorded() {
  record=$(log_lines "$@")
  [ -z "$record" ] || fail "the log has: $record"
}

# silent_about TEXT: the last expect's output does not hold TEXT.
silent_about() {
  case $output in
    *"$1"*)
      printf '%s\n' "$output"
      fail "the output says '$1'"
      ;;
  esac
}

# The log replays to the PCR in both banks: as moor reads the TPM, and as tpm2-tools do.
proven() {
  local bank
  expect 0 moor log --replay
  says 'the PCR proves the log'
  for bank in sha256 sha384; do
    says "$(pcr "$bank" 13)"
  done
}

# start VM PROGRAM ARGS...: as a guarded VM where moor is loaded, and just so where it is not.
start() { "$attacks/start" "$@"; }

# guest EMULATOR ARGS...: what nested_guest runs, for `start` and `moor run`. It ends with 33.
guest() {
  # shellcheck disable=SC2054 # commas of QEMU
  machine=("$1" -cpu max,-cx16 -m 64 -display none -nodefaults -serial stdio -no-reboot -device isa-debug-exit
    -drive "file=$here/nested.img,format=raw,if=virtio,snapshot=on" "${@:2}")
}

# run_guest VM EMULATOR [ARGS...]: the boot-sector guest, translated, under this emulator.
run_guest() {
  guest "${@:2}" -machine q35,accel=tcg
  timeout 240 "$attacks/start" "$1" "${machine[@]}"
}

# trust_qemu [MIB]: rules for the real QEMU and all that it maps, learned from a run of it and kept for the cases
# that follow in the same boot.
trust_qemu() {
  local rule
  if [ ! -e "$learned_qemu" ]; then
    printf 'policy "lab" version 1\n\ntrust {\n  exec %s memory-exec\n}\n' "$qemu" >policy
    expect 0 moor load --mode learning --policy "$here/policy"
    guest "$qemu" -machine q35,accel=tcg
    expect 33 timeout 240 moor run --vm learning -- "${machine[@]}"
    expect 0 moor trust update --yes --add --policy "$here/policy"
    unload
    keep_learned policy
  fi
  while IFS= read -r rule; do
    rules+=("$rule")
  done <"$learned_qemu"
}

# honest_guest: the honest emulator still runs, by moor's own command.
honest_guest() {
  guest "$qemu" -machine q35,accel=tcg
  expect 33 timeout 240 moor run --vm honest -- "${machine[@]}"
  says 'this text was read from its disk'
}

# honest_stand_in: the trusted stand-in still runs.
honest_stand_in() {
  expect 0 start honest "$here/stand-in"
  says 'stand-in: running'
}

# evil_copy PROGRAM COPY: another program of the same size, which says something else.
evil_copy() {
  LC_ALL=C sed 's/stand-in: running/evil one: running/' "$1" >"$2"
  chmod 755 "$2"
}

# free FILE: until nobody keeps writers out of it: a guard lets go soon after a VM has ended.
free() { wait_for 20 truncate -s +0 "$1"; }

# counted NAME: a counter of the module.
counted() { sed -n "s/^$1 //p" /sys/kernel/moor/stats; }

# code FILE NUMBER: a page of machine code that returns NUMBER (mov eax, NUMBER; ret).
code() {
  [ ! -e "$1" ] || free "$1"
  # shellcheck disable=SC2059 # the format is the byte
  { printf '\xb8'"\\x$(printf '%02x' "$2")"'\x00\x00\x00\xc3'; } >"$1"
  truncate -s 4096 "$1"
}

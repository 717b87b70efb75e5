# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the cases of the lab use. A case is bash under `set -euo pipefail`, in /opt/moor; it passes
# when it ends with 0.

# For a case that cannot run here, with the reason.
skip() {
  printf '%s\n' "$*"
  exit 77
}

# fail TEXT...: ends the case.
fail() {
  printf 'FAILED at line %s: %s\n' "${BASH_LINENO[-2]:-?}" "$*"
  exit 1
}

# expect CODE COMMAND...: the command must end with exactly that exit code. What it printed is in
# $output afterwards. 0 for success; for an attack program the errno that refused it.
expect() {
  local wanted=$1 code=0
  shift
  output=$("$@" 2>&1) || code=$?
  if [ "$code" != "$wanted" ]; then
    printf '%s\n' "$output"
    fail "'$*' ended with $code, expected $wanted"
  fi
}

# refused CODE COMMAND...: as expect, and says so: CODE must not be 0.
refused() {
  [ "$1" != 0 ] || fail "a refusal has an errno"
  expect "$@"
}

# says TEXT: the last expect's output holds TEXT.
says() {
  case $output in
    *"$1"*) ;;
    *)
      printf '%s\n' "$output"
      fail "the output does not say '$1'"
      ;;
  esac
}

# same A B WHAT: two values are the same text.
same() { [ "$1" = "$2" ] || fail "$3: '$1' is not '$2'"; }

# wait_for SECONDS COMMAND...: until the command succeeds.
wait_for() {
  local left=$(($1 * 10))
  shift
  until "$@" >/dev/null 2>&1; do
    ((left-- > 0)) || fail "waited in vain for: $*"
    sleep 0.1
  done
}

# nested_guest EMULATOR [ARGS...]: runs the boot-sector guest under this emulator. 33 means that it
# ran and read its disk; 126 that the exec was refused.
nested_guest() {
  local emulator=$1
  shift
  timeout 240 "$emulator" -machine q35,accel=tcg -cpu max,-cx16 -m 64 -display none -nodefaults -serial stdio \
    -no-reboot -device isa-debug-exit -drive file=nested.img,format=raw,if=virtio,snapshot=on "$@" </dev/null
}

# under_kvm COMMAND...: what it ends with, a guest on KVM. The lab emulates the processor's own virtualization, and under that
# one guest in some dozens hangs, without moor as well; a run that takes too long is tried again, any other result stands.
under_kvm() {
  local code=0 tries
  for tries in 1 2 3 4 5; do
    code=0
    timeout -k 10 30 "$@" || code=$?
    ((code == 124 || code == 137)) || break
    printf 'run %s on KVM took longer than 30 s\n' "$tries"
  done
  return "$code"
}

# pcr BANK INDEX: the value of a PCR in lower-case hex, read from the TPM itself.
pcr() {
  local value
  value=$(tpm2_pcrread "$1:$2" | sed -n 's/^ *[0-9]* *: 0x//p')
  printf '%s\n' "${value,,}"
}

# What a run of the real QEMU has taught, for the cases that follow in the same boot: rules of a trust policy.
learned_qemu=/run/moor-learned-qemu

# keep_learned POLICY...: the rules of these policies that have a digest.
keep_learned() {
  sed -n 's/^ *\(\(exec\|library\) .*sha256:.*\)/\1/p' "$@" >"$learned_qemu"
  grep -q '^exec .*/qemu-system-x86_64 ' "$learned_qemu" || fail "no digest of the emulator in $*"
}

# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# What the cases of access share, over guest/launch.sh. `domains` holds the rules; each is held to them as a VM.
# shellcheck source=/dev/null
. guest/launch.sh

EACCES=13
# Every line is looked for; without auditd the kernel would leave out most.
sysctl -q kernel.printk_ratelimit=0
dmesg --clear

# logged WORDS...: a line of the access log has each of these words.
logged() {
  local tries words='' word
  for word; do words+=" && index(\$0 \" \", \" $(printf '%s' "$word" | sed 's/["\\]/\\&/g') \")"; done
  for ((tries = 0; tries < 50; tries++)); do
    # The kernel's audit thread prints in its own time.
    ! dmesg | awk "/ moor boot=/$words { found = 1 } END { exit !found }" || return 0
    sleep 0.1
  done
  dmesg | grep ' class=' || true
  fail "the access log has no line with: $*"
}

# unlogged WORDS...: none has.
unlogged() {
  local word lines
  lines=$(dmesg | grep ' class=path ' || true)
  for word; do lines=$(grep -F -- " $word" <<<"$lines" || true); done
  [ -z "$lines" ] || fail "the access log has: $lines"
}

# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# For cases that hold the module by hand, one step after the other (attacks/moor-steps).

# insert [PARAMETER...]: loads the module.
insert() { expect 0 insmod moor.ko "$@"; }

# remove: takes it out again.
remove() {
  # A released program is freed some time later, and holds the module until then.
  wait_for 10 rmmod moor
  [ ! -e /sys/module/moor ] || fail "the module is still there"
}

# steps STEP...: all of them end as they must.
steps() { expect 0 attacks/moor-steps "$@"; }

# What arms, after `open`.
arming=(begin load:moor.bpf.o link:all hand:all arm)

state() { cat /sys/kernel/moor/state; }
mode() { cat /sys/kernel/moor/mode; }
in_state() { same "$(state)" "$1" "the state"; }
in_mode() { same "$(mode)" "$1" "the mode"; }

# counter NAME: of /sys/kernel/moor/stats.
counter() { sed -n "s/^$1 //p" /sys/kernel/moor/stats; }

measurements=/sys/kernel/security/moor/measurements_ascii

# records [PATTERN]: how many lines of the measurement log match.
records() { grep -c -e "${1:-}" "$measurements" || true; }

# unused: nothing holds the module.
unused() { [ "$(cat /sys/module/moor/refcnt)" = 0 ]; }

# hooks: the names in the order of the module's table; hooks_in LAUNCH|ACCESS: those of one group.
# Those that Linux 6.1 has not count as ACCESS elsewhere.
groups() {
  case $(uname -r) in
    6.1.*) grep -v ' LATER$' hook-groups ;;
    *) sed 's/ LATER$/ ACCESS/' hook-groups ;;
  esac
}
hooks() { groups | cut -d ' ' -f 1; }
hooks_in() { groups | sed -n "s/ $1\$//p"; }
# How many hooks are held where no access policy is spoken of, and so links and programs.
hook_count=$(hooks_in LAUNCH | wc -l)

# in_background STEP...: runs the steps beside the case, until they pause at /run/paused. $beside is the process.
in_background() {
  rm -f /run/paused
  attacks/moor-steps "$@" pause:/run/paused >/run/beside.log 2>&1 &
  beside=$!
  for _ in {1..300}; do
    [ ! -e /run/paused ] || return 0
    kill -0 "$beside" 2>/dev/null || break
    sleep 0.1
  done
  cat /run/beside.log
  fail "the steps beside did not come to their pause: $*"
}

# go_on: lets it go on and end.
go_on() {
  local code=0
  rm /run/paused
  wait "$beside" || code=$?
  output=$(cat /run/beside.log)
  [ "$code" = 0 ] || fail "the steps beside ended with $code: $output"
}

# kill_it: ends it as a crash would.
kill_it() {
  kill -9 "$beside"
  wait "$beside" 2>/dev/null || true
  rm -f /run/paused
}

# A policy in which one program starts a domain; `stay FILE` stays until its file is gone.
guarded=/opt/moor/attacks/stay
guarding=("entry:exec:$guarded:file:1" trust-begin trust-add)

# ask_host kill-tpm: scripts/lib/lab-boot.sh does it within a second.
ask_host() {
  local port
  for port in /sys/class/virtio-ports/*; do
    [ "$(<"$port/name")" != moor.status ] || echo "$1" >"/dev/${port##*/}"
  done
}

# answers: does the TPM?
answers() { timeout 20 tpm2_getrandom --hex 4; }
silent() { ! answers; }

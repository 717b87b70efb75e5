# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# What every script of this folder shares: where things are, and how to tell what goes on.
# Sourced with `set -euo pipefail` in force.

moor_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
moor_cache=${MOOR_CACHE:-$HOME/.cache/moor}
moor_build=$moor_root/.build
readonly moor_root moor_cache moor_build

# The seconds since the script began, as m:ss.
elapsed() { printf '%d:%02d' $((SECONDS / 60)) $((SECONDS % 60)); }

# One line of progress, on standard error so that results stay clean.
say() { printf '[%s] %s\n' "$(elapsed)" "$*" >&2; }

warn() { printf '%s: warning: %s\n' "${0##*/}" "$*" >&2; }

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# Wrong use of a script: the message, where help is, and the exit code 2 that EX_USAGE tools have.
usage_error() {
  printf '%s: %s\nTry: %s --help\n' "${0##*/}" "$*" "${0##*/}" >&2
  exit 2
}

# Prints the comment block at the head of the calling script: its help.
print_help() { sed -n '1,2d; /^#/!q; s/^# \{0,1\}//p' "$0"; }

# Runs a command with its output in LOG; the output is shown only when it fails.
quietly() {
  local log=$1
  shift
  mkdir -p "$(dirname "$log")"
  if ! "$@" >"$log" 2>&1; then
    tail -n 60 "$log" >&2
    die "failed: $* (whole output: $log)"
  fi
}

need() {
  local command
  for command in "$@"; do
    command -v "$command" >/dev/null || die "$command is missing; run scripts/setup"
  done
}

# Holds the lock NAME of the cache until the calling (sub)shell ends: two scripts may run at once,
# also from two checkouts.
cache_lock() {
  mkdir -p "$moor_cache/locks"
  exec {moor_lock_fd}>"$moor_cache/locks/$1"
  flock "$moor_lock_fd"
}

# seconds_since T: what passed since T, a value of $EPOCHREALTIME, with one decimal.
seconds_since() {
  local now=$EPOCHREALTIME tenths
  tenths=$(((${now/./} - ${1/./}) / 100000))
  printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

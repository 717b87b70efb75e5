# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# What both boots of the demo share. A step is a function; its row says whether it held.

# shellcheck source=/dev/null
. guest/lib.sh
# shellcheck source=/dev/null
. guest/access.sh
# shellcheck source=/dev/null
. ../guest/vm-life.sh

policy=/etc/moor/policy.moor
vms=/srv/vm
log=/run/demo.log

# step NAME WORDS FUNCTION: `ok NAME SECONDS WORDS`, or why not. A step that fails ends the story.
step() {
  local name=$1 words=$2 started=$EPOCHREALTIME code=0 seconds
  (set -euo pipefail && "$3") >"$log" 2>&1 || code=$?
  seconds=$(awk -v a="$started" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }')
  if ((code == 0)); then
    printf 'ok %s %s %s\n' "$name" "$seconds" "$words"
    return
  fi
  printf 'not ok %s %s %s\n' "$name" "$seconds" "$(tail -n 1 "$log" | cut -c 1-300)"
  tail -n 40 "$log" >&2
  exit 1
}

# SPDX-License-Identifier: Apache-2.0
# Two loaders that arm and release in a loop never both succeed at once and never leave the module half armed.
# seconds: 900
. guest/steps.sh
insert
race() {
  local tries armed=0 log="/run/race.$1"
  for ((tries = 0; tries < 200 && armed < 6; tries++)); do
    if attacks/moor-steps open begin load:moor.bpf.o link:all hand:all arm >"$log" 2>&1; then
      armed=$((armed + 1))
      attacks/moor-steps "links:$hook_count" >>"$log" || cat "$log" >>/run/race.wrong
      attacks/moor-steps open release >>"$log" || cat "$log" >>/run/race.wrong
    else
      # Refused at its first call, and nowhere later.
      grep -qE 'begin: (EBUSY|EALREADY)' "$log" || cat "$log" >>/run/race.wrong
      sleep 0.1
    fi
  done
  echo "$armed" >"/run/race.armed.$1"
}
rm -f /run/race.*
race 1 &
race 2 &
wait
[ ! -e /run/race.wrong ] || fail "$(cat /run/race.wrong)"
same "$(cat /run/race.armed.1) $(cat /run/race.armed.2)" '6 6' "how often each armed"
in_state unarmed
same "$(records record=start)" 12 "the records of a start"
same "$(records record=release)" 12 "the records of a release"
wait_for 10 attacks/moor-steps links:0
remove

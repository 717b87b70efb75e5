# SPDX-License-Identifier: Apache-2.0
# L10: the real QEMU, started twenty times, on all CPUs at once: each VM runs, and the log's order is that of the PCR.
# long: yes
# seconds: 900
# shellcheck source=/dev/null
. guest/launch.sh
trust_qemu
guest "$qemu" -machine q35,accel=tcg
pair() {
  local jobs=() name code
  for name in "$1-a" "$1-b"; do
    timeout 120 "$attacks/start" "$name" "${machine[@]}" >"$name.out" 2>&1 </dev/null &
    jobs+=($!)
  done
  for name in "${jobs[@]}"; do
    code=0
    wait "$name" || code=$?
    same "$code" 33 "a guest of pair $1"
  done
  grep -q 'this text was read from its disk' "$1-a.out"
  grep -q 'this text was read from its disk' "$1-b.out"
}
for number in {1..10}; do
  # Every other pair finds nothing known: the module is loaded anew, and both measure everything at once.
  if ((number % 2)); then
    ((number == 1)) || unload
    enforce
  fi
  pair "web$number"
  same "$(grep -c "record=measure kind=exec path=\"$qemu\"" "$records")" 1 'records of the emulator'
  unrecorded record=refuse
  proven
done

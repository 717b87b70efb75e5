# SPDX-License-Identifier: Apache-2.0
# L3: nobody can write a library that a guarded VM has mapped; renaming another into its place does not touch the VM.
# demo: L3
# seconds: 900
# shellcheck source=/dev/null
. guest/launch.sh
library=$(readlink -f /usr/lib/x86_64-linux-gnu/libpixman-1.so.0)
guest "$qemu" -machine q35,accel=tcg -S
# hold_guest VM: the real QEMU, with its guest not yet started, and a shell's descriptor to its standard input.
hold_guest() {
  "$attacks/start" "$1" "${machine[@]}" &
  vm=$!
  wait_for 30 grep -q libpixman "/proc/$vm/maps"
}
end_guest() {
  kill "$vm"
  wait "$vm" || true
}
# The byte that is there already: a write for the kernel, and no harm to the other cases.
write() { dd if="$library" of="$library" bs=1 count=1 conv=notrunc status=none; }

hold_guest web1
expect 0 write
end_guest

trust_qemu
enforce
hold_guest web1
expect 1 write
says 'Text file busy'
expect 1 truncate -s +0 "$library"
says 'Text file busy'
refused "$ETXTBSY" "$attacks/writer" "$library"
refused "$ETXTBSY" "$attacks/writer" "$qemu"
cp -p "$library" "$library.new"
ln "$library" "$library.old"
mv "$library.new" "$library"
mv "$library.old" "$library"
end_guest
wait_for 10 write
honest_guest
recorded record=measure kind=library "path=\"$library\"" "digest=$(digest "$library")" 'vm="web1"'
unrecorded record=refuse
proven

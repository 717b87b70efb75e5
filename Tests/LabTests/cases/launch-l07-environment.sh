# SPDX-License-Identifier: Apache-2.0
# L7: LD_PRELOAD and LD_LIBRARY_PATH bring no library into an emulator: its start is one that the loader takes no orders for.
# seconds: 900
# shellcheck source=/dev/null
. guest/launch.sh
loader=$(readlink -f /lib64/ld-linux-x86-64.so.2)
libc=$(readlink -f /lib/x86_64-linux-gnu/libc.so.6)
mkdir lib evil
cp "$attacks/libdevice.so" lib
cp "$attacks/evil.so" evil/libdevice.so
cp "$attacks/dynamic-emulator" .
preloaded() { LD_PRELOAD=$here/evil/libdevice.so "$@"; }
searched() { LD_LIBRARY_PATH=$here/evil "$@"; }
for way in preloaded searched; do
  expect 0 $way start web1 "$here/dynamic-emulator"
  says 'dynamic emulator: evil device'
done
expect 0 preloaded "$qemu" --version
says 'loaded: evil library'

trust_qemu
trusted "exec $here/dynamic-emulator" "library $loader" "library $libc" "library $here/lib/libdevice.so"
# What QEMU uses as well is there twice.
mapfile -t rules < <(printf '%s\n' "${rules[@]}" | sort -u)
enforce
for way in preloaded searched; do
  expect 0 $way start web1 "$here/dynamic-emulator"
  says 'dynamic emulator: honest device'
  silent_about 'evil'
done
guest "$qemu" -machine q35,accel=tcg
expect 33 preloaded "$attacks/start" web1 "${machine[@]}"
says 'this text was read from its disk'
silent_about 'loaded: evil library'
unrecorded record=refuse
# Asked for from inside, it is refused.
refused "$EPERM" start web2 "$here/dynamic-emulator" "$here/evil/libdevice.so"
says 'failed to map segment from shared object'
recorded record=refuse kind=library "path=\"$here/evil/libdevice.so\"" reason=unlisted 'vm="web2"'
honest_guest
proven

# SPDX-License-Identifier: Apache-2.0
# L7: a library named in /etc/ld.so.preload is not mapped into an emulator, nor one put where its own search path leads.
# seconds: 900
# shellcheck source=/dev/null
. guest/launch.sh
loader=$(readlink -f /lib64/ld-linux-x86-64.so.2)
libc=$(readlink -f /lib/x86_64-linux-gnu/libc.so.6)
mkdir lib
cp "$attacks/libdevice.so" lib
cp "$attacks/evil.so" "$attacks/dynamic-emulator" .
trap 'rm -f /etc/ld.so.preload' EXIT
# Nothing but the emulator is started while the file says something.
preloaded() {
  local code=0
  echo "$here/evil.so" >/etc/ld.so.preload
  start "$@" </dev/null || code=$?
  : >/etc/ld.so.preload
  return $code
}
expect 0 preloaded web1 "$here/dynamic-emulator"
says 'dynamic emulator: evil device'
expect 0 preloaded web1 "$qemu" --version
says 'loaded: evil library'

trust_qemu
trusted "exec $here/dynamic-emulator" "library $loader" "library $libc" "library $here/lib/libdevice.so"
# What QEMU maps as well is there twice.
mapfile -t rules < <(printf '%s\n' "${rules[@]}" | sort -u)
enforce
expect 0 preloaded web1 "$here/dynamic-emulator"
says 'cannot be preloaded (failed to map segment from shared object)'
says 'dynamic emulator: honest device'
silent_about 'evil library'
recorded record=refuse kind=library "path=\"$here/evil.so\"" reason=unlisted 'vm="web1"'
guest "$qemu" -machine q35,accel=tcg
expect 33 preloaded web2 "${machine[@]}"
says 'cannot be preloaded (failed to map segment from shared object)'
says 'this text was read from its disk'
silent_about 'evil library'

# Put where the emulator looks for its library, under that library's name.
cp --remove-destination evil.so lib/libdevice.so
refused 127 start web3 "$here/dynamic-emulator"
recorded record=refuse kind=library "path=\"$here/lib/libdevice.so\"" "digest=$(digest evil.so)" \
  "expected=$(digest "$attacks/libdevice.so")" reason=digest 'vm="web3"'
cp --remove-destination "$attacks/libdevice.so" lib
expect 0 start honest "$here/dynamic-emulator"
says 'dynamic emulator: honest device'
honest_guest
proven

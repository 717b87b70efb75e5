# SPDX-License-Identifier: Apache-2.0
# L7: ld.so does not start a program that the policy does not list, as the emulator or from inside a domain.
# seconds: 300
# demo: L7
# shellcheck source=/dev/null
. guest/launch.sh
loader=$(readlink -f /lib64/ld-linux-x86-64.so.2)
libc=$(readlink -f /lib/x86_64-linux-gnu/libc.so.6)
mkdir lib
cp "$attacks/libdevice.so" lib
cp "$attacks/dynamic-emulator" "$attacks/stand-in" .
cp dynamic-emulator evil
printf x >>evil
expect 0 start web1 "$loader" "$here/evil"
says 'dynamic emulator: honest device'
expect 0 start web1 "$here/stand-in" exec "$loader" "$here/evil"
says 'dynamic emulator: honest device'

trusted "exec $here/dynamic-emulator" "exec $here/stand-in" "library $loader" "library $libc" "library $here/lib/libdevice.so"
enforce
expect 0 start web0 "$here/dynamic-emulator"
says 'dynamic emulator: honest device'
refused "$EPERM" start web1 "$loader" "$here/evil"
recorded record=refuse kind=exec "path=\"$loader\"" reason=unlisted 'vm="web1"'
refused "$EPERM" start web2 "$here/stand-in" exec "$here/evil"
recorded record=refuse kind=exec "path=\"$here/evil\"" reason=unlisted 'vm="web2"'

# Also where the loader itself may be executed in a domain: it maps the program, and that is refused.
trusted "exec $loader"
enforce
refused 127 start web3 "$loader" "$here/evil"
says 'failed to map segment from shared object'
recorded record=refuse kind=library "path=\"$here/evil\"" reason=unlisted 'vm="web3"'
refused 127 start web4 "$here/stand-in" exec "$loader" "$here/evil"
silent_about 'dynamic emulator'
expect 0 start honest "$here/dynamic-emulator"
says 'dynamic emulator: honest device'
proven

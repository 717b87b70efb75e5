# SPDX-License-Identifier: Apache-2.0
# L2: firmware that was changed, or that somebody can still write, is not given to the guest.
# seconds: 900
# shellcheck source=/dev/null
. guest/launch.sh
cp /usr/share/seabios/bios-256k.bin bios
# A firmware that leaves with a code of its own (67) as its first instructions: mov dx, 0x501; mov al, 0x21; out dx, al.
head -c 262144 /dev/zero >evil
printf '\xba\x01\x05\xb0\x21\xee\xf4' | dd of=evil bs=1 seek=262128 conv=notrunc status=none
cp bios honest
free bios
cp evil bios
expect 67 run_guest web1 "$qemu" -bios "$here/bios"
free bios
cp honest bios

trust_qemu
trusted "firmware $here/bios"
enforce
expect 33 run_guest web1 "$qemu" -bios "$here/bios"
recorded record=measure kind=firmware "path=\"$here/bios\"" alg=sha256 "digest=$(digest honest)" 'vm="web1"'
free bios
cp evil bios
refused 1 run_guest web2 "$qemu" -bios "$here/bios"
says 'could not load PC BIOS'
recorded record=refuse kind=firmware "path=\"$here/bios\"" alg=sha256 "digest=$(digest evil)" "expected=$(digest honest)" \
  reason=digest 'vm="web2"'
free bios
cp honest bios
free bios
exec {writer}<>bios
refused 1 run_guest web3 "$qemu" -bios "$here/bios" {writer}>&-
recorded record=refuse kind=firmware "path=\"$here/bios\"" reason=writer 'vm="web3"'
# One that comes in with the start itself ends it (SIGKILL).
refused 137 run_guest web4 "$qemu" -bios "$here/bios"
recorded record=refuse kind=firmware "path=\"$here/bios\"" reason=writable 'vm="web4"'
exec {writer}>&-
expect 33 run_guest web1 "$qemu" -bios "$here/bios"
honest_guest
proven

# SPDX-License-Identifier: Apache-2.0
# A real Linux kernel boots as the guest of a guarded QEMU, up to the shell of its initramfs, without a refusal.
# kernel: 6.12
# long: yes
# seconds: 2400
# shellcheck source=/dev/null
. guest/launch.sh
trust_qemu
enforce
release=$(uname -r)
said=/run/linux-guest
shell='Spawning shell within the initramfs'
before=$(counted refused)
moor run --vm linux -- "$qemu" -machine q35,accel=tcg -cpu max,-cx16 -m 512 -display none -nodefaults -no-reboot \
  -serial "file:$said" -kernel "/boot/vmlinuz-$release" -initrd "/boot/initrd.img-$release" \
  -append 'console=ttyS0 break=top no_timer_check cryptomgr.notests' &
vm=$!
# Emulated by what is emulated itself, its timer comes late on a busy machine: it is told not to look for that.
for ((waited = 0; waited < 2300; waited += 5)); do
  if grep -qs "$shell" "$said" || ! kill -0 "$vm" 2>/dev/null; then break; fi
  sleep 5
done
grep -qs "$shell" "$said" || { tail -n 20 "$said" && fail "the guest did not come to its shell in $waited s"; }
grep -q "Linux version $release" "$said" || fail "it is not the kernel $release that booted"
same "$(counted refused)" "$before" 'refusals'
kill "$vm"
wait "$vm" || true
proven
unload

# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: Apache-2.0
# A virtual machine's life under the real QEMU, driven by its monitor as a person would: it boots from its disk, gets a
# snapshot and another disk, is saved, restored, and ends.

# life_disks FOLDER: its disks as they are before a life.
life_disks() {
  mkdir -p "$1"
  rm -f "$1"/{disk,hot,snapshot}.qcow2 "$1/console.log"
  qemu-img convert -O qcow2 nested.img "$1/disk.qcow2"
  qemu-img create -q -f qcow2 "$1/hot.qcow2" 1M
}

# life VM FOLDER: all of it, with QEMU's own exit code, or 124 when the guest did not read its disk.
life() {
  local vm=$1 folder=$2 code=0 tries
  # shellcheck disable=SC2094 # read once QEMU has written it
  {
    for ((tries = 0; tries < 600; tries++)); do
      ! grep -qs 'this text was read from its disk' "$folder/console.log" || break
      # An empty command: when QEMU has ended, this ends.
      echo
      sleep 0.1
    done
    printf '%s\n' "snapshot_blkdev disk $folder/snapshot.qcow2 qcow2" \
      "drive_add 0 if=none,id=hot,file=$folder/hot.qcow2,format=qcow2" 'device_add virtio-blk-pci,drive=hot,id=hot-disk,bus=root-port' \
      'savevm saved' 'info snapshots' 'loadvm saved' 'info block' quit
  } | timeout 240 "$attacks/start" "$vm" "$qemu" -machine q35,accel=tcg -cpu max,-cx16 -m 64 -display none -nodefaults -no-reboot \
    -serial "file:$folder/console.log" -monitor stdio -device pcie-root-port,id=root-port \
    -drive "file=$folder/disk.qcow2,format=qcow2,if=none,id=disk" -device virtio-blk-pci,drive=disk,bootindex=1 || code=$?
  grep -q 'this text was read from its disk' "$folder/console.log" || code=124
  return "$code"
}

# lived VM FOLDER: expects such a life without a fault.
lived() {
  life_disks "$2"
  expect 0 life "$@"
  [[ $output != *[Ee]rror* && $output != *'Could not'* ]] || {
    tr -d '\033' <<<"$output" | tail -n 20 | cut -c 1-300
    fail "$1 did not live well"
  }
  # What the monitor answers, and not the echo of what it was told.
  [[ $output =~ saved\ +[0-9.]+\ [KM]iB ]] || fail "$1 was not saved"
  says "): $2/snapshot.qcow2 (qcow2)"
  says "): $2/hot.qcow2 (qcow2)"
}

# lived_side_by_side FOLDER: the same of VMs web1 and web2 at once, each with its own folder in that one.
lived_side_by_side() {
  life_disks "$1/web2"
  life web2 "$1/web2" >web2.log 2>&1 &
  lived web1 "$1/web1"
  wait $! || fail "web2 did not live: $(tail -n 3 web2.log)"
}

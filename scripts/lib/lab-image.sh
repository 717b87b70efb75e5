# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# The lab's root file system: a small Debian with the real QEMU and both kernels, made once and kept in
# the cache under a name that its inputs give.

lab_packages=(
  qemu-system-x86 qemu-utils seabios ovmf
  tpm2-tools libtss2-esys-3.0.2-0 libtss2-mu0 libtss2-rc0 libtss2-tctildr0 libtss2-tcti-device0
  libbpf1 libkmod2 libssl3 libelf1
  initramfs-tools systemd systemd-sysv udev kmod
  strace procps iproute2 fsverity fuse3 socat zstd xz-utils
)
lab_guest=$moor_root/scripts/lib/guest

lab_image_key() {
  {
    printf '%s\n' "${lab_packages[@]}" "$(kernel_release 6.12)" "$(kernel_release 6.1)"
    cat "$moor_root/scripts/lib/lab-image.sh" "$lab_guest/init" "$lab_guest/moor-lab.service"
  } | sha256sum | cut -c 1-16
}

# What the initial RAM disk must bring: the disk, its file system, and the port for the results.
# `dep` would ask the machine that builds the image, `most` makes it three times as large.
lab_write_initramfs_conf() {
  local root=$1
  sed -i 's/^MODULES=.*/MODULES=list/; s/^COMPRESS=.*/COMPRESS=zstd/' "$root/etc/initramfs-tools/initramfs.conf"
  printf '%s\n' virtio_pci virtio_blk virtio_console ext4 >"$root/etc/initramfs-tools/modules"
  echo 'RESUME=none' >"$root/etc/initramfs-tools/conf.d/resume"
}

lab_add_kernels() {
  local root=$1 series directory release
  for series in "${moor_series[@]}"; do
    directory=$(kernel_directory "$series") release=$(kernel_release "$series")
    mkdir -p "$root/usr/lib/modules"
    cp "$directory/boot/"{vmlinuz,config}-"$release" "$root/boot/"
    cp -a "$directory/lib/modules/$release" "$root/usr/lib/modules/"
    rm -f "$root/usr/lib/modules/$release/"{build,source}
    chroot "$root" depmod "$release"
    chroot "$root" update-initramfs -c -k "$release"
  done
}

lab_make_root() {
  local root=$1
  mmdebstrap --mode=root --variant=minbase --include="$(IFS=, && echo "${lab_packages[*]}")" \
    --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    bookworm "$root" || return
  lab_write_initramfs_conf "$root"
  lab_add_kernels "$root" || return
  install -D -m 755 "$lab_guest/init" "$root/usr/lib/moor-lab/init"
  install -D -m 644 "$lab_guest/moor-lab.service" "$root/etc/systemd/system/moor-lab.service"
  chroot "$root" systemctl enable moor-lab.service
  chroot "$root" systemctl mask systemd-networkd-wait-online.service getty@tty1.service serial-getty@ttyS0.service \
    apt-daily.timer apt-daily-upgrade.timer fstrim.timer e2scrub_all.timer e2scrub_reap.service
  echo '/dev/vda / ext4 defaults 0 0' >"$root/etc/fstab"
  echo moor-lab >"$root/etc/hostname"
  : >"$root/etc/machine-id"
  passwd --root "$root" --delete root
}

# Prints the folder of the image: root.img, and vmlinuz-RELEASE and initrd.img-RELEASE beside it.
lab_image() {
  local key directory work
  "$moor_root/scripts/kernel" all
  key=$(lab_image_key)
  directory=$moor_cache/lab/image-$key
  (
    cache_lock lab-image
    [[ ! -e $directory/root.img ]] || exit 0
    ((EUID == 0)) || die "the lab's image is not built yet, and building it needs root: run 'scripts/lab image' as root once"
    need mmdebstrap mkfs.ext4
    say "building the lab's image: about two minutes, once"
    work=$moor_cache/lab/.work.$$
    mkdir -p "$work/image"
    trap 'rm -rf "$work"' EXIT
    quietly "$moor_cache/log/lab-image.log" lab_make_root "$work/root"
    mkdir -p "$work/image"
    mv "$work/root/boot/"* "$work/image/"
    local release
    for release in "$work/image"/vmlinuz-*; do # the long test boots one inside
      cp "$release" "$work/image/initrd.img-${release##*/vmlinuz-}" "$work/root/boot/"
    done
    truncate -s 4G "$work/image/root.img"
    quietly "$moor_cache/log/lab-mkfs.log" mkfs.ext4 -q -F -O verity -L moor-lab -d "$work/root" "$work/image/root.img"
    rm -rf "$directory"
    mv "$work/image" "$directory"
    find "$moor_cache/lab" -maxdepth 1 -name 'image-*' ! -name "image-$key" -mtime +2 -exec rm -rf {} +
    say "image built: $(du -h "$directory/root.img" | cut -f 1)"
  ) || exit
  printf '%s\n' "$directory"
}

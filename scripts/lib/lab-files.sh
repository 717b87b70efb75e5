# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: Apache-2.0
# What the guests run, built on the host: each is brought to /opt/moor by every lab run.

# The release binaries are one file each, with Swift's libraries inside and no symbols, because the
# guests have no Swift.
lab_build_release() {
  local product=$1 bin=$moor_build/lab/bin
  quietly "$moor_build/log/release-$product.log" swift build --package-path "$moor_root" -c release \
    --static-swift-stdlib --product "$product"
  mkdir -p "$bin"
  if ! [[ $bin/$product -nt $moor_build/release/$product ]]; then
    strip -o "$bin/.$product" "$moor_build/release/$product"
    mv "$bin/.$product" "$bin/$product"
  fi
}

# lab_build KERNELS: the module for these kernels, the trampolines, the attack programs, the
# boot-sector guest, and the tools.
lab_build() {
  "$moor_root/scripts/build-module" --kernel "$1"
  quietly "$moor_build/log/attacks.log" make -C "$moor_root/Tests/LabTests" O="$moor_build/lab/bin"
  say "building the release binaries"
  lab_build_release moor
  lab_build_release moor-boot
  say "all that the guests run is built"
}

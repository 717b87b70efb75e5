# SPDX-License-Identifier: Apache-2.0
# Compressed kernel modules are unpacked by moor init, loaded from their copies and measured; a changed copy is refused.
# kernel: 6.12
# seconds: 900
# boot: own
. guest/launch.sh
copies=/var/lib/moor/modules/$(uname -r)
copy=$copies/kvm-amd.ko
changed() { # another file of that name, as whoever may write there could put in its place
  cp "$copy" "$copy.new"
  printf 'x' >>"$copy.new"
  mv "$copy.new" "$copy"
}
loads() { expect 0 moor load --mode enforcing --load-modules --policy "$here/policy" "$@"; }
is_loaded() { grep -q "^$1 " /proc/modules; }

expect 0 moor init --output "$here/policy" --name lab --memory-exec --unpack-modules
says 'kernel modules below /var/lib/moor/modules'
expect 0 grep -c "^  module $copy\$" policy
expect 1 grep -c '^  # module' policy
same "$(stat -c '%U %a' "$copy")" 'root 644' 'owner and mode'
xz -dc "$(modinfo -n kvm_amd)" | cmp - "$copy"
# Where nothing guards, the changed copy loads.
changed
modprobe --show-depends kvm_amd | sed 's/^insmod //' | sed '$d' | while read -r file _; do insmod "$file" || true; done
expect 0 insmod "$copy"
is_loaded kvm_amd || fail 'the changed copy was not loaded'
modprobe -r kvm_amd
# It is written anew; a copy that is right stays as it is.
before=$(stat -c '%i %Z' "$copies/kvm.ko")
expect 0 moor init --output - --name lab --unpack-modules
says "  module $copy"
xz -dc "$(modinfo -n kvm_amd)" | cmp - "$copy"
same "$(stat -c '%i %Z' "$copies/kvm.ko")" "$before" 'the copy of kvm.ko'

expect 0 moor trust update --from-disk --yes --policy "$here/policy"
loads --closed
says "loaded $copy"
is_loaded kvm_amd || fail 'kvm_amd is not loaded'
recorded record=measure kind=module "path=\"$copy\"" "digest=$(digest "$copy")"
recorded record=measure kind=module "path=\"$copies/kvm.ko\"" "digest=$(digest "$copies/kvm.ko")"
unrecorded record=refuse kind=module
# A module that this machine has no use for is told as that, and the rest goes on.
loads
says "this machine lacks what the module drives"
silent_about ftrace

modprobe -r kvm_amd
changed
loads
says 'moor refused it'
says "$copy"
recorded record=refuse kind=module "path=\"$copy\"" "digest=$(digest "$copy")" reason=digest
! is_loaded kvm_amd || fail 'a changed copy was loaded'
proven

# Unpacked again, it is the listed one.
expect 0 moor init --output - --name lab --unpack-modules
loads
is_loaded kvm_amd || fail 'kvm_amd is not loaded'
unload

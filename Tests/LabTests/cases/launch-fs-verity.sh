# SPDX-License-Identifier: Apache-2.0
# A program is trusted by its fs-verity digest without being hashed; another digest, or its bytes without fs-verity, is refused.
# seconds: 600
# shellcheck source=/dev/null
# shellcheck disable=SC2034 # rules is what guest/launch.sh writes
. guest/launch.sh
modprobe loop
truncate -s 64M image
mkfs.ext4 -q -b 4096 -O verity image
mkdir disk
mount -o loop image disk
cp "$attacks/stand-in" disk/sealed
cp "$attacks/stand-in" disk/open
evil_copy "$attacks/stand-in" disk/other
# seal FILE: its digest is in $sealed_digest afterwards, as a policy lists it.
seal() {
  expect 0 "$attacks/verity" "$1"
  sealed_digest=$output
  same "$(fsverity measure "$1" | cut -d ' ' -f 1)" "${sealed_digest#fsverity-}" "the digest of $1"
}
seal disk/other
other=$sealed_digest
seal disk/sealed
sealed=$sealed_digest
expect 0 start web1 "$here/disk/sealed"
expect 0 start web1 "$here/disk/open"
expect 1 cp "$attacks/stand-in" disk/sealed
says 'Operation not permitted'

rules=("exec $here/disk/sealed $sealed" "exec $here/disk/open $sealed" "exec $here/disk/other $sealed")
enforce
before=$(counted hashed_files)
case $(uname -r) in
  6.1.*)
    # The kernel does not tell a module what fs-verity knows: the file is hashed, and no digest of that kind is listed.
    refused "$EPERM" start web1 "$here/disk/sealed"
    recorded record=refuse kind=exec "path=\"$here/disk/sealed\"" alg=sha256 "digest=$(digest disk/sealed)" reason=digest 'vm="web1"'
    unrecorded alg=fsverity-sha256
    ;;
  *)
    expect 0 start web1 "$here/disk/sealed"
    says 'stand-in: running'
    recorded record=measure kind=exec "path=\"$here/disk/sealed\"" alg=fsverity-sha256 "digest=${sealed#*:}" 'vm="web1"'
    refused "$EPERM" start web2 "$here/disk/other"
    recorded record=refuse kind=exec "path=\"$here/disk/other\"" alg=fsverity-sha256 "digest=${other#*:}" "expected=${sealed#*:}" \
      reason=digest 'vm="web2"'
    same "$(counted hashed_files)" "$before" 'hashed files'
    ;;
esac
refused "$EPERM" start web3 "$here/disk/open"
recorded record=refuse kind=exec "path=\"$here/disk/open\"" alg=sha256 "digest=$(digest disk/open)" reason=digest 'vm="web3"'
refused "$EPERM" start web4 "$here/disk/other"
proven

# The same file by its bytes, where that is what the policy lists.
unload
rules=()
trusted "exec $here/disk/sealed"
enforce
expect 0 start web5 "$here/disk/sealed"
recorded record=measure kind=exec "path=\"$here/disk/sealed\"" alg=sha256 "digest=$(digest disk/sealed)" 'vm="web5"'
unload
wait_for 20 umount disk

# SPDX-License-Identifier: Apache-2.0
# What is another VM's is closed to a VM whatever path leads to it; what a VM makes where it may is its own.
# seconds: 500
# shellcheck disable=SC2034
# shellcheck source=/dev/null
. guest/access.sh
cp "$attacks/files" .
program=$here/files
fresh() {
  mountpoint -q overlay && umount overlay
  rm -rf mine theirs layers overlay
  mkdir -p mine theirs layers/{upper,work} overlay
  echo text >theirs/disk
  echo text >mine/disk
  cp code.original theirs/code
}
code code.original 42
fresh
# Another name of the other VM's file, where the first VM may do all: what `moor load` finds there.
alias_disk() { ln -f theirs/disk mine/alias; }

ways=('read read' 'write write' 'append append' 'cut read,truncate' 'truncate truncate' 'chmod chmod' 'chown chmod' 'remove delete')
for way in "${ways[@]}"; do
  read -r verb _ <<<"$way"
  alias_disk
  expect 0 start web1 "$program" "$verb" "$here/mine/alias"
done
fresh
ln theirs/code mine/code
expect 0 start web1 "$program" map "$here/mine/code"
expect 0 start web1 "$program" lock "$here/mine/code"
alias_disk
expect 0 start web1 "$program" link "$here/mine/alias" "$here/mine/second"
expect 0 start web1 "$program" rename "$here/mine/disk" "$here/mine/alias"
fresh
mount -t overlay overlay -o "lowerdir=$here/theirs,upperdir=$here/layers/upper,workdir=$here/layers/work" overlay
expect 0 start web1 "$program" read "$here/overlay/disk"

fresh
trusted "exec $program" "library $here/theirs/code"
cp "$program" theirs/program
ln -f theirs/program mine/program
trusted "exec $here/theirs/program" "exec $here/mine/program"
domains="
vm web1 {
  file rwmcdlk rename truncate chmod $here/mine/**
  file rw $here/overlay/**
  device rw /dev/nodes/*
  exec $here/mine/program
}
vm web2 {
  object rw $here/theirs/disk
  object rmk $here/theirs/code
  object r $here/theirs/program
  object rwcdl rename $here/made/**
  object rw /dev/mem
}
"
# A device by its number, whatever node has it; it succeeds first.
mkdir -p /dev/nodes made
rm -f /dev/nodes/*
mknod /dev/nodes/memory c 1 1
mknod /dev/nodes/zero c 1 5
expect 0 start web1 "$program" read /dev/nodes/memory
enforce
# theirs PERMISSION PATH: the last act was denied, and the line says whose it is.
denied_theirs() { logged record=deny class=path "permission=$1" "path=\"$2\"" 'owner_vm="web2"' 'vm="web1"'; }
for way in "${ways[@]}"; do
  read -r verb permission <<<"$way"
  alias_disk
  dmesg --clear
  refused "$EACCES" start web1 "$program" "$verb" "$here/mine/alias"
  denied_theirs "$permission" "$here/mine/alias"
done
ln -f theirs/code mine/code
ln -f theirs/program mine/program
# To lock or to map it, it would have to be open.
refused "$EACCES" start web1 "$program" read "$here/mine/code"
refused "$EACCES" start web1 "$program" exec "$here/mine/program" read "$here/mine/disk"
denied_theirs exec "$here/mine/program"
# Neither a further name, nor in the place of what is its own, nor out of the way for it.
refused "$EACCES" start web1 "$program" link "$here/mine/alias" "$here/mine/second"
logged record=deny class=path "path=\"$here/mine/alias\"" 'owner_vm="web2"' 'vm="web1"'
dmesg --clear
refused "$EACCES" start web1 "$program" rename "$here/mine/alias" "$here/mine/second"
denied_theirs rename "$here/mine/alias"
dmesg --clear
refused "$EACCES" start web1 "$program" rename "$here/mine/disk" "$here/mine/alias"
denied_theirs rename "$here/mine/alias"
refused "$EACCES" start web1 "$program" exchange "$here/mine/disk" "$here/mine/alias"
# The owner may do what its rules say, and other objects are nobody's.
expect 0 start web2 "$program" read "$here/theirs/disk"
expect 0 start web2 "$program" write "$here/theirs/disk"
expect 0 start web1 "$program" write "$here/mine/disk"
refused "$EACCES" start web2 "$program" read "$here/mine/disk"
unlogged 'owner_vm="web1"'
# Below an overlay, and in another mount; a mount that is gone leads nowhere.
mount -t overlay overlay -o "lowerdir=$here/theirs,upperdir=$here/layers/upper,workdir=$here/layers/work" overlay
dmesg --clear
refused "$EACCES" start web1 "$program" read "$here/overlay/disk"
denied_theirs read "$here/overlay/disk"
umount overlay
mkdir mine/bound
mount --bind theirs mine/bound
dmesg --clear
refused "$EACCES" start web1 "$program" read "$here/mine/bound/disk"
denied_theirs read "$here/mine/bound/disk"
umount mine/bound
# Over a symbolic link and `..`.
ln -s "$here/theirs/disk" mine/symbolic
refused "$EACCES" start web1 "$program" read "$here/mine/symbolic"
refused "$EACCES" start web1 "$program" read "$here/mine/../theirs/disk"
# Over a link that leads now here, now there: never to the other VM's.
"$attacks/files" swap "$here/mine/swapped" "$here/mine/disk" "$here/mine/alias" &
swapping=$!
wait_for 20 test -L mine/swapped
paths=()
for ((i = 0; i < 150; i++)); do paths+=("$here/mine/swapped"); done
dmesg --clear
output=$(start web1 "$program" each read "${paths[@]}") || true
kill "$swapping"
wait "$swapping" 2>/dev/null || true
denied_theirs read "$here/mine/alias"
# A name that looks like one that is gone.
ln theirs/disk 'mine/x (deleted)'
refused "$EACCES" start web1 "$program" read "$here/mine/x (deleted)"
# The device by another node.
dmesg --clear
refused "$EACCES" start web1 "$program" read /dev/nodes/memory
denied_theirs device-read /dev/nodes/memory
expect 0 start web1 "$program" read /dev/nodes/zero

# What web2 makes where it is to be its own.
expect 0 start web2 "$program" create "$here/made/new"
ln made/new mine/new
dmesg --clear
refused "$EACCES" start web1 "$program" read "$here/mine/new"
denied_theirs read "$here/mine/new"
expect 0 start web2 "$program" rename "$here/made/new" "$here/made/old"
refused "$EACCES" start web1 "$program" read "$here/mine/new"
# It stays web2's as long as the policy knows web2, and the file is there.
enforce
refused "$EACCES" start web1 "$program" read "$here/mine/new"
echo 2 >/proc/sys/vm/drop_caches
refused "$EACCES" start web1 "$program" read "$here/mine/new"

# One object of two VMs is an error that names both rules, and the policy before stays in force.
before=$(cat /sys/kernel/moor/access/policy)
whole=$domains
for other in "$here/mine/hard" "$here/mine/symbolic" "$here/mine/bound/disk"; do
  case $other in *hard) ln -f theirs/disk mine/hard ;; *bound*) mount --bind theirs mine/bound ;; esac
  domains="
vm web1 { object r $other }
vm web2 { object rw $here/theirs/disk }
"
  write_policy
  expect 70 moor load --mode enforcing --policy "$here/policy"
  says 'two VMs have one object'
  says "web1: object r $other"
  says "web2: object rw $here/theirs/disk"
  same "$(cat /sys/kernel/moor/access/policy)" "$before" 'the policy in force'
done
umount mine/bound
domains=$whole
# Learning: it passes, and the line says whose it is.
learn
dmesg --clear
expect 0 start web1 "$program" read "$here/mine/alias"
logged record=learn class=path permission=read 'owner_vm="web2"' "path=\"$here/mine/alias\""
# A filesystem with objects can be unmounted, and its objects are nobody's then.
mkdir -p mounted
mount -t tmpfs tmpfs mounted
echo text >mounted/disk
domains="
vm web1 { file r $here/mine/** }
vm web2 { object rwcd $here/mounted/disk }
"
enforce
expect 0 umount mounted
mount -t tmpfs tmpfs mounted
umount mounted
# A policy that does not name web2 leaves nothing as its own.
domains="
vm web1 { file r $here/mine/** }
"
enforce
expect 0 start web1 "$program" read "$here/mine/alias"
expect 0 start web1 "$program" read "$here/mine/new"
proven
unload
rm -r /dev/nodes

# SPDX-License-Identifier: Apache-2.0
# A VM changes times, extended attributes and ACLs, cuts what is open, watches, and commands by io_uring only as its rules say.
# seconds: 400
# shellcheck disable=SC2034
# shellcheck source=/dev/null
. guest/access.sh
cp "$attacks/attributes" .
program=$here/attributes
# Verb and permission.
ways=(
  'times chmod' 'open-times chmod' 'attribute chmod' 'open-attribute chmod' 'remove-attribute chmod' 'acl chmod'
  'remove-acl chmod' 'shorten truncate')
fresh() {
  rm -rf own seen other
  mkdir own seen other
  for folder in own seen other; do
    echo text >"$folder/disk"
    "$attacks/attributes" attribute "$here/$folder/disk" >/dev/null
  done
}
# attempt CODE VERB FOLDER
attempt() {
  fresh
  expect "$1" start web1 "$program" "$2" "$here/$3/disk"
}
for way in "${ways[@]}" watch watch-mount; do
  attempt 0 "${way% *}" seen
done
expect 0 start web1 "$program" ring 0x1235 /dev/null

trusted "exec $program"
domains="
vm web1 {
  capability sys_admin
  anon io_uring
  device rw /dev/null ioctl 0x1234
  file rwa chmod $here/own/**
  file ra $here/seen/**
  file r chmod $here/apart/**
}
"
enforce
for way in "${ways[@]}"; do
  read -r verb permission <<<"$way"
  attempt 0 "$verb" own
  dmesg --clear
  attempt "$EACCES" "$verb" seen
  logged record=deny class=path "permission=$permission" 'vm="web1"' "path=\"$here/seen/disk\"" "program=\"$program\""
done
# Who may read may watch, but no more than the object.
attempt 0 watch seen
attempt "$EACCES" watch other
logged record=deny class=path permission=read "path=\"$here/other/disk\""
attempt "$EPERM" watch-mount own
logged record=deny class=kernel kind=fanotify 'vm="web1"'
# What is found in two mounts has both paths; what nobody can say the place of is granted nothing.
mkdir bound apart
mount --bind own bound
expect 0 start web1 "$program" times "$here/bound/disk"
umount bound
mount -t tmpfs none apart
echo text >apart/disk
expect 0 start web1 "$program" open-times "$here/apart/disk"
dmesg --clear
refused "$EACCES" start web1 "$program" times "$here/apart/disk"
logged record=deny class=path permission=chmod "program=\"$program\""
umount apart
# A command by io_uring takes the rule that the same one by ioctl takes; none is free there.
expect 0 start web1 "$program" ring 0x1234 /dev/null
for command in 0x1235 0x2; do
  refused "$EACCES" start web1 "$program" ring "$command" /dev/null
  logged record=deny class=ioctl "command=$command" 'path="/dev/null"' 'vm="web1"'
done
# Learning lets it pass, and tells.
domains="
vm web1 { }
"
learn
dmesg --clear
for way in "${ways[@]}" watch-mount; do
  attempt 0 "${way% *}" other
done
logged record=learn class=path permission=chmod "path=\"$here/other/disk\""
logged record=learn class=path permission=truncate "path=\"$here/other/disk\""
logged record=learn class=kernel kind=fanotify
expect 0 start web1 "$program" ring 0x1235 /dev/null
logged record=learn class=ioctl command=0x1235 'path="/dev/null"'
proven
unload

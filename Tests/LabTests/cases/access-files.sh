# SPDX-License-Identifier: Apache-2.0
# A VM does with files what its rules allow and nothing else; all of it succeeds without rules, and when learning it is told once.
# seconds: 400
# shellcheck disable=SC2034
# shellcheck source=/dev/null
. guest/access.sh
cp "$attacks/files" .
program=$here/files
# VERB, the permission, the object in the folder, and what else is named.
ways=(
  'read read disk' 'write write disk' 'append append disk' 'cut read,truncate disk' 'create create new' 'mkdir create new'
  'fifo create new' 'remove delete disk' 'rmdir delete empty' 'truncate truncate disk' 'chmod chmod disk'
  'chown chmod disk' 'lock lock disk' 'map map code' 'symlink link new')
# fresh [FOLDER...]: these folders as they were, all of them by themselves.
fresh() {
  local folder
  (($#)) || set -- own seen other
  rm -rf "$@"
  mkdir -p "${@/%//empty}"
  for folder; do
    echo text >"$folder/disk"
    cp code.original "$folder/code"
  done
}
code code.original 42
fresh
# attempt CODE VERB FOLDER OBJECT: as VM web1.
attempt() {
  fresh "$3"
  if [ "$2" = symlink ]; then
    expect "$1" start web1 "$program" symlink anywhere "$here/$3/$4"
  else
    expect "$1" start web1 "$program" "$2" "$here/$3/$4"
  fi
}
both() {
  fresh "${3%/*}" "${4%/*}"
  expect "$1" start web1 "$program" "$2" "$here/$3" "$here/$4"
}

# unnamed CODE: what has lost its name is cut by a descriptor that was opened for nothing.
unnamed() {
  local code=0
  fresh other
  ln other/disk other/second
  start web1 "$program" unnamed "$here/other/disk" >unnamed.log 2>&1 &
  wait_for 20 grep -q waiting unnamed.log
  rm other/disk
  wait $! || code=$?
  same "$code" "$1" 'what cutting it ended with'
}

for way in "${ways[@]}"; do
  read -r verb _ object <<<"$way"
  attempt 0 "$verb" other "$object"
done
attempt 0 node other new
expect 0 start web1 "$program" neither /dev/zero
expect 0 start web1 "$program" ring -
both 0 link other/disk own/new
both 0 rename other/disk own/new
both 0 rename own/disk other/new
both 0 exchange own/disk other/disk
unnamed 0

fresh
trusted "exec $program" "library $here/own/code" "library $here/seen/code"
domains="
vm web1 {
  file rwmcdlk rename truncate chmod $here/own/**
  file r $here/seen/**
  deny file w $here/own/kept
  deny quiet file r $here/own/unseen
  audit file r $here/own/told
}
"
enforce
for way in "${ways[@]}"; do
  read -r verb permission object <<<"$way"
  attempt 0 "$verb" own "$object"
  # What may be read is no way around: seen for the verbs that have to open first.
  folder=other
  case $verb in lock | map) folder=seen ;; esac
  attempt "$EACCES" "$verb" "$folder" "$object"
  logged record=deny class=path "permission=$permission" 'vm="web1"' "path=\"$here/$folder/$object\"" "program=\"$program\""
done
# Neither end of a link or a rename is a way to the other.
attempt "$EACCES" node own new
logged record=deny permission=device-read,device-write "path=\"$here/own/new\""
both 0 link own/disk own/new
both 0 rename own/disk own/new
both "$EACCES" link seen/disk own/new
logged record=deny "path=\"$here/seen/disk\""
both "$EACCES" link own/disk seen/new
logged record=deny permission=link "path=\"$here/seen/new\""
both "$EACCES" rename other/disk own/new
logged record=deny permission=rename "path=\"$here/other/disk\""
both "$EACCES" rename own/disk other/new
logged record=deny permission=rename "path=\"$here/other/new\""
# What must not be written does not get a name that may be, nor change places with one.
fresh
echo text >own/kept
refused "$EACCES" start web1 "$program" rename "$here/own/kept" "$here/own/new"
logged record=deny permission=write,append,truncate "path=\"$here/own/kept\""
refused "$EACCES" start web1 "$program" exchange "$here/own/disk" "$here/own/kept"
unnamed "$EACCES"
logged record=deny permission=truncate "path=\"$here/other/disk\""
# Other ways to the same object lead to its own path.
fresh
ln -s "$here/other/disk" own/symbolic
refused "$EACCES" start web1 "$program" read "$here/own/symbolic"
refused "$EACCES" start web1 "$program" read "$here/own/../other/disk"
refused "$EACCES" start web1 "$program" read "/proc/self/root$here/other/disk"
# A bind mount has a path of its own; it is not in the rules.
mkdir bound
mount --bind own bound
refused "$EACCES" start web1 "$program" read "$here/bound/disk"
umount bound
# A name that looks like one that is gone.
echo text >'own/x (deleted)'
expect 0 start web1 "$program" read "$here/own/x (deleted)"
# Devices take a rule of their own.
refused "$EACCES" start web1 "$program" read /dev/zero
logged record=deny permission=device-read 'path="/dev/zero"'
refused "$EACCES" start web1 "$program" neither /dev/zero
logged record=deny permission=device-read,device-write 'path="/dev/zero"'
# io_uring takes a rule.
refused "$EPERM" start web1 "$program" ring -
logged record=deny class=anonymous kind=io_uring 'vm="web1"'
# A denial stands above what is allowed; a quiet one is only counted; what is to be told is.
for name in kept unseen told; do echo text >"own/$name"; done
for verb in write append cut truncate; do
  refused "$EACCES" start web1 "$program" "$verb" "$here/own/kept"
done
quiet=$(counted access_quiet)
refused "$EACCES" start web1 "$program" read "$here/own/unseen"
same "$(counted access_quiet)" $((quiet + 1)) 'quiet denials'
expect 0 start web1 "$program" read "$here/own/told"
logged record=audit permission=read "path=\"$here/own/told\""
unlogged "path=\"$here/own/unseen\""
# Another VM has no rules, and does not start; nobody else is held to any.
refused "$EPERM" start web2 "$program" read "$here/own/disk"
recorded record=refuse kind=exec "path=\"$program\"" reason=no-rules 'vm="web2"'
expect 0 cat "$here/other/disk"

# Learning: all passes, and each thing is told once.
domains="
vm web1 {
  file r $here/seen/**
}
"
learn
dmesg --clear
fresh
learned=$(counted access_learned)
for _ in 1 2 3; do
  expect 0 start web1 "$program" each read "$here/other/disk" "$here/own/disk" "$here/seen/disk"
done
same "$(counted access_learned)" $((learned + 2)) 'what was learned'
logged record=learn permission=read 'vm="web1"' "path=\"$here/other/disk\"" "program=\"$program\""
logged record=learn permission=read "path=\"$here/own/disk\""
unlogged "path=\"$here/seen/disk\""
# One VM learns while the others are enforced.
domains="
vm web1 { }
vm web2 { anon io_uring }
"
enforce --learn web2
fresh
refused "$EACCES" start web1 "$program" read "$here/other/disk"
expect 0 start web2 "$program" read "$here/other/disk"
expect 0 start web2 "$program" ring -
logged record=learn permission=read 'vm="web2"' "path=\"$here/other/disk\""

# Denials by the thousand are counted exactly, and denied all the same.
denied=$(counted access_denied) unrecorded=$(counted access_unrecorded)
paths=()
for ((i = 0; i < 180; i++)); do paths+=("$here/other/disk"); done
for ((i = 0; i < 20; i++)); do
  expect 180 start web1 "$program" each read "${paths[@]}"
done
same "$(counted access_denied)" $((denied + 3600)) 'what was denied'
(($(counted access_unrecorded) > unrecorded)) || fail 'all of it was written'
proven
unload
# Without a policy nobody is held to one.
expect 0 start web1 "$program" read "$here/other/disk"

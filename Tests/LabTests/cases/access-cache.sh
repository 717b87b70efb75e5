# SPDX-License-Identifier: Apache-2.0
# What was allowed a moment ago is not allowed for that: a rename, a mount, a link, another policy count at once; audit tells each time.
# seconds: 300
# shellcheck disable=SC2034
# shellcheck source=/dev/null
. guest/access.sh
cp "$attacks/files" .
program=$here/files
mkdir -p own other old new
for folder in own other; do echo text >"$folder/disk"; done
mount -t tmpfs none old
echo text >old/disk
mkdir -p tree/a tree/b
echo text >tree/a/disk
trusted "exec $program"
held="
  file rwm $here/own/**
  file r $here/old/**
  file r $here/tree/a/**
  audit file r $here/told/**
"
domains="
vm web1 {$held}
"
# One VM that goes on running. ask ANSWER VERB PATH: what it is told.
begin() {
  coproc vm { start web1 "$program" serve -; }
}
ask() {
  local answer
  echo "$2 $3" >&"${vm[1]}"
  read -r -t 20 answer <&"${vm[0]}" || fail "no answer to $2 $3"
  same "$answer" "$1" "the answer to $2 $3"
}
# twice VERB PATH: looked up, and then remembered.
twice() { ask OK "$@" && ask OK "$@"; }
end() {
  eval "exec ${vm[1]}>&-"
  wait "$vm_PID" || true
}

enforce
mkdir told
echo text >told/disk
begin
twice read "$here/own/disk"
# What is remembered is for what was asked.
twice write "$here/own/disk"
ask EACCES read "$here/other/disk"

# Another name of it: linked, renamed, in a renamed folder, exchanged.
ln own/disk other/link
ask EACCES read "$here/other/link"
twice read "$here/own/disk"
mv own/disk other/moved
ask EACCES read "$here/other/moved"
mv other/moved own/disk
twice read "$here/own/disk"
twice read "$here/tree/a/disk"
mv tree/a tree/b/a
ask EACCES read "$here/tree/b/a/disk"
mv tree/b/a tree/a
twice read "$here/own/disk"
"$attacks/files" exchange own/disk other/disk
ask EACCES read "$here/other/disk"
twice read "$here/own/disk"

# Another file of that name is what the rule is about, now as before.
rm own/disk
echo other >own/disk
twice read "$here/own/disk"

# The same object in another place: bound there, moved there.
mkdir bound
mount --bind own bound
ask EACCES read "$here/bound/disk"
umount bound
twice read "$here/old/disk"
mount --make-private old
mount --move old new
ask EACCES read "$here/new/disk"
mount --move new old
twice read "$here/old/disk"

# Asked about each time.
dmesg --clear
for _ in 1 2 3; do ask OK read "$here/told/disk"; done
logged record=audit permission=read "path=\"$here/told/disk\""
for _ in {1..30}; do
  (($(dmesg | grep -c 'record=audit') < 3)) || break
  sleep 0.1
done
same "$(dmesg | grep -c 'record=audit')" 3 'the lines about what is audited'

# Another policy.
twice read "$here/own/disk"
domains="
vm web1 { file w $here/own/disk }
"
enforce
ask EACCES read "$here/own/disk"
domains="
vm web1 {$held}
"
enforce
twice read "$here/own/disk"

# Learning tells the first time, and each time that it is new.
learn
dmesg --clear
for _ in 1 2 3; do ask OK read "$here/other/disk"; done
logged record=learn permission=read "path=\"$here/other/disk\""
same "$(dmesg | grep -c 'record=learn')" 1 'the lines of what is learned'
enforce
ask EACCES read "$here/other/disk"
end
umount old
proven

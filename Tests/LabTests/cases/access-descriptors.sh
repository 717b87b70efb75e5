# SPDX-License-Identifier: Apache-2.0
# Descriptors come into a VM only by a rule: what is brought in without one is /dev/null, what is received is dropped, what is another VM's ends it.
# seconds: 500
# shellcheck disable=SC2034
# shellcheck source=/dev/null
. guest/access.sh
ENXIO=6 KILLED=137
cp "$attacks/descriptors" "$attacks/receive" .
program=$here/descriptors
# For what runs outside of the VM: an emulator is not started without one.
outside=$attacks/descriptors
mkdir -p mine theirs
echo text >mine/disk
echo text >mine/seen
echo text >theirs/disk
echo text >other
# Name, kind in the log, permission and path for the line.
kinds=('pipe pipe' 'unix unix' 'tcp tcp' 'udp udp' 'netlink other' 'memfd memfd' 'eventfd eventfd' 'epoll other' 'pty pty'
  "open:$here/other file" 'open:/dev/zero device')
# brought CODE WHAT: VM web1 is started with it.
brought() { expect "$1" "$outside" with "$2" "$attacks/start" web1 "$program" is 9; }

# sender WHAT: sends it to each who asks at $here/socket.
sender() {
  stop_sender
  "$outside" send "$here/socket" "$1" &
  sending=$!
  wait_for 20 test -S "$here/socket"
}
sending=''
stop_sender() {
  [ -z "$sending" ] || { kill "$sending"; wait "$sending" 2>/dev/null || true; }
  rm -f "$here/socket"
  sending=''
}
# received CODE WHAT: VM web1 receives it; `receive` ends with EPERM for what was dropped.
received() {
  sender "$2"
  expect "$1" start web1 "$here/receive" "$here/socket"
  stop_sender
}

for row in "${kinds[@]}"; do
  read -r what _ <<<"$row"
  brought 0 "$what"
  received 0 "$what"
done
brought 0 "open:$here/theirs/disk"
brought "$ENXIO" open:/dev/null

trusted "exec $program" "exec $here/receive"
brought_in=''
domains="
vm web1 {
  unix connect $here/socket
  file r $here/mine/seen
  object rw $here/mine/disk
  deny file r $here/mine/kept
}
vm web2 {
  object rw $here/theirs/disk
}
"
enforce
for row in "${kinds[@]}"; do
  read -r what kind <<<"$row"
  dmesg --clear
  brought "$ENXIO" "$what"
  logged record=deny class=descriptor "kind=$kind" permission=inherit 'vm="web1"' "program=\"$program\""
  dmesg --clear
  received "$EPERM" "$what"
  logged record=deny class=descriptor "kind=$kind" permission=receive 'vm="web1"'
done
# What a rule about the path grants, what is its own, and what is opened for nothing.
for what in "open:$here/mine/seen" "open:$here/mine/disk" "path:$here/other"; do
  brought 0 "$what"
  received 0 "$what"
done
ln mine/disk mine/alias
brought 0 "open:$here/mine/alias"
# More than the rule grants.
expect "$ENXIO" "$attacks/start" web1 "$program" is 9 9<>mine/seen
logged record=deny class=descriptor kind=file permission=inherit "path=\"$here/mine/seen\""
# Another VM's ends the start, by whatever name, and opened for nothing as well; received it is dropped.
ln theirs/disk mine/theirs
for what in "open:$here/theirs/disk" "open:$here/mine/theirs" "path:$here/theirs/disk"; do
  dmesg --clear
  brought "$KILLED" "$what"
  logged record=deny class=descriptor kind=file permission=inherit 'owner_vm="web2"' 'vm="web1"'
  dmesg --clear
  received "$EPERM" "$what"
  logged record=deny class=descriptor permission=receive 'owner_vm="web2"' 'vm="web1"'
done

# With the rules: all that has a kind, but not what a rule about its path denies.
echo text >mine/kept
brought_in='inherit pipe unix tcp udp tun vhost memfd eventfd pty file device'
domains="
vm web1 {
  unix connect $here/socket
  receive pipe unix tcp udp tun vhost memfd eventfd pty file device
  deny file r $here/mine/kept
}
vm web2 {
  object rw $here/theirs/disk
}
"
enforce
for row in "${kinds[@]}"; do
  read -r what kind <<<"$row"
  code=0 dropped=0
  [ "$kind" != other ] || code=$ENXIO dropped=$EPERM
  brought "$code" "$what"
  received "$dropped" "$what"
done
brought "$ENXIO" "open:$here/mine/kept"
received "$EPERM" "open:$here/mine/kept"
brought "$KILLED" "open:$here/theirs/disk"
received "$EPERM" "open:$here/theirs/disk"
# A terminal and a pipe as standard descriptors are of use with the rules that abstractions/base has.
output=$(start web1 "$program" is 9 9<>/dev/null 2>&1) && fail 'it was no /dev/null'
says 'refused with ENXIO'

# From another process, and through /proc: to look into it is refused before.
"$outside" hold "open:$here/theirs/disk" >held.log &
holding=$!
wait_for 20 grep -q ready held.log
case $(uname -r) in
  6.1.*) refused "$EPERM" start web1 "$program" take "$holding" 9 ;;
  *) refused "$EACCES" start web1 "$program" take "$holding" 9 ;;
esac
expect 0 "$outside" take "$holding" 9
kill "$holding"

# Learning lets all of it pass, and says it once; nothing is replaced.
brought_in=''
domains="
vm web1 { }
vm web2 { object rw $here/theirs/disk }
"
learn
dmesg --clear
brought 0 pipe
brought 0 pipe
logged record=learn class=descriptor kind=pipe permission=inherit 'vm="web1"'
brought 0 "open:$here/theirs/disk"
logged record=learn class=descriptor kind=file permission=inherit 'owner_vm="web2"'
received 0 memfd
logged record=learn class=descriptor kind=memfd permission=receive
proven
unload

# SPDX-License-Identifier: Apache-2.0
# A VM listens at, connects and sends to unix sockets whose own names its rules allow, whatever leads to them, and no others.
# seconds: 400
# shellcheck disable=SC2034
# shellcheck source=/dev/null
. guest/access.sh
program=$here/unix-sockets
cp "$attacks/unix-sockets" .
mkdir own other
servers=()
# serve NAME HOW: somebody else takes what comes there.
serve() {
  "$attacks/unix-sockets" serve "$1" "$2" >serving 2>&1 &
  servers+=($!)
  wait_for 10 grep -q serving serving
  rm serving
}
# The VM's own peers, and what it must not reach: another VM's monitor, a service of the host.
for folder in own other; do
  serve "$here/$folder/stream" stream
  serve "$here/$folder/packets" packets
  serve "$here/$folder/datagrams" datagrams
done
serve @own-stream stream
serve @own-datagrams datagrams
serve @other-stream stream
serve @other-datagrams datagrams
# Other ways to the same: a link, another name, another mount.
ln -s "$here/other/stream" own/symbolic
ln other/stream own/second
ln other/datagrams own/second-datagrams
mkdir own/mounted
mount --bind other own/mounted

# VERB NAME, and what the denial says.
ways=(
  "connect $here/other/stream  permission=connect path=\"$here/other/stream\""
  "connect $here/own/symbolic  permission=connect path=\"$here/other/stream\""
  "connect $here/own/second  permission=connect path=\"$here/other/stream\""
  "connect $here/own/mounted/stream  permission=connect path=\"$here/other/stream\""
  "connect /proc/self/root$here/other/stream  permission=connect path=\"$here/other/stream\""
  "connect-packets $here/other/packets  permission=connect path=\"$here/other/packets\""
  "connect-datagrams $here/other/datagrams  permission=connect path=\"$here/other/datagrams\""
  "connect-datagrams $here/own/second-datagrams  permission=connect path=\"$here/other/datagrams\""
  "send $here/other/datagrams  permission=connect path=\"$here/other/datagrams\""
  "send-two $here/other/datagrams  permission=connect path=\"$here/other/datagrams\""
  'connect @other-stream  permission=connect path="@other-stream"'
  'connect-datagrams @other-datagrams  permission=connect path="@other-datagrams"'
  'send @other-datagrams  permission=connect path="@other-datagrams"'
  "bind $here/other/new  permission=listen path=\"$here/other/new\""
  "bind-datagrams $here/other/new  permission=listen path=\"$here/other/new\""
  "listen $here/other/new  permission=listen path=\"$here/other/new\""
  "node $here/other/new  permission=listen path=\"$here/other/new\""
  'bind @other-new  permission=listen path="@other-new"'
  'bind-datagrams @other-new  permission=listen path="@other-new"'
  'bind-with-nul @own-new-and  permission=listen path=406F776E2D6E65772D616E6400'
  'listen-unnamed -  permission=listen'
)
attempt() {
  local verb name
  read -r verb name said <<<"$2"
  rm -f own/new other/new
  expect "$1" start web1 "$program" "$verb" "$name"
}
# brought CODE VERB NAME TRY: a socket that was bound, or connected, before the start is used.
brought() {
  rm -f other/new
  expect "$1" "$attacks/unix-sockets" "hand-on-$2" "$3" "$attacks/start" web1 "$program" "$4" -
}

for way in "${ways[@]}"; do attempt 0 "$way"; done
brought 0 bound "$here/other/new" listen-inherited
brought 0 connected "$here/other/datagrams" send-inherited
expect 0 start web1 "$program" pair -

trusted "exec $program"
domains="
vm web1 {
  unix listen $here/own/new
  unix connect $here/own/*
  file rwcd $here/{own,other}/**
  unix connect @own-*
  unix listen @own-new*
}
vm web2 {
  unix connect $here/**
  deny unix connect $here/other/**
  audit unix connect @own-stream
  deny quiet unix connect @other-*
}
"
enforce
for way in "${ways[@]}"; do
  dmesg --clear
  attempt "$EACCES" "$way"
  # shellcheck disable=SC2086 # words
  logged record=deny class=unix $said 'vm="web1"' "program=\"$program\""
done
dmesg --clear
brought "$EACCES" bound "$here/other/new" listen-inherited
logged record=deny class=unix permission=listen "path=\"$here/other/new\"" 'vm="web1"'
# What is connected already was looked at when it was.
brought 0 connected "$here/other/datagrams" send-inherited

# What a rule allows passes; a pair needs none.
for way in "connect $here/own/stream" "connect-packets $here/own/packets" "connect-datagrams $here/own/datagrams" \
  "send $here/own/datagrams" "send-two $here/own/datagrams" 'connect @own-stream' 'connect-datagrams @own-datagrams' \
  'send @own-datagrams' "bind $here/own/new" "bind-datagrams $here/own/new" "listen $here/own/new" "node $here/own/new" \
  'bind @own-new' 'listen @own-new-and-more' 'pair -'; do
  attempt 0 "$way"
done
# A socket that has lost its path has no name.
mv own/stream own/moved
expect 0 start web1 "$program" connect "$here/own/moved"
ln own/moved own/again
rm own/moved
dmesg --clear
refused "$EACCES" start web1 "$program" connect "$here/own/again"
logged record=deny class=unix permission=connect 'vm="web1"'

# A denial stands above what is allowed; a quiet one is counted; what is to be told is.
expect 0 start web2 "$program" connect-packets "$here/own/packets"
refused "$EACCES" start web2 "$program" connect-packets "$here/other/packets"
logged record=deny class=unix permission=connect "path=\"$here/other/packets\"" 'vm="web2"'
expect 0 start web2 "$program" connect @own-stream
logged record=audit class=unix permission=connect 'path="@own-stream"' 'vm="web2"'
quiet=$(counted access_quiet)
refused "$EACCES" start web2 "$program" send @other-datagrams
same "$(counted access_quiet)" $((quiet + 1)) 'quiet denials'
# Nobody else is held to it.
expect 0 "$attacks/unix-sockets" connect "$here/other/stream"

# Learning: all passes, and each name is told once.
domains="
vm web1 { }
"
learn
dmesg --clear
learned=$(counted access_learned)
for _ in 1 2 3; do
  expect 0 start web1 "$program" connect "$here/other/stream"
  expect 0 start web1 "$program" connect @other-stream
  expect 0 start web1 "$program" send @other-datagrams
  expect 0 start web1 "$program" pair -
done
same "$(counted access_learned)" $((learned + 3)) 'what was learned'
logged record=learn class=unix permission=connect "path=\"$here/other/stream\"" 'vm="web1"'
logged record=learn class=unix permission=connect 'path="@other-stream"'
umount own/mounted
kill "${servers[@]}"
proven
unload

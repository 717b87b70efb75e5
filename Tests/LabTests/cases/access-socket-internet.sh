# SPDX-License-Identifier: Apache-2.0
# A VM listens at, connects and sends to addresses and ports that its rules allow and no others, and makes no sockets of other kinds.
# seconds: 400
# shellcheck disable=SC2034
# shellcheck source=/dev/null
. guest/access.sh
ip link set lo up
program=$here/sockets
cp "$attacks/sockets" "$attacks/sockets-32" .
servers=()
# serve ADDRESS PORT: streams and datagrams are taken there, by nobody's VM.
serve() {
  "$attacks/sockets" serve "$1" "$2" >"serving-$1-$2" 2>&1 &
  servers+=($!)
  wait_for 10 grep -q serving "serving-$1-$2"
}
serve 127.0.0.1 4444
serve 127.0.0.1 5555
serve 127.0.0.2 5555
serve ::1 4444

# VERB ADDRESS PORT, and what the denial says: all of them are denied to web1.
ways=(
  'connect 127.0.0.1 4444  class=tcp permission=connect address=127.0.0.1 port=4444'
  'connect ::ffff:127.0.0.1 4444  class=tcp permission=connect address=127.0.0.1 port=4444'
  'connect ::1 4444  class=tcp permission=connect address=::1 port=4444'
  'connect 0.0.0.0 4444  class=tcp permission=connect address=0.0.0.0 port=4444'
  'connect 127.0.0.2 5555  class=tcp permission=connect address=127.0.0.2 port=5555'
  'fast-open 127.0.0.1 4444  class=tcp permission=connect address=127.0.0.1 port=4444'
  'bind 127.0.0.1 7000  class=tcp permission=listen address=127.0.0.1 port=7000'
  'listen ::1 6000  class=tcp permission=listen address=::1 port=6000'
  'listen 0.0.0.0 6000  class=tcp permission=listen address=0.0.0.0 port=6000'
  'listen-unbound 0.0.0.0 0  class=tcp permission=listen address=0.0.0.0 port=0'
  'listen-unbound :: 0  class=tcp permission=listen address=:: port=0'
  'udp-bind 127.0.0.1 7000  class=udp permission=bind address=127.0.0.1 port=7000'
  'udp-bind 127.0.0.1 0  class=udp permission=bind address=127.0.0.1 port=0'
  'udp-connect 127.0.0.1 4444  class=udp permission=connect address=127.0.0.1 port=4444'
  'udp-connect-again 127.0.0.1 4444  class=udp permission=connect address=127.0.0.1 port=4444'
  'udp-connect-over-six 127.0.0.1 4444  class=udp permission=connect address=127.0.0.1 port=4444'
  'udp-send 127.0.0.1 4444  class=udp permission=connect address=127.0.0.1 port=4444'
  'udp-send ::ffff:127.0.0.1 4444  class=udp permission=connect address=127.0.0.1 port=4444'
  'udp-send ::1 4444  class=udp permission=connect address=::1 port=4444'
  'udp-send-over-six 127.0.0.1 4444  class=udp permission=connect address=127.0.0.1 port=4444'
  'udp-send-two 127.0.0.1 4444  class=udp permission=connect address=127.0.0.1 port=4444'
  'udp-send-unspecified 127.0.0.1 4444  class=udp permission=connect address=127.0.0.1 port=4444'
)
# A kind of socket, and the class and family in the record.
kinds=('netlink socket netlink' 'packet socket packet' 'packet-old socket packet' 'vsock socket vsock' 'alg socket alg'
  'raw socket inet' 'ping socket inet' 'mptcp socket inet' 'udplite socket inet')
# attempt CODE WAY [PROGRAM]: as web1; what a denial says is in $said.
attempt() {
  local verb address port
  read -r verb address port said <<<"$2"
  expect "$1" start web1 "${3:-$program}" "$verb" "$address" "$port"
}
# handed_on CODE: a socket with an address, made before the start, is listened at.
handed_on() { expect "$1" "$attacks/sockets" hand-on 7000 "$attacks/start" web1 "$program" listen-inherited; }

sysctl -q net.ipv4.ping_group_range='0 0'
for way in "${ways[@]}"; do attempt 0 "$way"; done
for kind in tcp udp unix "${kinds[@]}"; do expect 0 start web1 "$program" make "${kind%% *}"; done
for way in "${ways[@]}"; do attempt 0 "$way" "$here/sockets-32"; done
handed_on 0

trusted "exec $program" "exec $here/sockets-32"
domains="
vm web1 {
  tcp connect 127.0.0.1:5555
  tcp listen 127.0.0.1:6000-6001
  udp connect 127.0.0.1:5555
  udp bind 127.0.0.1:6000
}
vm web2 {
  tcp connect *:*
  tcp listen *:*
  deny tcp connect 127.0.0.0/8:4444
  deny tcp listen 127.0.0.1:6000
  audit udp connect *:*
  deny quiet udp connect 127.0.0.1:4444
}
vm web3 { }
"
enforce
for way in "${ways[@]}"; do
  for one in "$program" "$here/sockets-32"; do
    dmesg --clear
    attempt "$EACCES" "$way" "$one"
    # shellcheck disable=SC2086 # words
    logged record=deny $said 'vm="web1"' "program=\"$one\""
  done
done
for kind in "${kinds[@]}"; do
  read -r kind class family <<<"$kind"
  dmesg --clear
  refused "$EACCES" start web2 "$program" make "$kind"
  logged record=deny "class=$class" "kind=$family" permission=create 'vm="web2"'
done
dmesg --clear
handed_on "$EACCES"
logged record=deny class=tcp permission=listen address=127.0.0.1 port=7000 'vm="web1"'

# What a rule allows passes.
for way in 'connect 127.0.0.1 5555' 'connect ::ffff:127.0.0.1 5555' 'fast-open 127.0.0.1 5555' 'listen 127.0.0.1 6000' \
  'bind 127.0.0.1 6001' 'udp-bind 127.0.0.1 6000' 'udp-connect 127.0.0.1 5555' 'udp-connect-again 127.0.0.1 5555' \
  'udp-connect-over-six 127.0.0.1 5555' 'udp-send 127.0.0.1 5555' 'udp-send ::ffff:127.0.0.1 5555' \
  'udp-send-over-six 127.0.0.1 5555' 'udp-send-two 127.0.0.1 5555' 'udp-send-unspecified 127.0.0.1 5555'; do
  attempt 0 "$way"
  attempt 0 "$way" "$here/sockets-32"
done
for kind in tcp udp unix; do expect 0 start web1 "$program" make $kind; done

# A denial stands above what is allowed, also where the address is every one.
expect 0 start web2 "$program" connect 127.0.0.1 5555
expect 0 start web2 "$program" connect ::1 4444
expect 0 start web2 "$program" listen-unbound :: 0
expect 0 start web2 "$program" listen 0.0.0.0 6001
for address in 127.0.0.1 ::ffff:127.0.0.1 0.0.0.0 ::; do
  dmesg --clear
  refused "$EACCES" start web2 "$program" connect $address 4444
  logged record=deny class=tcp permission=connect "address=${address#::ffff:}" port=4444
done
refused "$EACCES" start web2 "$program" listen 0.0.0.0 6000
logged record=deny class=tcp permission=listen address=0.0.0.0 port=6000
dmesg --clear
expect 0 start web2 "$program" udp-send 127.0.0.1 5555
logged record=audit class=udp permission=connect address=127.0.0.1 port=5555 'vm="web2"'
quiet=$(counted access_quiet)
dmesg --clear
refused "$EACCES" start web2 "$program" udp-send 127.0.0.1 4444
same "$(counted access_quiet)" $((quiet + 1)) 'quiet denials'
# Whom no rule speaks of the network makes no such socket.
for kind in tcp udp; do
  dmesg --clear
  refused "$EACCES" start web3 "$program" make $kind
  logged record=deny "class=$kind" kind=inet permission=create 'vm="web3"'
done
expect 0 start web3 "$program" make unix
# Nobody else is held to it.
expect 0 "$attacks/sockets" connect 127.0.0.1 4444
expect 0 "$attacks/sockets" make netlink

# Learning: all passes, and each end is told once.
domains="
vm web1 {
  tcp listen 127.0.0.1:6000
}
"
learn
dmesg --clear
learned=$(counted access_learned)
for _ in 1 2 3; do
  expect 0 start web1 "$program" connect 127.0.0.1 4444
  expect 0 start web1 "$program" connect 127.0.0.1 5555
  expect 0 start web1 "$program" connect ::1 4444
  expect 0 start web1 "$program" listen 127.0.0.1 6000
  expect 0 start web1 "$program" make netlink
  expect 0 start web1 "$program" make packet
done
# The five ends, and the capability that a packet socket takes.
same "$(counted access_learned)" $((learned + 6)) 'what was learned'
logged record=learn class=capability kind=net_raw
logged record=learn class=tcp permission=connect address=127.0.0.1 port=5555 "program=\"$program\"" 'vm="web1"'
logged record=learn class=tcp permission=connect address=::1 port=4444
logged record=learn class=socket kind=packet permission=create
kill "${servers[@]}"
proven
unload

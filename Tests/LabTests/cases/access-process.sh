# SPDX-License-Identifier: Apache-2.0
# X7: a VM neither signals nor changes a process of another VM or of the host, by SIGIO either; its own are free to it.
# seconds: 300
# shellcheck disable=SC2034
# shellcheck source=/dev/null
. guest/access.sh
cp "$attacks/controls" "$attacks/stay" .
program=$here/controls
# The process of another VM that it is done to.
other() {
  # Not by the function, which would stand between.
  "$attacks/start" web2 "$here/stay" "$here/staying" &
  target=$!
  wait_for 20 test -e staying
}
gone() {
  rm staying
  wait "$target"
}
# Verb and what follows the process; class and kind of the record. 28 is SIGWINCH.
ways=(
  'kill 28 signal winch' 'kill 0 signal exists' 'owner - signal owner' 'owner-ex - signal owner' 'limits - process limits'
  'nice - process nice' 'scheduler - process scheduler' 'ioprio - process ioprio')

other
for way in "${ways[@]}"; do
  read -r verb more _ <<<"$way"
  # shellcheck disable=SC2086
  expect 0 start web1 "$program" "$verb" "$target" ${more#-}
done
expect 0 start web1 "$program" socket-owner "$target"
expect 0 start web1 "$program" memory "$target"
expect 0 start web1 "$program" own
gone

trusted "exec $program" "exec $here/stay"
# The capabilities do not matter: none is asked for.
domains="
vm web1 {
  capability kill sys_nice sys_resource sys_ptrace
}
vm web2 {
  file rwcd $here/staying
}
"
enforce
other
for way in "${ways[@]}"; do
  read -r verb more class kind <<<"$way"
  dmesg --clear
  # shellcheck disable=SC2086
  refused "$EPERM" start web1 "$program" "$verb" "$target" ${more#-}
  # Whom F_SETOWN_EX names is not looked at.
  if [ "$verb" = owner-ex ]; then
    logged record=deny class=signal kind=owner 'vm="web1"'
  else
    logged record=deny "class=$class" "kind=$kind" "target=$target" 'target_vm="web2"' 'vm="web1"' "program=\"$program\""
  fi
done
refused "$EPERM" start web1 "$program" memory "$target"
refused "$EACCES" start web1 "$program" socket-owner "$target"
logged record=deny class=ioctl kind=socket command=0x8901
# A thread's number leads to its whole process; and one of its own may be another domain's later.
coproc host { exec "$attacks/controls" threads; }
read -r -t 20 thread <&"${host[0]}" || fail 'no second thread'
dmesg --clear
refused "$EPERM" start web1 "$program" owner "$thread"
logged record=deny class=signal kind=owner "target=$host_PID"
refused "$EPERM" start web1 "$program" owner-child
expect 0 start web1 "$program" owner-self
eval "exec ${host[1]}>&-"
# Its group.
refused "$EPERM" start web1 "$program" owner "-$(ps -o pgid= "$target" | tr -d ' ')"
# Everybody: the kernel calls it a success, and nobody is signalled.
# Of so many denials not every one has a line.
dmesg --clear
denied=$(counted access_denied)
expect 0 start web1 "$program" kill -1 15
logged record=deny class=signal kind=term 'vm="web1"'
(($(counted access_denied) > denied + 10)) || fail 'nobody was there to be signalled'
kill -0 "$target"
# The lines of that second are used up.
sleep 1
gone
# The host's processes, its starter among them.
refused "$EPERM" start web1 "$program" kill $$ 28
logged record=deny class=signal kind=winch peer=other "target=$$"
expect 0 start web1 "$program" own
# A rule allows what it names, and to whom.
by_starter=(bash -c '"$@" $$ 28; exit $?' - "$attacks/start" web1 "$program" kill)
refused "$EPERM" "${by_starter[@]}"
logged record=deny class=signal kind=winch peer=hypervisor
domains="
vm web1 {
  signal winch to hypervisor
}
"
enforce
expect 0 "${by_starter[@]}"
refused "$EPERM" start web1 "$program" kill $$ 28
# Learning lets it pass.
learn
dmesg --clear
expect 0 start web1 "$program" kill $$ 28
logged record=learn class=signal kind=winch "target=$$"
proven
unload

# SPDX-License-Identifier: Apache-2.0
# X4, X7: nobody looks into a VM with rules, or out of one, or changes it by tracing, but whom a rule names.
# seconds: 600
# shellcheck disable=SC2034
# shellcheck source=/dev/null
. guest/access.sh
cp "$attacks/trace" .
program=$here/trace
cp trace outsider # nobody lists it
cp trace looker
cp trace changer
# The process of another VM that is looked into.
other() {
  # Not by the function, which would stand between.
  "$attacks/start" web2 "$program" stay "$here/staying" </dev/null &
  target=$!
  wait_for 20 test -e staying
}
gone() {
  rm staying
  wait "$target"
}
# What /proc refuses it refuses with an errno of its own.
declare -A errno=([look]=$EPERM [read]=$EPERM [write]=$EPERM [mem]=$EACCES [fd]=$EPERM [attach]=$EPERM)
declare -A needs=([look]=read [read]=attach [write]=attach [mem]=attach [fd]=attach [attach]=attach)
ways=(look read write mem fd attach)

other
for way in "${ways[@]}"; do
  expect 0 start web1 "$program" "$way" "$target"
  expect 0 "$here/outsider" "$way" "$target"
done
gone
expect 0 start web1 "$program" traceme -
expect 0 start web1 "$program" own -

trusted "exec $program"
domains="
vm web1 {
  capability sys_ptrace
  file r /proc/[0-9]+/mem
}
vm web2 {
  file rwcd $here/staying
  ptrace read by $here/looker
  ptrace attach by $here/changer
}
"
enforce
other
for way in "${ways[@]}"; do
  dmesg --clear
  # A pidfd is a file of a file system of its own from 6.9 on, and a VM opens none that has no path.
  if [ "$way" = fd ] && [[ $(uname -r) != 6.1.* ]]; then
    refused "$EACCES" start web1 "$program" fd "$target"
    logged record=deny class=path permission=read,write 'vm="web1"' "program=\"$program\""
  else
    refused "${errno[$way]}" start web1 "$program" "$way" "$target"
    logged record=deny class=ptrace kind=to "permission=${needs[$way]}" "target=$target" 'target_vm="web2"' 'vm="web1"' "program=\"$program\""
  fi
  dmesg --clear
  refused "${errno[$way]}" "$here/outsider" "$way" "$target"
  logged record=deny class=ptrace kind=by "permission=${needs[$way]}" "target=$target" 'vm="web2"' "program=\"$here/outsider\""
done
# What the kernel only asks, to show less, is not told.
dmesg --clear
cat "/proc/$target/stat" >/dev/null
! dmesg | grep -q class=ptrace || fail 'asking was told'
# Who may look may not change; who may change may look. What was measured may have been changed then, and the log says so.
expect 0 "$here/looker" look "$target"
refused "$EPERM" "$here/looker" read "$target"
unrecorded record=unmeasured reason=trace
for way in "${ways[@]}"; do
  expect 0 "$here/changer" "$way" "$target"
done
recorded record=unmeasured reason=trace
# In another mount namespace that path may be anybody's program.
refused "$EPERM" unshare --mount "$here/changer" look "$target"
# Inside a VM it is that VM's rules that are asked.
gone
dmesg --clear
refused "$EPERM" start web1 "$program" traceme -
logged record=deny class=ptrace kind=by permission=attach 'vm="web1"'
expect 0 start web1 "$program" own -
# Who started it, when a rule says so.
by_starter=(bash -c '"$@" $$; exit $?' - "$attacks/start" web1 "$program")
refused "$EPERM" "${by_starter[@]}" look
domains="
vm web1 {
  ptrace read to hypervisor
}
vm web2 {
  file rwcd $here/staying
}
"
enforce
expect 0 "${by_starter[@]}" look
refused "$EPERM" "${by_starter[@]}" read
other
refused "$EPERM" start web1 "$program" look "$target"
refused "$EPERM" "$here/changer" look "$target"
# Learning lets it pass.
learn
dmesg --clear
expect 0 start web1 "$program" write "$target"
logged record=learn class=ptrace kind=to permission=attach "target=$target" 'vm="web1"'
expect 0 "$here/outsider" look "$target"
logged record=learn class=ptrace kind=by permission=read "target=$target" 'vm="web2"'
gone
proven
unload

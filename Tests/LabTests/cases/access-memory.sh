# SPDX-License-Identifier: Apache-2.0
# A VM with rules has executable memory without a file only where they say `memory exec` and its program is trusted with it.
# seconds: 400
# shellcheck disable=SC2034
# shellcheck source=/dev/null
. guest/access.sh
cp "$attacks/memory" .
cp memory translator
ways=(anonymous anonymous-later stack read-implies-exec read-implies-exec-heap)
# attempt CODE WAY: a refusal has its errno; what the heap's growing fails with the C library tells as a want of memory.
attempt() {
  local code=$1
  [ "$code" != "$EPERM" ] || [ "$2" != read-implies-exec-heap ] || code=12
  expect "$code" start web1 "$here/translator" "$2"
  [ "$code" != 0 ] || says 'returned: 66'
}
for way in "${ways[@]}"; do attempt 0 "$way"; done

trusted "exec $here/memory" "exec $here/translator memory-exec"
domains="
vm web1 { }
"
enforce
for way in "${ways[@]}"; do
  dmesg --clear
  attempt "$EPERM" "$way"
  silent_about returned
  logged record=deny class=memory kind=exec 'vm="web1"' "program=\"$here/translator\""
done
unrecorded record=refuse reason=anonymous
domains="
vm web1 {
  memory exec
}
"
enforce
for way in "${ways[@]}"; do attempt 0 "$way"; done
# The rule does not stand for trust.
refused "$EPERM" start web1 "$here/memory" anonymous
recorded record=refuse kind=library reason=anonymous 'vm="web1"'
domains="
vm web1 {
  memory exec
  deny quiet memory exec
}
"
enforce
quiet=$(counted access_quiet)
refused "$EPERM" start web1 "$here/translator" anonymous
same "$(counted access_quiet)" $((quiet + 1)) 'quiet denials'
# Learning lets it pass, and tells it once.
domains="
vm web1 { }
"
learn
dmesg --clear
attempt 0 anonymous
attempt 0 anonymous
logged record=learn class=memory kind=exec 'vm="web1"'
same "$(dmesg | grep -c ' record=learn class=memory ')" 1 'lines about it'
proven
unload

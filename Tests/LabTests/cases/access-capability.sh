# SPDX-License-Identifier: Apache-2.0
# A VM uses the capabilities that its rules name and no others, takes nobody's identity, and does not take back what it gave up.
# seconds: 300
# shellcheck disable=SC2034
# shellcheck source=/dev/null
. guest/access.sh
cp "$attacks/controls" "$attacks/files" .
program=$here/controls
# What it ends with when refused, the record, the verb: setpriority(2) says EACCES in place of EPERM.
ways=(
  'EPERM capability sys_admin hostname' 'EACCES capability sys_nice faster' 'EPERM capability setuid become 1000'
  'EPERM identity capabilities regain')

for way in "${ways[@]}"; do
  read -r _ _ _ words <<<"$way"
  # shellcheck disable=SC2086
  expect 0 start web1 "$program" $words
done
trusted "exec $program" "exec $here/files"
domains="
vm web1 { }
"
enforce
for way in "${ways[@]}"; do
  read -r error class kind words <<<"$way"
  # shellcheck disable=SC2086
  refused "${!error}" start web1 "$program" $words
  logged record=deny "class=$class" "kind=$kind" 'vm="web1"' "program=\"$program\""
done
# An overlay reads the layers below with its mounter's capabilities, whoever looks a name up: what was removed stays so.
mkdir -p layers/{low/folder,up,work} merged
echo removed >layers/low/folder/gone
stack() { mount -t overlay -o "lowerdir=layers/low,upperdir=layers/up,workdir=layers/work" none merged; }
stack
rm -r merged/folder
mkdir merged/folder
umount merged
stack
echo 2 >/proc/sys/vm/drop_caches
ENOENT=2
expect "$ENOENT" start web1 "$here/files" read "$here/merged/folder/gone"
[ ! -e merged/folder/gone ] || fail 'what was removed from the overlay is there again'
umount merged

# A rule for each; the identity goes with the capability that the kernel asks for.
domains="
vm web1 {
  capability sys_admin sys_nice setpcap
  audit capability setuid
}
"
enforce
dmesg --clear
denied=$(counted access_denied)
for way in "${ways[@]}"; do
  read -r _ _ _ words <<<"$way"
  # shellcheck disable=SC2086
  expect 0 start web1 "$program" $words
done
same "$(counted access_denied)" "$denied" 'denials'
logged record=audit class=capability kind=setuid
logged record=audit class=identity kind=user
# A denial stands above; a quiet one is only counted.
domains="
vm web1 {
  capability sys_admin
  deny quiet capability sys_admin
}
"
enforce
dmesg --clear
quiet=$(counted access_quiet)
refused "$EPERM" start web1 "$program" hostname
same "$(counted access_quiet)" $((quiet + 1)) 'quiet denials'
unlogged kind=sys_admin

# Learning: it passes, and is told once.
domains="
vm web1 { }
"
learn
dmesg --clear
learned=$(counted access_learned)
for _ in 1 2 3; do
  expect 0 start web1 "$program" hostname
done
expect 0 start web1 "$program" faster
logged record=learn class=capability kind=sys_admin 'vm="web1"'
logged record=learn class=capability kind=sys_nice
same "$(counted access_learned)" $((learned + 2)) 'what was learned'
proven
unload
expect 0 start web1 "$program" hostname

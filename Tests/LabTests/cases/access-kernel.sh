# SPDX-License-Identifier: Apache-2.0
# X7, X11, X12: a VM with all capabilities gets no user namespace, BPF, perf, kernel log, keys, nor SysV objects of others.
# seconds: 300
# shellcheck disable=SC2034
# shellcheck source=/dev/null
. guest/access.sh
cp "$attacks/controls" .
program=$here/controls
# make: new objects, and their numbers.
make() {
  memory=$(ipcmk --shmem 4096 --mode 0666 | tr -dc 0-9)
  messages=$(ipcmk --queue --mode 0666 | tr -dc 0-9)
  semaphores=$(ipcmk --semaphore 1 --mode 0666 | tr -dc 0-9)
}
remove() { ipcrm --shmem-id "$memory" --queue-id "$messages" --semaphore-id "$semaphores"; }
# The errno, class and kind of the record, verb and the object.
ways=(
  'EPERM namespace user userns' 'EPERM kernel bpf bpf' 'EACCES kernel perf perf' 'EPERM kernel syslog syslog'
  'EACCES kernel key key' 'EACCES ipc - shm memory' 'EPERM ipc memory shm-remove memory' 'EACCES ipc - msg messages'
  'EPERM ipc messages msg-remove messages' 'EACCES ipc - sem semaphores' 'EPERM ipc semaphores sem-remove semaphores')
# attempt CODE VERB [OBJECT]
attempt() {
  local object=${3:+${!3}}
  # shellcheck disable=SC2086
  expect "$1" start web1 "$program" "$2" $object
}

for way in "${ways[@]}"; do
  read -r _ _ _ verb object <<<"$way"
  make
  attempt 0 "$verb" "$object"
  remove 2>/dev/null || true
done
trusted "exec $program"
domains="
vm web1 {
  capability sys_admin bpf perfmon syslog ipc_owner setuid setgid
}
"
enforce
make
for way in "${ways[@]}"; do
  read -r error class kind verb object <<<"$way"
  dmesg --clear
  attempt "${!error}" "$verb" "$object"
  [ "$kind" = - ] && kind='' || kind=kind=$kind
  # shellcheck disable=SC2086
  logged record=deny "class=$class" $kind 'vm="web1"' "program=\"$program\""
done
remove
# Without the capabilities it stays so.
domains="
vm web1 { }
"
enforce
make
for way in "${ways[@]}"; do
  read -r error _ _ verb object <<<"$way"
  attempt "${!error}" "$verb" "$object"
done
# Learning lets it pass, and tells.
learn
for way in "${ways[@]}"; do
  read -r _ class kind verb object <<<"$way"
  dmesg --clear
  attempt 0 "$verb" "$object"
  [ "$kind" = - ] || logged record=learn "class=$class" "kind=$kind"
done
proven
unload

# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# What a guest that broke out would try, as one list: the rows X of docs/attacks.md, each as one run of a program in the domain
# of VM web1. $here has the programs; VM web2 and the host have what they are after.

# escape_prepare: what the list is about. `$target` is a process of VM web2's.
escape_prepare() {
  mkdir -p own theirs /run/moor-escape /etc/pki/qemu
  echo disk | tee own/disk.img theirs/disk.img theirs/VARS.fd theirs/qemu.pid theirs/console.log /etc/pki/qemu/server-key.pem >/run/moor-escape/key
  ln -sfn "$here/theirs/disk.img" own/link.img
  code own/dropped.so 66
  [ -e own/helper ] || cp files own/helper
  for name in theirs/monitor /run/moor-escape/docker.sock @moor-escape; do
    [ "${name#@}" != "$name" ] || name=$(realpath -m "$name")
    rm -f "$name"
    "$attacks/unix-sockets" serve "$name" stream >/dev/null &
    escape_servers+=("$!")
  done
  "$attacks/sockets" serve 127.0.0.1 4444 >/dev/null &
  escape_servers+=("$!")
  shared_memory=$(ipcmk --shmem 4096 --mode 0666 | tr -dc 0-9)
  messages=$(ipcmk --queue --mode 0666 | tr -dc 0-9)
  # Not by a function, which would stand between.
  "$attacks/start" web2 "$here/stay" "$here/theirs/staying" &
  target=$!
  wait_for 20 test -e theirs/staying
  wait_for 20 test -S theirs/monitor
}
escape_servers=()

escape_end() {
  rm -f theirs/staying
  wait "$target" || true
  kill "${escape_servers[@]}"
  wait "${escape_servers[@]}" 2>/dev/null || true
  escape_servers=()
  ipcrm --shmem-id "$shared_memory" --queue-id "$messages" || true
  rm -rf /run/moor-escape /etc/pki/qemu
}

# escape_ways: ROW, the errno, what its record says (or - where no single line tells), the program and what it is told. A record
# of trust begins with `refuse`. What a capability would stand before needs that capability in the policy.
escape_ways() {
  local theirs=$here/theirs own=$here/own
  cat <<END
X1  EPERM  refuse,path="/usr/bin/dash"                                     files exec /usr/bin/dash -c true
X2  EACCES class=path,permission=map,path="$own/dropped.so"                files map $own/dropped.so
X3  EACCES class=path,permission=read,path="$theirs/disk.img"              files read $theirs/disk.img
X3  EACCES class=path,permission=write,path="$theirs/disk.img"             files write $theirs/disk.img
X3  EACCES class=path,permission=read,path="$theirs/disk.img"              files read $own/link.img
X3  EACCES class=path,permission=read,path="$theirs/disk.img"              files read $own/../theirs/disk.img
X3  EACCES class=path,path="$theirs/disk.img"                              files link $theirs/disk.img $own/made
X3  EACCES class=path,permission=rename,path="$theirs/disk.img"            files exchange $theirs/disk.img $own/disk.img
X3  EPERM  class=mount                                                     files bind $theirs $own
X4  EACCES class=ptrace,kind=to,permission=read,target_vm="web2"           files read /proc/$target/fd/0
X5  EACCES class=path,permission=write,path="$theirs/VARS.fd"              files write $theirs/VARS.fd
X5  EACCES class=path,permission=read,path="$theirs/console.log"           files read $theirs/console.log
X5  EACCES class=path,permission=delete,path="$theirs/qemu.pid"            files remove $theirs/qemu.pid
X5  EACCES class=unix,permission=connect,path="$theirs/monitor"            unix-sockets connect $theirs/monitor
X6  EACCES class=path,permission=device-read,path="/dev/mem"               files read /dev/mem
X6  EACCES class=path,permission=device-read,path="/dev/vda"               files read /dev/vda
X6  EACCES class=path,permission=device-write,path="/dev/kmsg"             files write /dev/kmsg
X6  EACCES class=path,path="$own/made"                                     files node $own/made
X6  EACCES class=ioctl,command=0x801c581f,path="$own/disk.img"             controls ioctl $own/disk.img 0x801c581f
X7  EPERM  class=signal,kind=exists,target_vm="web2"                       controls kill $target 0
X7  EPERM  class=process,kind=limits,target_vm="web2"                      controls limits $target
X7  EPERM  class=process,kind=scheduler,target_vm="web2"                   controls scheduler $target
X7  EPERM  class=ptrace,kind=to,permission=read,target_vm="web2"           controls memory $target
X7  EPERM  class=signal,kind=owner                                         controls owner $target
X7  EPERM  class=ptrace,kind=to,permission=attach,target_vm="web2"         trace attach $target
X7  EACCES class=ipc                                                       controls shm $shared_memory
X7  EACCES class=ipc                                                       controls msg $messages
X8  EACCES class=tcp,permission=connect,address=127.0.0.1,port=4444        sockets connect 127.0.0.1 4444
X8  EACCES class=tcp,permission=listen,port=4445                           sockets listen 127.0.0.1 4445
X8  EACCES class=udp,permission=connect,port=4446                          sockets udp-send 127.0.0.1 4446
X8  EACCES class=socket,permission=create                                  sockets make vsock
X8  EACCES class=socket,permission=create                                  sockets make packet
X8  EACCES class=socket,permission=create                                  sockets make netlink
X8  EACCES class=unix,permission=connect,path="@moor-escape"               unix-sockets connect @moor-escape
X8  EACCES class=unix,permission=connect,path="/run/moor-escape/docker.sock" unix-sockets connect /run/moor-escape/docker.sock
X9  EACCES class=path,permission=read,path="/etc/shadow"                   files read /etc/shadow
X9  EACCES class=path,permission=read,path="/etc/pki/qemu/server-key.pem"  files read /etc/pki/qemu/server-key.pem
X9  EACCES class=path,permission=read,path="/run/moor-escape/key"          files read /run/moor-escape/key
X10 EACCES class=path,permission=write,path="$qemu"                        files write $qemu
X10 EACCES class=path,permission=create,path="/etc/cron.d/moor-made"       files create /etc/cron.d/moor-made
X10 EACCES class=path,permission=create,path="/etc/systemd/system/moor-made" files create /etc/systemd/system/moor-made
X11 EPERM  class=capability,kind=setuid                                    controls become 1000
X11 EPERM  class=identity,kind=capabilities                                controls regain
X11 EPERM  class=namespace,kind=user                                       controls userns
X11 EPERM  class=mount                                                     files chroot $own
X12 EPERM  class=kernel,kind=bpf                                           controls bpf
X12 EACCES class=kernel,kind=perf                                          controls perf
X12 EACCES class=kernel,kind=key                                           controls key
X13 EACCES class=path,permission=read,path="$theirs/disk.img"              files exec $own/helper read $theirs/disk.img
END
}

# What a way that succeeded has left.
escape_undo() {
  ! mountpoint -q own || umount own
  rm -f own/made /etc/cron.d/moor-made /etc/systemd/system/moor-made
  [ -e theirs/qemu.pid ] || echo disk >theirs/qemu.pid
}

# escape_told RECORD: the log has a record with all of these words, which commas part.
escape_told() {
  local words
  mapfile -t words < <(tr , '\n' <<<"$1")
  if [ "${words[0]}" = refuse ]; then
    [ -n "$(log_lines record=refuse "${words[@]:1}" 'vm="web1"')" ]
  else
    (logged record=deny "${words[@]}" 'vm="web1"') >/dev/null
  fi
}

# escape_attempts free|held [WIDTH...]: all ways, by programs of these widths. Free: each succeeds. Held: each fails with its errno,
# and is recorded with its VM, object and permission. Fails with all that did otherwise.
escape_attempts() {
  local how=$1 width row error record program words wrong=() code wanted count=0
  shift
  for width; do
    while read -r row error record program words; do
      [ "$width" = 64 ] || program+=-$width
      wanted=0 code=0
      [ "$how" = free ] || wanted=${!error}
      dmesg --clear
      # shellcheck disable=SC2086
      output=$(start web1 "$here/$program" $words 2>&1) || code=$?
      if [ "$code" != "$wanted" ]; then
        wrong+=("$row, $program $words: it ended with $code and not $wanted: $output")
      elif [ "$how" = held ] && ! escape_told "$record"; then
        wrong+=("$row, $program $words: nothing in the log has $record; there is: $(dmesg | grep -o ' record=.*' | tail -n 2)")
      fi
      [ "$how" = held ] || escape_undo
      count=$((count + 1))
    done < <(escape_ways)
  done
  same "$count" $((${#@} * $(escape_ways | grep -c .))) 'attempts'
  [ ${#wrong[@]} = 0 ] || { printf '%s\n' "${wrong[@]}" && fail "${#wrong[@]} of $count attempts went otherwise"; }
}

# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# What a guest that broke out would try, as one list: the rows X of docs/attacks.md, each as one run of a program in the domain
# of VM web1. $here has the programs; VM web2 and the host have what they are after.

# escape_programs WIDTH...: brings the programs that try it, of these widths.
escape_programs() {
  local width name program
  for name in files controls sockets unix-sockets trace; do
    for width; do
      program=$name
      [ "$width" = 64 ] || program+=-$width
      cp "$attacks/$program" .
      escape_tools+=("$program")
    done
  done
  cp "$attacks/stay" .
  mkdir -p own
  cp files own/helper
  escape_tools+=(stay own/helper)
}
escape_tools=()

# escape_trust: rules of trust for these, so that only what they do is refused, and not they.
escape_trust() {
  local program
  for program in "${escape_tools[@]}"; do printf '  exec %s sha256:%s\n' "$here/$program" "$(digest "$program")"; done
}

# escape_rules VM: what the list needs of each VM. With the capabilities it is not for want of them that an attempt fails.
escape_rules() {
  if [ "$1" = web2 ]; then
    printf '  %s\n' "object rw $here/theirs/{disk.img,VARS.fd}" "file rwcd $here/theirs/staying"
    return
  fi
  cat <<END
  object rw $here/own/disk.img
  file rcdl rename $here/own/*
  exec $here/own/helper -> helper
  capability sys_admin sys_chroot sys_ptrace kill sys_nice sys_resource net_admin net_raw ipc_owner
  tcp connect 127.0.0.1:9
  udp connect 127.0.0.1:9

  helper helper {
    file r $here/own/**
  }
END
}

# escape_prepare: what the list is about. `$target` is a process of VM web2's.
escape_prepare() {
  mkdir -p own theirs /run/moor-escape /etc/pki/qemu
  echo disk | tee own/disk.img theirs/disk.img theirs/VARS.fd theirs/qemu.pid theirs/console.log /etc/pki/qemu/server-key.pem >/run/moor-escape/key
  ln -sfn "$here/theirs/disk.img" own/link.img
  code own/dropped.so 66
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

# escape_ways: ROW, the errno, what its record says, the program and what it is told. A record of trust begins with `refuse`. What a capability would stand before needs that capability in the policy.
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

# escape_untold: of the attempts in the file `attempts`, each a process and what its record says, those that no record tells.
escape_untold() {
  { dmesg && cat "$records"; } | awk '
    function tells(line, words,   each, count, i) {
      count = split(words, each, ",")
      for (i = 1; i <= count; i++) if (!index(line, " " each[i] " ")) return 0
      return 1
    }
    NR == FNR { pid[NR] = $1; words[NR] = $2; what[NR] = substr($0, length($1 $2) + 3); count = NR; next }
    match($0, / pid=[0-9]+/) && / vm="web1"/ {
      by = substr($0, RSTART + 5, RLENGTH - 5)
      lines[by, ++told[by]] = " " $0 " "
    }
    END {
      for (i = 1; i <= count; i++) {
        for (j = 1; j <= told[pid[i]] && !tells(lines[pid[i], j], words[i]); j++) last = lines[pid[i], j]
        if (j > told[pid[i]]) print what[i] ": nothing in the log has " words[i] "; the last of it: " last
        last = ""
      }
    }' attempts -
}

# escape_attempts free|held [WIDTH...]: all ways, by programs of these widths. Free: each succeeds. Held: each fails with its errno,
# and is recorded with its VM, object and permission. Fails with all that did otherwise.
escape_attempts() {
  local how=$1 width row error record program words wrong='' code wanted pid count=0 tries
  shift
  dmesg --clear
  : >attempts
  for width; do
    while read -r row error record program words; do
      [ "$width" = 64 ] || program+=-$width
      wanted=0 code=0
      [ "$how" = free ] || wanted=${!error}
      # Not by the function, so that its number is the attempt's.
      # shellcheck disable=SC2086
      "$attacks/start" web1 "$here/$program" $words >answer 2>&1 &
      pid=$!
      wait "$pid" || code=$?
      [ "$code" = "$wanted" ] || wrong+="$row, $program $words: it ended with $code and not $wanted: $(cat answer)"$'\n'
      [[ $record = refuse,* ]] && record=record=$record || record=record=deny,$record
      printf '%s %s %s\n' "$pid" "$record" "$row, $program $words" >>attempts
      [ "$how" = held ] || escape_undo
      count=$((count + 1))
    done < <(escape_ways)
  done
  same "$count" $((${#@} * $(escape_ways | grep -c .))) 'attempts'
  if [ "$how" = held ]; then
    # The kernel's audit thread prints in its own time.
    for ((tries = 0; tries < 20; tries++)); do
      [ -n "$(escape_untold)" ] || break
      sleep 0.2
    done
    wrong+=$(escape_untold)
  fi
  [ -z "$wrong" ] || { printf '%s\n' "$wrong" && fail "$(grep -c . <<<"$wrong") of $count attempts went otherwise"; }
}

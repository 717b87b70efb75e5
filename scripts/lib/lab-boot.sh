# shellcheck shell=bash disable=SC2034,SC2054,SC2154
# SPDX-License-Identifier: Apache-2.0
# One boot of a lab guest: its software TPM, its firmware variables, its disk, QEMU, and what comes back.

# What a boot takes, with the values that hold when nothing is said.
lab_kernel=6.12 lab_machine='' lab_init=plain lab_icount=no lab_accelerator=tcg
lab_timeout=600 lab_memory=2048 lab_append='' lab_output='' lab_interactive=no lab_fresh_tpm=no
lab_no_tpm=no lab_files=()
# Process ids of what this boot started.
lab_tpm_pid='' lab_qemu_pid='' lab_work=''

lab_clean_up() {
  local pid
  for pid in $lab_qemu_pid $lab_tpm_pid; do
    kill "$pid" 2>/dev/null || true
  done
  [[ -z $lab_work ]] || rm -rf "$lab_work"
}

# A certificate authority of the lab's own: swtpm signs each EK with it.
lab_write_ca_conf() {
  local ca=$1
  mkdir -p "$ca"
  cat >"$ca/localca.conf" <<CONF
statedir = $ca
signingkey = $ca/signkey.pem
issuercert = $ca/issuercert.pem
certserial = $ca/certserial
CONF
  printf '%s\n' '--platform-manufacturer moor' '--platform-version 1' '--platform-model lab' >"$ca/localca.options"
  cat >"$ca/setup.conf" <<CONF
create_certs_tool = /usr/bin/swtpm_localca
create_certs_tool_config = $ca/localca.conf
create_certs_tool_options = $ca/localca.options
active_pcr_banks = sha256,sha384
CONF
}

# lab_make_tpm STATE: a new TPM 2.0 with RSA and ECC EK, their certificates, and two PCR banks.
lab_make_tpm() {
  local state=$1 ca=$moor_cache/lab/ca
  mkdir -p "$state"
  (
    cache_lock lab-ca
    lab_write_ca_conf "$ca"
    quietly "$lab_work/swtpm_setup.log" swtpm_setup --tpm2 --tpmstate "$state" --config "$ca/setup.conf" \
      --create-ek-cert --create-platform-cert --pcr-banks sha256,sha384 --overwrite
  )
}

# Waits until PATH is a socket; PID is the process that makes it.
lab_wait_socket() {
  local path=$1 pid=$2 tries
  for ((tries = 0; tries < 100; tries++)); do
    [[ -S $path ]] && return
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.05
  done
  die "no socket at $path"
}

lab_start_tpm() {
  local state=$1
  [[ -e $state/tpm2-00.permall ]] || lab_make_tpm "$state"
  swtpm socket --tpm2 --tpmstate dir="$state" --ctrl type=unixio,path="$lab_work/tpm.sock" --terminate \
    --log file="$lab_work/swtpm.log" &
  lab_tpm_pid=$!
  lab_wait_socket "$lab_work/tpm.sock" "$lab_tpm_pid"
}

# lab_pack RELEASE COMMAND...: the tar file that the guest finds as its second disk.
lab_pack() {
  local release=$1 tree=$lab_work/files source
  shift
  mkdir -p "$tree/.lab"
  for source in "$moor_build/lsm/$release/moor.ko" "$moor_build/lsm/moor.bpf.o" "$moor_build/lab/bin/." "${lab_files[@]}"; do
    if [[ -e $source ]]; then
      cp -aL "$source" "$tree/"
    elif [[ $source != "$moor_build"/* ]]; then
      die "--files: there is no $source"
    fi
  done
  cp "$lab_guest/agent" "$tree/.lab/agent"
  chmod 755 "$tree/.lab/agent"
  if (($# == 1)); then
    printf '%s\n' "$1" >"$tree/.lab/command"
  else
    printf '%q ' "$@" >"$tree/.lab/command"
  fi
  [[ $lab_interactive == no ]] || touch "$tree/.lab/interactive"
  tar -C "$tree" --owner=0 --group=0 -b 64 -cf "$lab_work/files.tar" .
  rm -rf "$tree"
}

lab_qemu_arguments() {
  local image=$1 release=$2 home=$3 firmware=/usr/share/OVMF init=/usr/lib/moor-lab/init cpu=max smp=2
  # One thread for all CPUs: with more, the TCG of QEMU before 8.1 may translate an instruction that another CPU patches,
  # and keep what it read. Kernels patch themselves when a program is attached to a hook; a stale int3 is then a panic.
  local accelerator=tcg,thread=single
  # On a busy machine the kernel finds its emulated timer too late, and panics or hangs: it is told not to look
  # (no_timer_check), as it does not under a hypervisor that it knows.
  # The cmpxchg16b of QEMU 7.2's TCG loses updates between two CPUs, and 6.12 panics on it. The kernel is told to
  # do without (clearcpuid); the instruction itself must stay, for Swift's runtime is built with it.
  # Two QEMUs that begin to learn write more lines than audit (audit_backlog_limit) and the kernel's own log (log_buf_len)
  # keep by default.
  [[ $lab_accelerator == tcg ]] || cpu=host,-arch-capabilities accelerator=kvm
  [[ $lab_init == plain ]] || init=/lib/systemd/systemd
  [[ $lab_icount == no ]] || smp=1
  qemu=(
    qemu-system-x86_64 -name moor-lab -nodefaults -no-reboot -display none -nic none
    -machine q35 -accel "$accelerator" -cpu "$cpu" -smp "$smp" -m "$lab_memory"
    -drive "if=pflash,format=raw,readonly=on,file=$firmware/OVMF_CODE_4M.fd"
    -drive "if=pflash,format=raw,file=$home/vars.fd"
    -kernel "$image/vmlinuz-$release" -initrd "$image/initrd.img-$release"
    -append "console=ttyS0 root=/dev/vda rw init=$init quiet loglevel=4 panic=-1 systemd.show_status=false clearcpuid=cx16 no_timer_check audit_backlog_limit=8192 log_buf_len=4M $lab_append"
    -drive "file=$home/disk.qcow2,format=qcow2,if=virtio,cache=unsafe"
    -drive "file=$lab_work/files.tar,format=raw,if=virtio,readonly=on"
    -chardev "file,id=console,path=$lab_work/console" -serial chardev:console
    -chardev "file,id=status,path=$lab_work/status" -chardev "file,id=back,path=$lab_work/back.tar"
    -device virtio-serial-pci
    -device virtserialport,chardev=status,name=moor.status
  )
  [[ -z $lab_tpm_pid ]] || qemu+=(
    -chardev "socket,id=tpm,path=$lab_work/tpm.sock" -tpmdev emulator,id=tpm0,chardev=tpm -device tpm-crb,tpmdev=tpm0
  )
  if [[ $lab_interactive == yes ]]; then
    qemu+=(-chardev stdio,id=terminal,signal=off -device virtconsole,chardev=terminal)
  else
    qemu+=(
      -chardev "file,id=out,path=/dev/fd/$out_fd,append=on" -device virtserialport,chardev=out,name=moor.out
      -chardev "file,id=err,path=/dev/fd/$err_fd,append=on" -device virtserialport,chardev=err,name=moor.err
    )
  fi
  [[ -z $lab_output ]] || qemu+=(-device virtserialport,chardev=back,name=moor.back)
  [[ $lab_icount == no ]] || qemu+=(-icount shift=0,sleep=off)
}

# Shows what the guest's console said last, without what would move the reader's cursor.
lab_show_console() {
  printf -- '--- the end of the guest'"'"'s console\n' >&2
  tail -n 80 "$lab_work/console" 2>/dev/null | tr -d '\r' | sed 's/\x1b\[[0-9;=?]*[a-zA-Z]//g' >&2 || true
  printf -- '---\n' >&2
}

# What a command may ask for, a line on the status port before its exit code: kill-tpm ends the TPM for good.
lab_heed_requests() {
  [[ -s $lab_work/status && -n $lab_tpm_pid ]] || return 0
  if grep -qx kill-tpm "$lab_work/status"; then
    kill -KILL "$lab_tpm_pid"
    lab_tpm_pid=''
  fi
}

# lab_wait_qemu: until the guest is off. 124 when that takes longer than the time limit.
lab_wait_qemu() {
  local deadline=$((SECONDS + lab_timeout))
  while kill -0 "$lab_qemu_pid" 2>/dev/null; do
    if ((SECONDS >= deadline)); then
      kill "$lab_qemu_pid" 2>/dev/null || true
      wait "$lab_qemu_pid" 2>/dev/null || true
      return 124
    fi
    lab_heed_requests
    sleep 0.2
  done
  wait "$lab_qemu_pid"
}

# lab_boot COMMAND...: boots, runs it, and gives its exit code; 124 when time ran out, 125 when the
# guest ended without one.
lab_boot() {
  local image release home qemu=() out_fd err_fd streams code=0
  need qemu-system-x86_64 qemu-img swtpm swtpm_setup
  image=$(lab_image) release=$(kernel_release "$lab_kernel")
  lab_work=$(mktemp -d "${TMPDIR:-/tmp}/moor-lab.XXXXXX")
  trap lab_clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  home=$lab_work/machine
  if [[ -n $lab_machine ]]; then
    home=$moor_cache/lab/machines/$lab_machine
    mkdir -p "$home"
    exec {machine_lock}>"$home/.lock"
    flock -n "$machine_lock" || die "the machine $lab_machine is running already"
  fi
  mkdir -p "$home"
  [[ -e $home/vars.fd ]] || cp /usr/share/OVMF/OVMF_VARS_4M.fd "$home/vars.fd"
  [[ -e $home/disk.qcow2 ]] || qemu-img create -q -f qcow2 -F raw -b "$image/root.img" "$home/disk.qcow2"
  # Its disk is a difference to the image that it was made with, and that image has the kernels' modules.
  [[ $(qemu-img info --output=json "$home/disk.qcow2" | jq -r '."backing-filename"') == "$image/root.img" ]] ||
    die "the machine $lab_machine was made with another image or kernel: scripts/lab forget $lab_machine"
  [[ $lab_no_tpm == yes ]] || lab_start_tpm "$home/tpm"
  lab_pack "$release" "$@"

  # QEMU opens a descriptor by its name, which works for pipes and not for sockets: hence the cats.
  exec {out_fd}> >(exec cat)
  streams=$!
  exec {err_fd}> >(exec cat >&2)
  streams+=" $!"
  lab_qemu_arguments "$image" "$release" "$home"
  if [[ $lab_interactive == yes ]]; then
    local terminal
    terminal=$(stty -g)
    stty raw -echo
    "${qemu[@]}" 2>"$lab_work/qemu.log" || code=$?
    stty "$terminal"
  else
    "${qemu[@]}" </dev/null 2>"$lab_work/qemu.log" &
    lab_qemu_pid=$!
    lab_wait_qemu || code=$?
    lab_qemu_pid=''
  fi
  exec {out_fd}>&- {err_fd}>&-
  # shellcheck disable=SC2086
  wait $streams || true
  [[ -z ${LAB_CONSOLE:-} ]] || cp "$lab_work/console" "$LAB_CONSOLE"
  lab_result "$code"
}

lab_result() {
  local code=$1 status
  if [[ -n $lab_output && -s $lab_work/back.tar ]]; then
    mkdir -p "$lab_output"
    tar -xf "$lab_work/back.tar" -C "$lab_output"
  fi
  status=$(tail -n 1 "$lab_work/status" 2>/dev/null || true)
  if [[ $status =~ ^[0-9]+$ ]]; then
    return "$status"
  fi
  if ((code == 124)); then
    printf 'lab: no result within %s s; the guest was ended\n' "$lab_timeout" >&2
    lab_show_console
    return 124
  fi
  printf 'lab: the guest ended without a result (QEMU: %s)\n' "$code" >&2
  cat "$lab_work/qemu.log" >&2
  lab_show_console
  return 125
}

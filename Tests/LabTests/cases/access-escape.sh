# SPDX-License-Identifier: Apache-2.0
# X1 to X13: what a guest that broke out would try, by 64-bit and 32-bit programs, is all refused and recorded.
# seconds: 900
# shellcheck disable=SC2034
# shellcheck source=/dev/null
. guest/access.sh
# shellcheck source=/dev/null
. ../guest/escape.sh
programs=(files controls sockets unix-sockets trace)
for program in "${programs[@]}"; do
  cp "$attacks/$program" "$attacks/$program-32" .
done
cp "$attacks/stay" .
escape_prepare
escape_attempts free 64 32
escape_end

for program in "${programs[@]}"; do
  trusted "exec $here/$program" "exec $here/$program-32"
done
trusted "exec $here/stay" "exec $here/own/helper"
domains="
vm web1 {
  object rw $here/own/disk.img
  file rcdl rename $here/own/*
  exec $here/own/helper -> helper
  capability sys_admin sys_chroot sys_ptrace kill sys_nice sys_resource net_admin net_raw ipc_owner
  tcp connect 127.0.0.1:9
  udp connect 127.0.0.1:9

  helper helper {
    file r $here/own/**
  }
}
vm web2 {
  object rw $here/theirs/{disk.img,VARS.fd}
  file rwcd $here/theirs/staying
}
"
enforce
escape_prepare
escape_attempts held 64 32
escape_end
proven
unload

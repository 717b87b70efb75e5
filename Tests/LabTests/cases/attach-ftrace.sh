# SPDX-License-Identifier: Apache-2.0
# With kernel.ftrace_enabled=0 no program is ever called: the module then does not load, and once loaded it cannot be set to 0.
# seconds: 300
. guest/steps.sh
sysctl -q kernel.ftrace_enabled=0
refused 1 insmod moor.ko
says 'Device or resource busy'
expect 0 sh -c 'dmesg | tail -n 3'
says 'moor: ftrace cannot be kept on (-16): set kernel.ftrace_enabled=1'
[ ! -e /sys/module/moor ] || fail "the module stayed"
[ ! -e /dev/moor ] || fail "the device stayed"
sysctl -q kernel.ftrace_enabled=1

insert
refused 1 bash -c 'echo 0 >/proc/sys/kernel/ftrace_enabled'
says 'Device or resource busy'
steps open "${arming[@]}" "${guarding[@]}" trust-commit:enforcing
refused 1 bash -c 'echo 0 >/proc/sys/kernel/ftrace_enabled'
same "$(cat /proc/sys/kernel/ftrace_enabled)" 1 "kernel.ftrace_enabled"
refused 1 attacks/moor-steps -- "$guarded" /run/stays
says 'refused with EPERM'
steps open release
remove
sysctl -q kernel.ftrace_enabled=0
sysctl -q kernel.ftrace_enabled=1

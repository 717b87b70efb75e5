# SPDX-License-Identifier: Apache-2.0
# The doctor finds a stock kernel, its TPM and the firmware log fit, and names what is missing or off.
# seconds: 300
# boot: own
expect 0 ./moor doctor
says "ok    kernel-release  $(uname -r)"
says 'ok    permissions     all that loading needs'
says ',bpf'
says 'ok    tpm-banks       sha256, sha384, PCR 13 in each; IBM SW TPM'
says 'which lead to the values of PCR 0 to 7, none in PCR 13'
says "ok    module-file     /usr/lib/moor/$(uname -r)/moor.ko"
says 'ok    hook-programs   /usr/lib/moor/moor.bpf.o'
says 'warn  module-state    moor is not loaded: nothing is measured'
expect 0 ./moor doctor --json
says '"check" : "tpm-banks"'

expect 1 ./moor doctor --module /nonexistent/moor.ko --programs /opt/moor/moor.ko
says 'fail  module-file     /nonexistent/moor.ko is missing'
says 'fail  hook-programs   /opt/moor/moor.ko is no BPF object'

echo 0 >/proc/sys/kernel/ftrace_enabled
expect 1 ./moor doctor
says 'fail  ftrace          kernel.ftrace_enabled is 0: attached BPF-LSM programs are silently off'
echo 1 >/proc/sys/kernel/ftrace_enabled

tpm2_pcrextend "13:sha256=$(sha256sum </dev/null | cut -d ' ' -f 1)"
expect 0 ./moor doctor
says 'warn  tpm-banks       sha256, sha384; PCR 13 is not zero though moor is not loaded'

tpm2_pcrextend "7:sha256=$(sha256sum </dev/null | cut -d ' ' -f 1)"
expect 1 ./moor doctor
says 'which do not lead to sha256:7 as read from the TPM'

expect 1 setpriv --bounding-set=-mac_admin ./moor doctor
says 'fail  permissions     without CAP_MAC_ADMIN'

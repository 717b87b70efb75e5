# SPDX-License-Identifier: Apache-2.0
# The kernel is Debian's own build with bpf among its security modules, and the TPM has both banks.
# seconds: 300
expect 0 cat /proc/version
says debian-kernel@lists.debian.org
expect 0 cat /sys/kernel/security/lsm
says bpf
expect 0 tpm2_getcap pcrs
says sha256
says sha384

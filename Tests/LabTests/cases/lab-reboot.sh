# SPDX-License-Identifier: Apache-2.0
# A named machine keeps its disk and its TPM from boot to boot, and a new boot counts in the TPM.
# seconds: 300
# boots: 2
resets() { tpm2_readclock | sed -n 's/^ *reset_count: *//p'; }
case $STAGE in
  1)
    resets >/var/lib/resets
    expect 0 tpm2_nvdefine 0x1500020 -C o -s 4
    printf moor | tpm2_nvwrite 0x1500020 -C o -i -
    ;;
  2)
    same "$(resets)" $(($(cat /var/lib/resets) + 1)) "the TPM's reset count"
    same "$(tpm2_nvread 0x1500020 -C o)" moor "the NV index"
    ;;
esac

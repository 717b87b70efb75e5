# SPDX-License-Identifier: Apache-2.0
# The firmware measured its own boot: PCR 0 and 4 are extended in both banks and there is an event log.
# seconds: 300
log=/sys/kernel/security/tpm0/binary_bios_measurements
[ -n "$(head -c 1 "$log" | od -A n -t x1)" ] || fail "no event log"
for bank in sha256 sha384; do
  for index in 0 4; do
    value=$(pcr "$bank" "$index")
    [ -n "${value//0/}" ] || fail "PCR $index of bank $bank is still zero"
  done
done
expect 0 tpm2_eventlog "$log"
says EV_SEPARATOR

# SPDX-License-Identifier: Apache-2.0
# Loaded closed: guarded programs and /dev/kvm are refused until a policy is in force; until the cap the PCR holds one record.
# seconds: 300
. guest/steps.sh
modprobe kvm_amd
wait_for 5 test -c /dev/kvm
mknod /opt/moor/other-node c 10 232
runs() { attacks/moor-steps -- "$guarded" /run/stays; }
refused_kvm() {
  refused 1 bash -c ": <$1"
  says 'Operation not permitted'
}
insert closed=1 "guarded=/usr/bin/other,$guarded"

# Somebody has it open already: then nothing is armed.
exec 7</dev/kvm
steps open begin load:moor.bpf.o link:all hand:all arm=EUSERS
in_state unarmed
exec 7<&-

before=$(pcr sha256 13)
steps open begin load:moor.bpf.o link:all hand:all arm snapshot lock=EAGAIN bind:web1=EAGAIN
in_state closed
in_mode none
says 'records 1 pending 0 pcr 13 banks 2'
first=$(pcr sha256 13)
[ "$first" != "$before" ] || fail "the start record was not extended"

refused 1 runs
says 'exec: refused with EPERM'
refused_kvm /dev/kvm
refused_kvm /opt/moor/other-node
refused 1 insmod "$(modinfo -n vhost_iotlb)"
says 'Operation not permitted'
expect 0 /usr/bin/true
steps open "${guarding[@]}" trust-commit:enforcing=EAGAIN snapshot
says 'records 1 pending 4'
same "$(pcr sha256 13)" "$first" "the PCR before the cap"
same "$(counter tpm_extends)" 1 "the count of extends"
same "$(counter refused)" 4 "the count of refusals"

# The cap extends itself, then what waited, in order. Without a policy the host stays as closed as it was.
steps open cap snapshot cap=EALREADY lock=EAGAIN
says 'records 6 pending 0'
in_state open
in_mode none
same "$(counter tpm_extends)" 6 "the count of extends"
[ "$(pcr sha256 13)" != "$first" ] || fail "the cap was not extended"
same "$(sed 's/^ *[0-9]* record=\([a-z]*\).*/\1/' "$measurements" | tr '\n' ' ')" 'start cap refuse refuse refuse refuse ' "the log"
same "$(records 'kind=exec .*reason=closed')" 1 "the record of the program"
same "$(records 'path="/dev/kvm" .*reason=closed')" 1 "the record of the device"
same "$(records 'path="/opt/moor/other-node" .*reason=closed')" 1 "the record of the other node"
same "$(records 'kind=module .*reason=')" 1 "the record of the module"
refused 1 runs
refused_kvm /dev/kvm
same "$(counter refused)" 6 "the count of refusals"
same "$(counter records)" 6 "the count of records"

# With a policy the program runs, for a VM; the device stays for domains alone.
steps open "${guarding[@]}" trust-commit:enforcing
in_mode enforcing
refused_kvm /dev/kvm
same "$(records 'path="/dev/kvm" .*reason=gate')" 1 "the record of the gate"
(wait_for 10 test -e /run/stays && rm /run/stays) &
expect 0 attacks/moor-steps open bind:web1 -- "$guarded" /run/stays
wait_for 10 attacks/moor-steps open release
bash -c ': </dev/kvm'
remove
rm /opt/moor/other-node
modprobe -r kvm_amd

# SPDX-License-Identifier: Apache-2.0
# From unarmed over open to locked: what each state refuses, with its errno; locked, nothing gets older, looser or given back.
# seconds: 300
# boot: own
. guest/steps.sh
one=(entry:exec:/usr/bin/true:none trust-begin trust-add)
commits() { steps open "${one[@]}" "trust-commit:$1"; }
insert
in_state unarmed
steps open cap=EAGAIN lock=EAGAIN release=EAGAIN bind:web1=EAGAIN arm:0=EPERM "${one[@]}" trust-commit:enforcing=EAGAIN
same "$(counter records)" 0 "the count of records"

steps open "${arming[@]}"
in_state open
in_mode none
steps open begin=EALREADY arm:0=EPERM cap=EALREADY lock=EAGAIN bind:web1=EAGAIN hand-descriptor:closed=EPERM
same "$(sed 's/^ *[0-9]* //; s/ .*//' "$measurements" | tr '\n' ' ')" 'record=start record=cap ' "the log"

# While open a policy may be replaced by an older, a looser one.
commits enforcing:5:3
in_mode enforcing
commits learning:4:2
in_mode learning
commits enforcing:5:3
in_mode enforcing
same "$(records record=policy)" 3 "the records of a policy"
same "$(records record=mode)" 3 "the records of a mode"
same "$(cat /sys/kernel/moor/locked)" 0 "locked"

steps open lock
locked() {
  in_state locked
  in_mode enforcing
  same "$(cat /sys/kernel/moor/locked)" 1 "locked"
  same "$(sed -n 's/^version //p' /sys/kernel/moor/policy)" "$1" "the version in force"
  same "$(sed -n 's/^generation //p' /sys/kernel/moor/policy)" "$2" "the generation in force"
  same "$(records record=lock)" 1 "the records of a lock"
}
locked 5 3
steps open lock=EALREADY release=EPERM begin=EALREADY cap=EALREADY
refused 1 rmmod moor
commits learning:5:3=EPERM
commits learning:9:9=EPERM
commits enforcing:4:3=ESTALE
commits enforcing:5:2=ESTALE
commits enforcing:6:2=ESTALE
commits enforcing:4:9=ESTALE
locked 5 3
same "$(records record=policy)" 3 "the records of a policy"
commits enforcing:5:3
commits enforcing:6:4
locked 6 4
commits enforcing:5:3=ESTALE
locked 6 4
same "$(records record=mode)" 3 "the records of a mode"

# SPDX-License-Identifier: Apache-2.0
# A TPM that dies before arming: nothing is armed, and a module that is loaded then refuses, also with require_tpm=0.
# seconds: 300
# boot: own
. guest/steps.sh
insert
in_background open begin load:moor.bpf.o link:all hand:all prove
kill_it
answers
ask_host kill-tpm
wait_for 20 silent
steps open begin load:moor.bpf.o link:all hand:all arm=EIO
in_state unarmed
in_mode none
same "$(records)" 0 "the lines of the log"
steps open cap=EAGAIN lock=EAGAIN release=EAGAIN
wait_for 10 attacks/moor-steps links:0
expect 0 ls /
remove
for parameter in require_tpm=1 require_tpm=0; do
  refused 1 insmod moor.ko "$parameter"
  [ ! -e /sys/module/moor ] || fail "the module stayed"
  expect 0 sh -c 'dmesg | grep moor: | tail -n 1'
  says 'moor: the TPM does not answer'
done

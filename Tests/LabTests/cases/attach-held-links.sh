# SPDX-License-Identifier: Apache-2.0
# Once armed, the module holds the links: closing, unpinning or detaching them, or unloading the module, changes nothing.
# seconds: 300
. guest/steps.sh
insert
mkdir -p /sys/fs/bpf/moor-test
steps open begin load:moor.bpf.o link:all hand:all pin:/sys/fs/bpf/moor-test arm close-links "${guarding[@]}" trust-commit:enforcing
rm -r /sys/fs/bpf/moor-test
still_held() {
  in_state open
  in_mode enforcing
  steps "links:$hook_count"
  refused 1 attacks/moor-steps -- "$guarded" /run/stays
  says 'refused with EPERM'
}
still_held
steps detach=EOPNOTSUPP
still_held
refused 1 rmmod moor
says 'Module moor is in use'
still_held
steps open release
in_state unarmed
wait_for 10 attacks/moor-steps links:0
remove

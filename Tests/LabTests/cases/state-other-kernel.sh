# SPDX-License-Identifier: Apache-2.0
# kexec is recorded while armed, refused once locked and refused to every VM; hibernation is refused while loaded.
# seconds: 300
# boot: own
. guest/steps.sh
other=attacks/other-kernel
loaded() { same "$(cat /sys/kernel/kexec_loaded)" "$1" 'a kernel waits'; }
each_loads() {
  local way
  for way in load load-file; do
    expect 0 $other "$way"
    loaded 1
    expect 0 $other unload
    loaded 0
  done
}
each_loads
expect 0 $other snapshot

insert
# A copy of this instant would come back after another boot, whose PCR it has not.
refused 1 $other snapshot
each_loads
steps open "${arming[@]}"
refused 1 $other snapshot
each_loads
# Without a file twice the same: loading and unloading.
all_recorded() { [ "$(records 'record=unmeasured .*reason=kexec')" = 2 ]; }
wait_for 5 all_recorded
same "$(records 'record=unmeasured path="/boot/vmlinuz-.*reason=kexec')" 1 'the record of the file'

# A VM never loads one.
steps open "entry:exec:/opt/moor/$other:file:1" "entry:exec:$guarded:file:1" trust-begin trust-add trust-commit:enforcing
refused 1 attacks/moor-steps open bind:web1 -- /opt/moor/$other load
says 'kexec_load: refused with EPERM'
expect 0 sh -c "grep 'record=refuse reason=kexec vm=\"web1\"' $measurements"

# Where it is locked nobody does. Taking one back is the same call.
cp $other /opt/moor/another
steps open lock
for way in load load-file unload; do
  refused 1 /opt/moor/another $way
  says 'refused with EPERM'
  loaded 0
done
all_refused() { [ "$(records 'record=refuse .*reason=kexec')" = 2 ]; }
wait_for 5 all_refused
same "$(records 'record=refuse path="/boot/vmlinuz-.*reason=kexec')" 1 'the record of the file'
refused 1 /opt/moor/another snapshot

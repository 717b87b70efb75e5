# SPDX-License-Identifier: Apache-2.0
# Who has one thing after the other refused does not fill the log: other VMs start, their refusals are recorded.
# seconds: 600
# boot: own
# tpm: none
# shellcheck source=/dev/null
. guest/launch.sh
cp "$attacks/flood" "$attacks/stand-in" .
mkdir /tmp/launch
mount -t tmpfs tmpfs /tmp/launch
mkdir /tmp/launch/{files,nodes,more}
modprobe kvm_amd
code library 42
code unlisted 66
# More than the log has room for.
many=66000
expect 0 start web1 "$here/flood" mappings $many /tmp/launch/files
rm /tmp/launch/files/*

trusted "exec $here/flood" "exec $here/stand-in" "library $here/library"
enforce --no-tpm
refused "$EPERM" start web1 "$here/flood" mappings $many /tmp/launch/files
same "$(counted refused)" $many 'refusals'
same "$(log_lines record=refuse 'vm="web1"' | wc -l)" 256 'the records of refusals'
recorded record=flood 'vm="web1"'
same "$(counted over_budget)" $((many - 256)) 'refusals that were not recorded'
same "$(counted records_failed)" 0 'failed records'
# Starting anew gives no new budget.
rm /tmp/launch/files/*
refused "$EPERM" start web1 "$here/flood" mappings 10 /tmp/launch/files
same "$(log_lines record=refuse 'vm="web1"' | wc -l)" 256 'the records of refusals'
same "$(counted over_budget)" $((many - 246)) 'refusals that were not recorded'

# Outside of every VM: who is not root uses up a budget that is not root's.
refused "$EPERM" "$attacks/flood" devices 3000 /tmp/launch/nodes 65534
recorded record=flood 'pid='"$(log_lines record=flood | sed -n 's/.* pid=//p' | tail -n 1)"
(($(log_lines record=refuse reason=gate | wc -l) <= 1024)) || fail 'more than the budget'
same "$(($(log_lines record=refuse reason=gate | wc -l) + $(counted over_budget)))" $((many - 246 + 3000)) 'all of them'
refused 1 bash -c ': </dev/kvm'
recorded record=refuse reason=gate 'path="/dev/kvm"'
same "$(counted records_failed)" 0 'failed records'

# The others' launches and refusals are recorded as ever.
refused "$EPERM" start web2 "$here/stand-in" call "$here/unlisted"
recorded record=refuse reason=unlisted 'vm="web2"'
expect 0 start honest "$here/stand-in" call "$here/library"
says 'returned: 42'
honest_stand_in
umount /tmp/launch
unload
modprobe -r kvm_amd

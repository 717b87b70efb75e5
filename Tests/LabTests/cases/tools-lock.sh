# SPDX-License-Identifier: Apache-2.0
# moor lock asks, locks, and from then on nothing older, looser and no unload passes; what is no older does.
# seconds: 300
# boot: own
. guest/launch.sh
cp "$attacks/stand-in" .
trusted "exec $here/stand-in"
loads() { expect "$1" moor load --mode "$2" --policy "$here/policy"; }
version() { sed -i "s/version [0-9]*/version $1/" policy; }

expect 69 moor lock --yes
says 'the module is not loaded'
expect 0 moor load --no-policy
expect 75 moor lock --yes
says 'no policy is in force'
write_policy
version 5
loads 0 enforcing
expect 75 moor lock </dev/null
says 'Until this host is rebooted:'
says 'policy "lab" version 5 can be replaced only by one of the same or a higher version'
says 'there is no terminal to ask on'
expect 75 moor lock --json </dev/null
expect 0 moor status
says 'locked   no'
# On a terminal a person is asked, and only a yes is one.
expect 75 script -qec 'moor lock' /dev/null <<<'n'
says 'nothing was changed'
expect 0 moor status
says 'locked   no'
unrecorded record=lock
expect 0 script -qec 'moor lock --color never' /dev/null <<<'yes'
says 'locked until the next reboot, enforcing'
recorded record=lock

expect 0 moor status
says 'state    locked'
expect 0 moor lock --json
says '"wasLocked" : true'
refused 77 moor unload
says 'the host is locked until it is rebooted'
refused 1 rmmod moor
loads 77 learning
version 4
loads 77 enforcing
says 'older than the one in force'
version 6
loads 0 enforcing
expect 0 moor run --vm web1 -- "$here/stand-in"
says 'stand-in: running'
expect 126 moor run --vm web1 -- /bin/true
proven

# SPDX-License-Identifier: Apache-2.0
# Only who opened the device, with CAP_MAC_ADMIN in the first user namespace and outside any domain, can use it.
# seconds: 300
. guest/steps.sh
insert
expect 0 attacks/moor-open

# Without the capability: root, a person, root of another user namespace.
refused 1 setpriv --bounding-set -mac_admin --inh-caps -mac_admin attacks/moor-open
says 'opening the device: refused with EPERM'
chmod 666 /dev/moor
refused 1 setpriv --reuid 65534 --regid 65534 --clear-groups attacks/moor-open
says 'opening the device: refused with EPERM'
refused 1 unshare --user --map-root-user attacks/moor-open
says 'opening the device: refused with EPERM'
refused 1 unshare --user --map-root-user --mount --pid --fork attacks/moor-open
says 'opening the device: refused with EPERM'
chmod 600 /dev/moor
refused 13 setpriv --reuid 65534 --regid 65534 --clear-groups attacks/moor-open
says 'opening the device: refused with EACCES'

# The descriptor in other hands: a child's, another program's, one that lost the capability, a namespace's root.
steps open snapshot fork snapshot=EACCES begin=EACCES cap=EACCES lock=EACCES release=EACCES trust-begin:1:16=EACCES
refused 13 attacks/moor-steps open inherit -- attacks/moor-open 3
refused 13 attacks/moor-steps open inherit -- setpriv --bounding-set -mac_admin --inh-caps -mac_admin attacks/moor-open 3
refused 13 attacks/moor-steps open inherit -- unshare --user --map-root-user attacks/moor-open 3
says 'a call of the device: refused with EACCES'
steps open snapshot drop-capability snapshot=EACCES release=EACCES close open=EPERM

# From inside a domain, where root is root and has every capability.
steps open "${arming[@]}" entry:exec:/opt/moor/attacks/moor-open:file:1 trust-begin trust-add trust-commit:enforcing
refused 13 attacks/moor-steps open bind:web1 -- attacks/moor-open
says 'opening the device: refused with EACCES'
refused 13 attacks/moor-steps open inherit bind:web1 -- attacks/moor-open 3
says 'a call of the device: refused with EACCES'
steps open snapshot
in_state open
wait_for 10 attacks/moor-steps open release
remove

# SPDX-License-Identifier: Apache-2.0
# Who extends the PCR behind the module's back is found by the replay; before arming it stands in the first record.
# seconds: 300
. guest/steps.sh
foreign=$(printf 'foreign' | sha256sum | cut -d ' ' -f 1)
behind() { expect 0 tpm2_pcrextend "13:sha256=$foreign"; }
insert
behind
steps open "${arming[@]}" "${guarding[@]}" trust-commit:enforcing
expect 0 ./moor log --replay
behind
expect 1 ./moor log --replay
says sha256
# The module goes on: its own records still come in order, and no launch is lost.
(wait_for 10 test -e /run/stays && rm /run/stays) &
expect 0 attacks/moor-steps open bind:web1 -- "$guarded" /run/stays
in_state open
expect 1 ./moor log --replay
wait_for 10 attacks/moor-steps open release
remove

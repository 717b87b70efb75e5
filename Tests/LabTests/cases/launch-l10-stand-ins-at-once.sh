# SPDX-License-Identifier: Apache-2.0
# L10: a thousand programs, each started on all CPUs at once: each measured once, and the log's order is that of the PCR.
# seconds: 600
# shellcheck source=/dev/null
. guest/launch.sh
cp "$attacks/stand-in" .
mkdir tiny
for number in {1000..1999}; do
  { cat "$attacks/tiny" && printf '%s' "$number"; } >"tiny/$number"
done
chmod 755 tiny/*
expect 0 "$attacks/at-once" tiny/*
says '2000 starts'

mapfile -t rules < <(sha256sum "$here"/tiny/* | sed -E 's/^([0-9a-f]{64})  (.*)/exec \2 sha256:\1/')
same "${#rules[@]}" 1000 'rules'
trusted "exec $here/stand-in"
enforce
expect 0 "$attacks/at-once" "$here"/tiny/*
says '2000 starts'
same "$(grep -c 'record=measure kind=exec path="/opt/moor/launch/tiny/' "$records")" 1000 'records of a measurement'
unrecorded record=refuse
same "$(grep -o 'path="/opt/moor/launch/tiny/[0-9]*" alg=sha256 digest=[0-9a-f]*' "$records" | sort -u |
  sed -E 's/path="(.*)" alg=sha256 digest=(.*)/\2  \1/' | sha256sum -c --quiet - && echo all)" all 'digests in the log'
proven
# All at once once more, now refused, each with a record.
for number in {1000..1019}; do printf x >>"tiny/$number"; done
refused 1 "$attacks/at-once" "$here"/tiny/10[01]?
same "$(grep -c 'record=refuse kind=exec path="/opt/moor/launch/tiny/' "$records")" 20 'records of a refusal'
honest_stand_in
proven

# SPDX-License-Identifier: Apache-2.0
# L6: a program without a name is not executed, from inside a domain or as the emulator, not even with trusted bytes.
# seconds: 300
# shellcheck source=/dev/null
. guest/launch.sh
cp "$attacks/memfd-exec" "$attacks/stand-in" .
evil_copy stand-in evil
ways=(execveat fexecve link nameless unlinked)
for way in "${ways[@]}"; do
  expect 0 start web1 "$here/memfd-exec" --by "$way" "$here/evil"
  says 'evil one: running'
  expect 0 ./memfd-exec --vm web1 --by "$way" "$here/stand-in"
  says 'stand-in: running'
done

trusted "exec $here/stand-in" "exec $here/memfd-exec memory-exec"
enforce
for way in "${ways[@]}"; do
  for program in evil stand-in; do
    before=$(counted refused)
    refused "$EPERM" start "in-$way-$program" "$here/memfd-exec" --by "$way" "$here/$program"
    same "$(counted refused)" $((before + 1)) 'refusals'
  done
done
recorded record=refuse kind=exec reason=unlinked 'vm="in-execveat-evil"'
unload
enforce
for way in "${ways[@]}"; do
  before=$(counted refused)
  refused "$EPERM" "$attacks/memfd-exec" --vm "as-$way" --by "$way" "$here/stand-in"
  same "$(counted refused)" $((before + 1)) 'refusals'
done
recorded record=refuse kind=exec reason=unlinked 'vm="as-execveat"'
honest_stand_in
proven

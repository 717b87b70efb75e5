# SPDX-License-Identifier: Apache-2.0
# L8: a trusted script does not lead to an interpreter that is not trusted; each hop is measured, however many there are.
# seconds: 300
# shellcheck source=/dev/null
. guest/launch.sh
cp "$attacks/stand-in" .
evil_copy stand-in interpreter
cp stand-in trusted-interpreter
printf '#!%s\n' "$here/interpreter" >script
printf '#!%s\n' "$here/script" >outer
printf '#!%s\n' "$here/trusted-interpreter" >honest-script
chmod 755 script outer honest-script
for start in script outer; do
  expect 200 start web1 "$here/$start"
  says "what to do? '$here/"
done

trusted "exec $here/stand-in" "exec $here/script" "exec $here/outer" "exec $here/honest-script" "exec $here/trusted-interpreter"
enforce
refused "$EPERM" start web1 "$here/outer"
for script in outer script; do
  recorded record=measure kind=exec "path=\"$here/$script\"" alg=sha256 "digest=$(digest $script)" 'vm="web1"'
done
recorded record=refuse kind=exec "path=\"$here/interpreter\"" reason=unlisted 'vm="web1"'
before=$(counted refused)
refused "$EPERM" start web2 "$here/script"
# From inside a domain, and a script that nobody lists.
refused "$EPERM" start web3 "$here/stand-in" exec "$here/script"
cp script unlisted
refused "$EPERM" start web4 "$here/unlisted"
recorded record=refuse kind=exec "path=\"$here/unlisted\"" reason=unlisted 'vm="web4"'
same "$(counted refused)" $((before + 3)) 'refusals'
# A trusted interpreter makes of a trusted script what the policy says it is, and of no other.
expect 200 start web5 "$here/honest-script"
says "what to do? '$here/honest-script'"
recorded record=measure kind=exec "path=\"$here/trusted-interpreter\"" 'vm="web5"'
honest_stand_in
proven

# SPDX-License-Identifier: Apache-2.0
# A program that passed before is hashed and recorded no more, and is held to all that its first start was.
# seconds: 600
# shellcheck disable=SC2034 # rules is for guest/launch.sh
# shellcheck source=/dev/null
. guest/launch.sh
cp "$attacks/start" "$attacks/memory" .
mkdir place
program=$here/place/stand-in
cp "$attacks/stand-in" "$program"
cp memory translator
trusted "exec $program" "exec $here/memory" "exec $here/translator memory-exec"
enforce
sum=$(digest "$program")

# again: nothing but the start itself happens.
again() {
  local hashed extends written
  hashed=$(counted hashed_files) extends=$(counted tpm_extends) written=$(counted records)
  expect 0 start web1 "$program"
  says 'stand-in: running'
  same "$(counted hashed_files) $(counted tpm_extends) $(counted records)" "$hashed $extends $written" 'hashed, extended, recorded'
}
# complained REASON WORDS...: one refusal, which names path and digest as that of a first start would.
complained() {
  recorded record=refuse kind=exec "path=\"$program\"" alg=sha256 "digest=$sum" "reason=$1" "${@:2}"
  again
}
expect 0 start web1 "$program"
again

# Who starts it, and how.
refused 126 bash -c "exec '$program'"
complained unbound
refused "$EPERM" strace -f -o /dev/null "$attacks/start" web2 "$program"
complained traced 'vm="web2"'
# Both are bound before one of them runs.
mkfifo input
exec {ends}<>input
"$attacks/moor-steps" open bind:web3 "pause:$here/first" -- "$program" hold <input >said {ends}>&- &
holder=$!
"$attacks/moor-steps" open bind:web3 "pause:$here/second" -- "$program" >late &
late=$!
wait_for 20 test -e first -a -e second
rm first
wait_for 20 grep -q running said
rm second
code=0
wait "$late" || code=$?
same "$code" "$EPERM" 'what the second start ended with'
complained running 'vm="web3"'
exec {ends}>&-
wait "$holder"

# Under which name. What is seen twice is what somebody else may have made of the first.
mv place elsewhere
refused "$EPERM" start web1 "$here/elsewhere/stand-in"
recorded record=refuse kind=exec "path=\"$here/elsewhere/stand-in\"" reason=unlisted
mv elsewhere place
again
ln "$program" link
refused "$EPERM" start web1 "$here/link"
recorded record=refuse kind=exec "path=\"$here/link\"" reason=unlisted
# A new link changes the inode's time, so it is hashed once more.
expect 0 start web1 "$program"
again
mkdir mounted
mount --bind place mounted
refused "$EPERM" start web1 "$here/mounted/stand-in"
recorded record=refuse kind=exec "path=\"$here/mounted/stand-in\"" reason=unlisted
umount mounted
again
# The same dentry and mount, seen from another root.
cp -a /dev/moor place/moor
mkdir place/dev
mv place/moor place/dev/
cp start place/
refused "$EPERM" chroot place /start web1 /stand-in
recorded record=refuse kind=exec 'path="/stand-in"' reason=unlisted
again
# Without a name, though what is open is still the same.
exec {kept}<"$program"
rm "$program"
refused "$EPERM" start web1 "/proc/self/fd/$kept"
recorded record=refuse kind=exec reason=unlinked
exec {kept}<&-
cp "$attacks/stand-in" "$program"
expect 0 start web1 "$program"
again

# What it may do is what its own entry grants, every time.
for ((time = 1; time <= 3; time++)); do
  refused "$EPERM" start web1 "$here/memory" anonymous
  expect 0 start web1 "$here/translator" anonymous
done

# Under another policy it has not passed.
rules=("exec $program sha256:$(printf '%064d' 0)")
learn
expect 0 start web1 "$program"
recorded record=measure kind=exec "path=\"$program\"" "digest=$sum" reason=digest
again
enforce
refused "$EPERM" start web1 "$program"
recorded record=refuse kind=exec "path=\"$program\"" "digest=$sum" reason=digest
rules=("exec $program sha256:$sum")
enforce
expect 0 start web1 "$program"
again
# Nor has what somebody wrote to it meanwhile.
free "$program"
printf x >>"$program"
refused "$EPERM" start web1 "$program"
recorded record=refuse kind=exec "path=\"$program\"" "digest=$(digest "$program")" reason=digest
proven
unload

# SPDX-License-Identifier: Apache-2.0
# On a locked host no VM begins to learn, by no flag and no policy, and a policy that is loaded again gives no object away.
# seconds: 300
# boot: own
# shellcheck disable=SC2034
# shellcheck source=/dev/null
. guest/access.sh
cp "$attacks/files" .
program=$here/files
mkdir mine other theirs
echo text >other/disk
echo text >theirs/disk
trusted "exec $program"
domains="
vm web1 {
  file r $here/mine/*
}
vm web2 {
  object rw $here/theirs/disk
}
"
# commit: the smallest policy there is, which learns, straight to the module's files.
commit() {
  perl -e '
    use Digest::SHA qw(sha256);
    my ($folder, $policy) = ("/sys/kernel/moor/access", pack("L10", 0x4343414d, 1, 40, (0) x 7));
    sub put { my ($name, $bytes, $mode) = @_; open(my $file, $mode, "$folder/$name") or exit 200;
      defined(syswrite($file, $bytes)) or exit $!; $file }
    my $begin = put("begin", pack("LLQQ", 24, 1, length $policy, 0), "+<");
    sysseek($begin, 0, 0); sysread($begin, my $token, 8) == 8 or exit 201;
    put("data", $policy, ">");
    put("commit", pack("LLLLa8QQa32a128", 200, 1, 0, 0, $token, 9, 0, sha256($policy), "none"), ">");
  '
}
enforce
refused "$EACCES" start web1 "$program" read "$here/other/disk"
# Not locked it goes through, and the VM may again what it may without rules.
expect 0 commit
expect 0 start web1 "$program" read "$here/other/disk"
enforce
refused "$EACCES" start web1 "$program" read "$here/other/disk"
expect 0 moor lock --yes
refused "$EPERM" commit
refused 77 moor load --mode enforcing --learn web1 --policy "$here/policy"
refused "$EACCES" start web1 "$program" read "$here/other/disk"
ln theirs/disk mine/alias
rm theirs/disk
expect 0 moor load --mode enforcing --policy "$here/policy"
refused "$EACCES" start web1 "$program" read "$here/mine/alias"
logged record=deny class=path permission=read 'owner_vm="web2"' 'vm="web1"'

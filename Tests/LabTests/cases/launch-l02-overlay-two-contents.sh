# SPDX-License-Identifier: Apache-2.0
# L2: a library opened in an overlay's lower layer is judged by the bytes that are mapped, not by those of its copy above.
# seconds: 300
# shellcheck source=/dev/null
. guest/launch.sh
cp "$attacks/stale-open" .
mkdir lower upper work merged
code good 42
code lower/library 66
fresh() {
  umount "$here/merged" 2>/dev/null || true
  rm -rf upper work
  mkdir upper work
  mount -t overlay overlay -o "lowerdir=$here/lower,upperdir=$here/upper,workdir=$here/work" "$here/merged"
}
# It opens the library, whose bytes are in the lower layer, writes the good ones over it, which go to the upper layer,
# and maps what it has open: reading shows the good ones, the mapping has the others.
for way in mmap mprotect; do
  fresh
  expect 0 start web1 "$here/stale-open" $way "$here/merged/library" "$here/good"
  says 'read: 42'
  says 'returned: 66'
done

rules+=("library $here/merged/library sha256:$(digest good)")
trusted "exec $here/stale-open"
enforce
for way in mmap mprotect; do
  fresh
  refused "$EPERM" start "web-$way" "$here/stale-open" $way "$here/merged/library" "$here/good"
  says 'read: 42'
  silent_about returned
done
recorded record=refuse kind=library "path=\"$here/merged/library\"" reason=writer 'vm="web-mmap"'
fresh
cp good merged/library
expect 0 start honest "$here/stale-open" mmap "$here/merged/library" "$here/good"
says 'returned: 42'
proven
umount "$here/merged"

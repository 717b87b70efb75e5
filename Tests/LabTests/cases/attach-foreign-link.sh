# SPDX-License-Identifier: Apache-2.0
# What is not this loader's own link on a hook of the table is not taken, and does not harm the attachment.
# seconds: 300
. guest/steps.sh
# A hook that may not sleep gets a program that may: 6.1 does not even load one.
case $(uname -r) in
  6.1.*) sleeps=() ;;
  *) sleeps=(look-alike:path_truncate:other hand:like-path_truncate=EPROTOTYPE) ;;
esac
insert
steps open hand-descriptor:/etc/passwd=EPERM
steps open begin load:moor.bpf.o \
  hand-descriptor:/etc/passwd=EBADF hand-descriptor:closed=EBADF hand-descriptor:device=EBADF \
  foreign:program hand:program=EBADF \
  foreign:fentry hand:fentry=EPROTOTYPE \
  foreign:tracepoint hand:tracepoint=EPROTOTYPE \
  look-alike:inode_unlink hand:like-inode_unlink=ENOENT \
  look-alike:file_open:other hand:like-file_open=EPROTOTYPE \
  "${sleeps[@]}" \
  look-alike:task_alloc:same:0 hand:like-task_alloc=EKEYREJECTED \
  look-alike:mmap_file:same:12345 hand:like-mmap_file=EKEYREJECTED \
  arm:1=ENOLINK
same "$(grep -c '^missing ' <<<"$output")" "$hook_count" "the hooks without a link"
in_state unarmed

# A link made with another cookie than the module gave.
steps open begin load:moor.bpf.o link:bprm_check_security:0 hand:bprm_check_security=EKEYREJECTED
steps open begin load:moor.bpf.o link:bprm_check_security:1 hand:bprm_check_security=EKEYREJECTED

# The links of an attachment that has ended.
steps open begin load:moor.bpf.o link:all close open begin hand:all=EKEYREJECTED

# A descriptor of another loader hands nothing in, and what was refused before does not stand in the way.
steps open begin load:moor.bpf.o link:all \
  hand-descriptor:/etc/passwd=EBADF look-alike:file_open:same:7 hand:like-file_open=EKEYREJECTED \
  close-links load:moor.bpf.o link:all hand:all hand:file_open=EEXIST hand:all=EEXIST arm
in_state open
steps open hand-descriptor:closed=EPERM arm:0=EPERM release
remove

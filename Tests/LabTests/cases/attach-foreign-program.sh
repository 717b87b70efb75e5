# SPDX-License-Identifier: Apache-2.0
# A program that calls the module but is not the loader's is refused at its load by 6.12; on 6.1 it runs and has no effect.
# seconds: 300
. guest/steps.sh
insert
one_refusal() {
  local refusals records
  refusals=$(counter refused) records=$(counter records)
  refused 1 attacks/moor-steps -- "$guarded" /run/stays
  says 'refused with EPERM'
  same "$(counter refused)" $((refusals + 1)) "the count of refusals"
  same "$(counter records)" $((records + $1)) "the count of records"
}
case $(uname -r) in
  6.1.*)
    # Attached before the module is armed, and while it is.
    in_background load:moor.bpf.o link:all:0 "links:$hook_count"
    in_state unarmed
    steps open "${arming[@]}" "${guarding[@]}" trust-commit:enforcing "links:$((2 * hook_count))"
    one_refusal 1
    go_on
    in_background load:moor.bpf.o link:all:0x1234567890abcdef
    one_refusal 0
    in_state open
    same "$(counter hashed_files)" 1 "the files that were hashed"
    # The own programs let go: the foreign ones hold the hooks and decide nothing.
    steps open release
    in_state unarmed
    touch /run/stays
    (sleep 1 && rm /run/stays) &
    expect 0 "$guarded" /run/stays
    go_on
    ;;
  *)
    steps load:moor.bpf.o=EACCES
    in_background open begin load:moor.bpf.o link:all hand:all
    steps load:moor.bpf.o=EACCES
    go_on
    steps open "${arming[@]}" close-links load:moor.bpf.o=EACCES "${guarding[@]}" trust-commit:enforcing
    steps load:moor.bpf.o=EACCES
    one_refusal 1
    steps open release
    ;;
esac
remove

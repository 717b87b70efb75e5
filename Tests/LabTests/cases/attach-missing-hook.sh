# SPDX-License-Identifier: Apache-2.0
# With one link missing the module does not arm and names the hook; with links but no proof neither.
# seconds: 180
. guest/steps.sh
insert
mapfile -t table < <(hooks)
# refusals: the hooks that each refusal to arm has named, a line each.
refusals() {
  awk '$1 == "missing" { line = line " " $2 } $1 == "arm:" { print substr(line, 2); line = "" }' <<<"$output"
}
# in_turn HOOK...: the links are handed in one by one; before each, all that are not yet there are named, down to the
# last, and only after it the module arms.
in_turn() {
  local acts=(open begin:all load:moor.bpf.o link:all) expected='' left=("$@")
  while ((${#left[@]})); do
    acts+=(arm:1=ENOLINK "hand:${left[0]}")
    # In the order of the table, whatever the order of handing in.
    expected+=$(printf '%s\n' "${table[@]}" | grep -xF "$(printf '%s\n' "${left[@]}")" | paste -s -d ' ')$'\n'
    left=("${left[@]:1}")
  done
  steps "${acts[@]}" arm release
  same "$(refusals)" "${expected%$'\n'}" 'the hooks without a link'
  in_state unarmed
}
in_turn "${table[@]}"
mapfile -t backwards < <(hooks | tac)
in_turn "${backwards[@]}"
# The last to come may be any: here one from the middle.
in_turn "${table[@]:9}" "${table[@]:0:9}"
remove

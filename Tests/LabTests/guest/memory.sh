# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: Apache-2.0
# What the cases share in which the attack program `memory` makes changed code of a library run; they
# source it before launch.sh, which goes to another folder.

# never_runs_changed RULE WAY...: each WAY runs changed code where nothing guards (the library returns 66, not
# 42). Guarded, with RULE for the attack program, it is refused with a record, and the library still serves.
never_runs_changed() {
  local rule=$1 way ways=("${@:2}")
  cp "$attacks/memory" "$attacks/stand-in" .
  for way in "${ways[@]}"; do
    code "library-$way" 42
    expect 0 start web1 "$here/memory" "$way" "$here/library-$way"
    says 'returned: 66'
    trusted "library $here/library-$way"
  done

  trusted "$rule" "exec $here/stand-in"
  enforce
  for way in "${ways[@]}"; do
    refused "$EPERM" start "web-$way" "$here/memory" "$way" "$here/library-$way"
    silent_about returned
    recorded record=refuse kind=library "path=\"$here/library-$way\"" reason=writable "vm=\"web-$way\""
    expect 0 start honest "$here/stand-in" call "$here/library-$way"
    says 'returned: 42'
  done
  proven
}

# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: Apache-2.0
# Results of tests: rows read from the suites' lines, kept as tab-separated files in $results, told as
# a summary or as JSON.

# record_row AREA LINE: a line is `ok|not ok|skip NAME [SECONDS [DETAIL]]`; other lines are none.
record_row() {
  local area=$1 line=$2 verdict name seconds detail
  [[ $line =~ ^(ok|not ok|skip)\ ([^ ]+)(\ ([0-9]+(\.[0-9]+)?))?(\ +(.*))?$ ]] || return 0
  verdict=${BASH_REMATCH[1]} name=$area/${BASH_REMATCH[2]} seconds=${BASH_REMATCH[4]:-0} detail=${BASH_REMATCH[7]}
  if [[ $verdict == skip && ${CI:-} == true ]]; then
    verdict='not ok' detail="skipped: $detail"
  fi
  printf '%s\t%s\t%s\t%s\n' "$verdict" "$name" "$seconds" "${detail//$'\t'/ }" >>"$results/$area.tsv"
  printf '%-6s  %s  (%s s)%s\n' "$verdict" "$name" "$seconds" "${detail:+  $detail}"
}

# run_area AREA COMMAND...: reads the command's lines. A suite that fails without a failed row, or
# gives no row at all, is a failed row itself.
run_area() {
  local area=$1 line code=0 status=$results/$1.status
  shift
  say "$area"
  : >"$results/$area.tsv"
  while IFS= read -r line; do
    record_row "$area" "$line"
  done < <("$@" || echo $? >"$status")
  [[ ! -e $status ]] || code=$(<"$status")
  if [[ ! -s $results/$area.tsv ]]; then
    record_row "$area" "not ok suite 0 gave no result (exit code $code)"
  elif ((code)) && ! grep -q '^not ok' "$results/$area.tsv"; then
    record_row "$area" "not ok suite 0 ended with exit code $code"
  fi
}

# names_to_rows PREFIX: turns `ok A NAME OF WORDS` and `not ok A NAME: WHY` into a row's form, where a
# name has no space.
names_to_rows() {
  local line name
  while IFS= read -r line; do
    case $line in
      'ok '*)
        name=${line#ok }
        printf 'ok %s/%s 0\n' "$1" "${name// /-}"
        ;;
      'not ok '*)
        name=${line#not ok }
        line=${name#*: } name=${name%%: *}
        printf 'not ok %s/%s 0 %s\n' "$1" "${name// /-}" "$line"
        ;;
      *) printf '%s\n' "$line" >&2 ;;
    esac
  done
}

# Reads xUnit reports and prints a row for each test case. The name of a case has no space; what a
# failure says becomes the detail.
xunit_rows() {
  tr '\n' ' ' | sed 's/<testcase /\n&/g; s/<\/testsuite>/\n/g' | sed -n '/^<testcase /p' | while IFS= read -r element; do
    local class name seconds verdict=ok detail=''
    class=$(attribute classname "$element") name=$(attribute name "$element") seconds=$(attribute time "$element")
    if [[ $element == *'<failure'* || $element == *'<error'* ]]; then
      verdict='not ok' detail=$(attribute message "$element")
    elif [[ $element == *'<skipped'* ]]; then
      verdict=skip detail=$(attribute message "$element")
    fi
    printf '%s %s %.1f %s\n' "$verdict" "${class// /_}/${name// /_}" "${seconds:-0}" "$detail"
  done
}

# attribute NAME ELEMENT: its value, with XML's entities undone.
attribute() {
  [[ $2 =~ [[:space:]]$1=\"([^\"]*)\" ]] || return 0
  printf '%s' "${BASH_REMATCH[1]}" | sed "s/&lt;/</g; s/&gt;/>/g; s/&quot;/\"/g; s/&apos;/'/g; s/&#10;/ /g; s/&amp;/\&/g"
}

results_json() {
  cat "$results"/*.tsv | jq -R -s '
    split("\n") | map(select(. != "") | split("\t"))
    | map({name: .[1], ok: (.[0] == "ok"), skipped: (.[0] == "skip"), seconds: (.[2] | tonumber), detail: .[3]})'
}

# The last line of a test run; fails when a test did.
results_summary() {
  local passed failed skipped
  passed=$(cat "$results"/*.tsv | grep -c '^ok' || true)
  failed=$(cat "$results"/*.tsv | grep -c '^not ok' || true)
  skipped=$(cat "$results"/*.tsv | grep -c '^skip' || true)
  if ((failed)); then
    printf '\nfailed:\n'
    sed -n 's/^not ok\t/  /p' "$results"/*.tsv | tr '\t' ' '
  fi
  printf '%s\n' "in $(elapsed)"
  printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
  ((failed == 0 && passed > 0))
}

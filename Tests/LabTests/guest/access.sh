# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# What the cases of access share, over guest/launch.sh. `domains` holds the rules; each is held to them as a VM.
# shellcheck source=/dev/null
. guest/launch.sh

EACCES=13
# Every line is looked for; without auditd the kernel would leave out most.
sysctl -q kernel.printk_ratelimit=0
dmesg --clear

# What each VM may be started with: the cases tell by it what their programs say, and hand them sockets.
brought_in='inherit pipe unix tcp udp pty file'

write_policy() {
  printf 'policy "lab" version 1\n\ntrust {\n' >policy
  printf '  %s\n' "${rules[@]}" >>policy
  printf '}\n%s' "$domains" | sed "s/^\(vm [^ ]*\|template [a-z]*\) {/&\n  ${brought_in:-# nothing}\n/" >>policy
}

# logged WORDS...: a line of the access log has each of these words.
logged() {
  local tries words='' word
  for word; do words+=" && index(\$0 \" \", \" $(printf '%s' "$word" | sed 's/["\\]/\\&/g') \")"; done
  for ((tries = 0; tries < 50; tries++)); do
    # The kernel's audit thread prints in its own time.
    ! dmesg | awk "/ moor boot=/$words { found = 1 } END { exit !found }" || return 0
    sleep 0.1
  done
  dmesg | grep ' class=' || true
  fail "the access log has no line with: $*"
}

# unlogged WORDS...: none has.
unlogged() {
  local word lines
  lines=$(dmesg | grep ' class=path ' || true)
  for word; do lines=$(grep -F -- " $word" <<<"$lines" || true); done
  [ -z "$lines" ] || fail "the access log has: $lines"
}

# denied_aloud: how many denials there were that no rule says are to be quiet.
denied_aloud() { echo $(($(counted access_denied) - $(counted access_quiet))); }

# learned: a rule for each line of the access log.
learned() {
  local lines
  lines=$(dmesg)
  sed -n 's/.* record=learn class=anonymous kind=\([^ ]*\) .*/  anon \1/p' <<<"$lines" | sort -u
  sed -n 's/.* record=learn class=capability kind=\([^ ]*\) .*/  capability \1/p' <<<"$lines" | sort -u
  sed -n 's/.* record=learn class=memory kind=exec .*/  memory exec/p' <<<"$lines" | sort -u
  sed -n 's/.* record=learn class=ioctl kind=\([^ ]*\) command=\([^ ]*\) .*/  anon \1 ioctl \2/p' <<<"$lines" | sort -u
  sed -n 's/.* record=learn class=descriptor kind=\([^ ]*\) permission=\([^ ]*\) .*/  \2 \1/p' <<<"$lines" | sort -u
  # What a device opens for is learned beside its commands.
  sed -n 's/.* record=learn class=ioctl command=\([^ ]*\) path="\([^"]*\)".*/\1 \2/p' <<<"$lines" |
    sed 's|/var/tmp/vl\.[^/]*|/var/tmp/vl.??????|' | sort -u | awk '{ print "  " ($2 ~ /^\/dev\// ? "device" : "object") " r " $2 " ioctl " $1 }'
  sed -n 's/.* record=learn class=path permission=\([^ ]*\) path="\([^"]*\)".*/\1 \2/p' <<<"$lines" | sort -u | awk '
    BEGIN {
      letters["read"] = "r"; letters["write"] = "w"; letters["append"] = "a"; letters["map"] = "m"; letters["create"] = "c"
      letters["delete"] = "d"; letters["link"] = "l"; letters["lock"] = "k"
    }
    {
      # Names that are others in each run.
      gsub(/\/proc\/[0-9]+/, "/proc/[0-9]+", $2); sub(/\/var\/tmp\/vl\.[^\/]*/, "/var/tmp/vl.??????", $2)
      kind = "file"; words = ""; count = split($1, permissions, ",")
      for (i = 1; i <= count; i++) {
        word = permissions[i]
        if (word ~ /^device-/) { kind = "device"; words = words (word == "device-read" ? "r" : "w") }
        else if (word == "exec") kind = "exec"
        else if (word in letters) words = words letters[word]
        else words = words " " word
      }
      print "  " kind (kind == "exec" ? "" : " " words) " " $2
    }' | sort -u
}

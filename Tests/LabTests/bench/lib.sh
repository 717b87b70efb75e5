# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# What the suites of the bench share, in the guest. They have $cycles and $runs, the runs of one side of one cycle,
# and write to $figures, as lines `SIDE NAME VALUE`, what is the mean of several measurements.

bench=/opt/moor/bench work=/opt/moor/measured figures=$work/figures
mkdir -p "$work"
cd "$work" || exit
: >"$figures"
# The trust policy's entries, as text; the file `domains`: blocks with rules of access.
rules=''
rm -f domains

say() { printf '%s %s\n' "$(cut -d ' ' -f 1 /proc/uptime)" "$*" >&2; }
die() { say "$*" && exit 1; }
# row NAME VALUE UNIT LIMIT RUNS: a figure. Every limit is the most that is allowed, and `-` is none.
row() { printf 'row\t%s\t%s\t%s\t%s\t%s\n' "$@"; }
calculate() { awk "BEGIN { printf \"%.${2:-1}f\", $1 }"; }

# trust KIND FILE...: more for the policy.
trust() {
  local file
  for file in "${@:2}"; do
    rules+="  $1 $file sha256:$(sha256sum <"$file" | cut -c 1-64)"$'\n'
  done
}

load() {
  {
    printf 'policy "bench" version 1\n\ntrust {\n%s}\n' "$rules"
    [ ! -e domains ] || cat domains
  } >policy
  ../moor load --mode enforcing --policy policy --module ../moor.ko --programs ../moor.bpf.o "$@" >load.log 2>&1 || {
    cat load.log >&2
    die "moor load failed"
  }
  sleep 10 # the clock only jumps
}

# The kernel frees released programs some time later, and they hold the module.
unload() {
  local tries
  ../moor unload >unload.log 2>&1 || true
  for ((tries = 0; tries < 120; tries++)); do
    if [ ! -e /sys/module/moor ]; then
      sleep 10 # what it left for later is done, and in no figure
      return
    fi
    sleep 1
    rmmod moor 2>>unload.log || true
  done
  cat unload.log >&2
  die "the module stays loaded"
}

counter() { awk -v name="$1" '$1 == name { print $2 }' /sys/kernel/moor/stats; }

# launch RUNS GUARDED UNGUARDED [FILE...]; column NUMBER FIELD: one of the figures of the last one.
launch() { "$bench/launch" "$@" >launched || die "launch $* failed"; }
column() { awk -v column="$1" -v name="$2" '$1 == column { for (i = 2; i < NF; i += 2) if ($i == name) print $(i + 1) }' launched; }

# outside SIDE: what a process pays that no module guards; $work/unlisted is a program that no policy lists.
outside() {
  "$bench/outside" /etc/passwd $((runs * 100)) "$runs" | sed "s/^/$1 /" >>"$figures"
  launch "$runs" - "$work/unlisted"
  printf '%s exec %s\n' "$1" "$(column 0 unguarded)" >>"$figures"
}

# mean SIDE NAME
mean() { awk -v side="$1" -v name="$2" '$1 == side && $2 == name { sum += $3; n++ } END { if (!n) exit 1; printf "%.1f", sum / n }' "$figures"; }
# added SIDE NAME: what this side has more of it than the side `without`.
added() { calculate "$(mean "$1" "$2") - $(mean without "$2")"; }

# steady NAME...: what it costs is the same in each cycle, with 2 %; else something else ran beside it.
steady() {
  local name
  for name; do
    awk -v name="$name" '$2 == name { if (!($1 in low) || $3 < low[$1]) low[$1] = $3; if ($3 > high[$1]) high[$1] = $3 }
      END { for (side in low) if (high[side] > 1.02 * low[side]) { print name, side, low[side], "to", high[side]; bad = 1 }
        exit bad }' "$figures" >&2 || die "the cycles differ too much: something else ran beside them"
  done
}

# Without a TPM, at which the clock would jump, and without what else makes figures differ from run to run.
settle() {
  local tpm=/sys/bus/acpi/drivers/tpm_crb
  echo 0 >/proc/sys/kernel/randomize_va_space # page tables alike from run to run
  sleep 10                                    # the kernel is still busy after it has booted
  [ ! -e $tpm/MSFT0101:00 ] || echo MSFT0101:00 >$tpm/unbind
}

# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# The stock Debian kernels that moor is built for and tested on, as scripts/kernel unpacked them.

moor_series=(6.12 6.1)

# series_list WORD: the series that WORD (6.1, 6.12 or all) names, one a line.
series_list() {
  case $1 in
    6.1 | 6.12) printf '%s\n' "$1" ;;
    all) printf '%s\n' "${moor_series[@]}" ;;
    *) usage_error "unknown kernel '$1': expected 6.1, 6.12 or all" ;;
  esac
}

# kernel_directory SERIES: the folder that holds boot/, lib/modules/ and usr/src/ of that kernel.
kernel_directory() {
  local link=$moor_cache/kernels/$1
  [[ -e $link ]] || die "kernel $1 is not in the cache; run scripts/kernel $1"
  readlink -f "$link"
}

# kernel_release SERIES: what `uname -r` prints on it.
kernel_release() { basename "$(kernel_directory "$1")"; }

kernel_headers() {
  local directory
  directory=$(kernel_directory "$1")
  printf '%s\n' "$directory/usr/src/linux-headers-${directory##*/}"
}

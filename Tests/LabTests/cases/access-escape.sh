# SPDX-License-Identifier: Apache-2.0
# X1 to X13: what a guest that broke out would try, by 64-bit and 32-bit programs, is all refused and recorded.
# seconds: 600
# shellcheck disable=SC2034
# shellcheck source=/dev/null
. guest/access.sh
# shellcheck source=/dev/null
. ../guest/escape.sh
escape_programs 64 32
escape_prepare
escape_attempts free 64 32
escape_end

mapfile -t rules < <(escape_trust)
domains="
vm web1 {
$(escape_rules web1)
}
vm web2 {
$(escape_rules web2)
}
"
enforce
escape_prepare
escape_attempts held 64 32
escape_end
proven
unload

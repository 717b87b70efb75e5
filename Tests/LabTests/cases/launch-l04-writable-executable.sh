# SPDX-License-Identifier: Apache-2.0
# L4: a mapping of a trusted library is never writable and executable, from the start or later.
# seconds: 300
# shellcheck source=/dev/null
. guest/memory.sh
# shellcheck source=/dev/null
. guest/launch.sh
never_runs_changed "exec $here/memory memory-exec" writable-executable executable-then-writable

# SPDX-License-Identifier: Apache-2.0
# L4: a private copy of a trusted library that was changed does not become executable.
# seconds: 300
# demo: L4
# shellcheck source=/dev/null
. guest/memory.sh
# shellcheck source=/dev/null
. guest/launch.sh
never_runs_changed "exec $here/memory" private-copy executable-copy copy-in-child

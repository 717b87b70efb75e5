# SPDX-License-Identifier: Apache-2.0
# An attack program does succeed where nothing guards: a copy of a program runs from a memfd.
# seconds: 300
expect 0 attacks/memfd-exec /bin/echo "from a memfd"
says "from a memfd"

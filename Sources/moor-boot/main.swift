// SPDX-License-Identifier: Apache-2.0

import Glibc
import MoorBoot

func write(_ line: String, _ descriptor: Int32) {
  _ = (line + "\n").withCString { Glibc.write(descriptor, $0, strlen($0)) }
}

exit(
  BootLoad.main(Array(CommandLine.arguments.dropFirst())) {
    write($0, STDOUT_FILENO)
  } complain: {
    write($0, STDERR_FILENO)
  })

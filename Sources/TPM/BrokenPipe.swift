// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Runs a body with SIGPIPE blocked on this thread, and takes away one that the body caused.
///
/// The TCTIs write to sockets and pipes with plain write(2), so a TPM emulator that is gone would otherwise end the
/// whole process. The disposition of signals belongs to the program, not to a library: hence the thread's mask only.
func withoutBrokenPipeSignal<Result>(_ body: () -> Result) -> Result {
  var brokenPipe = sigset_t()
  sigemptyset(&brokenPipe)
  sigaddset(&brokenPipe, SIGPIPE)
  var pending = sigset_t()
  sigpending(&pending)
  let wasPending = sigismember(&pending, SIGPIPE) == 1
  var before = sigset_t()
  pthread_sigmask(SIG_BLOCK, &brokenPipe, &before)

  let result = body()

  if !wasPending {
    var now = timespec()
    while sigtimedwait(&brokenPipe, nil, &now) == -1 && errno == EINTR {}
  }
  pthread_sigmask(SIG_SETMASK, &before, nil)
  return result
}

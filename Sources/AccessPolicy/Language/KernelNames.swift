// SPDX-License-Identifier: Apache-2.0

/// A capability, by the name that capabilities(7) gives it without `CAP_`.
public struct Capability: Sendable, Hashable {
  /// Its number.
  public let number: Int
  /// Its name in lower case.
  public let name: String

  /// All of Linux 6.12, in the order of their numbers.
  public static let all: [Capability] = [
    "chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap",
    "linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner",
    "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct", "sys_admin", "sys_boot", "sys_nice",
    "sys_resource", "sys_time", "sys_tty_config", "mknod", "lease", "audit_write", "audit_control", "setfcap",
    "mac_override", "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf",
    "checkpoint_restore",
  ].enumerated().map { Capability(number: $0.offset, name: $0.element) }
}

/// A signal, by the name that signal(7) gives it without `SIG`.
public struct Signal: Sendable, Hashable {
  /// Its number on x86-64.
  public let number: Int
  /// Its name in lower case.
  public let name: String

  /// All but the real-time ones, in the order of their numbers from 1; `exists` is number 0, which only asks.
  public static let all: [Signal] = [
    "exists", "hup", "int", "quit", "ill", "trap", "abrt", "bus", "fpe", "kill", "usr1", "segv", "usr2", "pipe",
    "alrm", "term", "stkflt", "chld", "cont", "stop", "tstp", "ttin", "ttou", "urg", "xcpu", "xfsz", "vtalrm", "prof",
    "winch", "io", "pwr", "sys",
  ].enumerated().map { Signal(number: $0.offset, name: $0.element) }
}

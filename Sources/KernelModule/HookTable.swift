// SPDX-License-Identifier: Apache-2.0

/// The LSM hooks that the module holds, by the number of their bit in its answers (lsm/hooks.def).
public enum HookTable {
  /// The names in the order of the bits, as in the kernel's include/linux/lsm_hook_defs.h.
  public static let names = [
    "bprm_check_security", "bprm_committed_creds", "mmap_file", "file_mprotect", "file_open", "file_receive",
    "kernel_read_file", "kernel_load_data", "task_alloc", "task_free", "ptrace_access_check", "ptrace_traceme",
    "inode_free_security", "path_truncate", "inode_init_security_anon", "mmap_addr",
    "path_unlink", "path_mkdir", "path_rmdir", "path_mknod", "path_symlink", "path_link", "path_rename", "path_chmod",
    "path_chown", "file_lock", "sb_mount", "sb_umount", "move_mount", "sb_pivotroot", "path_chroot",
    "socket_create", "socket_bind", "socket_connect", "socket_listen", "socket_sendmsg",
    "unix_stream_connect", "unix_may_send",
    "capable", "file_ioctl", "file_ioctl_compat", "task_kill", "file_fcntl", "task_setrlimit", "task_setnice",
    "task_setscheduler", "task_setioprio", "task_movememory", "userns_create", "bpf", "perf_event_open", "syslog",
    "key_permission", "ipc_permission", "shm_shmctl", "msg_queue_msgctl", "sem_semctl", "task_fix_setuid",
    "task_fix_setgid", "capset",
  ]

  /// The hooks without which nothing is armed. The others are for rules of access alone: a host without such rules goes
  /// without them, and no process pays for them.
  public static let launch = Set(names.prefix(16))
}

/// A set of hooks as the module answers with it: bit N is hook N of its table.
public struct HookSet: RawRepresentable, Sendable, Hashable {
  /// The bits.
  public let rawValue: UInt64

  /// Takes the bits of an answer.
  public init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  /// The hooks' names, in table order; one that this tool does not know is `hook N`.
  public var names: [String] {
    (0..<UInt64.bitWidth).filter { rawValue & (1 << $0) != 0 }.map { bit in
      bit < HookTable.names.count ? HookTable.names[bit] : "hook \(bit)"
    }
  }
}

extension HookSet: CustomStringConvertible {
  /// The names, separated by commas.
  public var description: String { names.joined(separator: ", ") }
}

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
    "inode_setattr", "inode_setxattr", "inode_removexattr", "inode_set_acl", "inode_remove_acl", "file_truncate",
    "uring_cmd", "path_notify",
  ]

  /// The hooks without which nothing is armed. The others are for rules of access alone: a host without such rules goes
  /// without them, and no process pays for them.
  public static let launch = Set(names.prefix(16))

  /// Those that Linux 6.1 has not: there the module wants none of them.
  public static let later: Set = ["inode_set_acl", "inode_remove_acl", "file_truncate"]
}

/// A set of hooks as the module answers with it: hook N of its table is bit N % 64 of word N / 64.
public struct HookSet: Sendable, Hashable {
  /// The words, MOOR_HOOK_WORDS of them.
  public let words: [UInt64]

  /// Takes the words of an answer.
  public init(words: [UInt64]) {
    self.words = words
  }

  /// The hooks' names, in table order; one that this tool does not know is `hook N`.
  public var names: [String] {
    words.indices.flatMap { word in
      (0..<UInt64.bitWidth).filter { words[word] & (1 << $0) != 0 }.map { bit in
        let hook = word * UInt64.bitWidth + bit
        return hook < HookTable.names.count ? HookTable.names[hook] : "hook \(hook)"
      }
    }
  }
}

extension HookSet: CustomStringConvertible {
  /// The names, separated by commas.
  public var description: String { names.joined(separator: ", ") }
}

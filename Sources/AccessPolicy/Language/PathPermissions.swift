// SPDX-License-Identifier: Apache-2.0

internal import CMoor

/// What may be done with what has a path: MOOR_PERM_* of lsm/uapi/moor.h.
public struct PathPermissions: OptionSet, Sendable, Hashable {
  /// The bits as the kernel has them.
  public let rawValue: UInt32

  /// Makes permissions of the kernel's bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Open for reading.
  public static let read = Self(rawValue: MOOR_PERM_READ)
  /// Open for writing.
  public static let write = Self(rawValue: MOOR_PERM_WRITE)
  /// Open for writing at the end alone.
  public static let append = Self(rawValue: MOOR_PERM_APPEND)
  /// Map executable.
  public static let map = Self(rawValue: MOOR_PERM_MAP)
  /// Create a file, a folder or a pipe.
  public static let create = Self(rawValue: MOOR_PERM_CREATE)
  /// Remove a name or a folder.
  public static let delete = Self(rawValue: MOOR_PERM_DELETE)
  /// Make a hard link or a symbolic link.
  public static let link = Self(rawValue: MOOR_PERM_LINK)
  /// Lock.
  public static let lock = Self(rawValue: MOOR_PERM_LOCK)
  /// Rename; both names need it.
  public static let rename = Self(rawValue: MOOR_PERM_RENAME)
  /// Cut by path, or when it is opened.
  public static let truncate = Self(rawValue: MOOR_PERM_TRUNCATE)
  /// Change mode, owner, times and extended attributes.
  public static let chmod = Self(rawValue: MOOR_PERM_CHMOD)
  /// Execute.
  public static let execute = Self(rawValue: MOOR_PERM_EXEC)
  /// Open a device node for reading.
  public static let deviceRead = Self(rawValue: MOOR_PERM_DEVICE_READ)
  /// Open a device node for writing.
  public static let deviceWrite = Self(rawValue: MOOR_PERM_DEVICE_WRITE)
  /// Listen at a unix socket.
  public static let unixListen = Self(rawValue: MOOR_PERM_UNIX_LISTEN)
  /// Connect and send to a unix socket.
  public static let unixConnect = Self(rawValue: MOOR_PERM_UNIX_CONNECT)
  /// May be attached read-only while the policy is locked.
  public static let attachRead = Self(rawValue: MOOR_PERM_ATTACH_READ)
  /// May be attached for writing while the policy is locked.
  public static let attachWrite = Self(rawValue: MOOR_PERM_ATTACH_WRITE)
  /// What is made here belongs to the VM.
  public static let own = Self(rawValue: MOOR_PERM_OWN)

  /// Of what is the VM's own, or is being made: all that a `temp` rule allows.
  public static let temporary = Self(rawValue: MOOR_PERM_TEMPORARY)

  /// What a VM may do with the temporary files that it made itself.
  public static let ofTemporary = Self([.read, .write, .append, .create, .delete, .lock, .truncate])

  /// All that changes an object or its name.
  public static let changes: Self = [.write, .append, .create, .delete, .link, .rename, .truncate, .chmod]

  /// Each permission with the word that messages use.
  static let words: [(permission: Self, word: String)] = [
    (.read, "read"), (.write, "write"), (.append, "append"), (.map, "map"), (.create, "create"), (.delete, "delete"),
    (.link, "link"), (.lock, "lock"), (.rename, "rename"), (.truncate, "truncate"), (.chmod, "chmod"),
    (.execute, "exec"), (.deviceRead, "device-read"), (.deviceWrite, "device-write"), (.unixListen, "unix-listen"),
    (.unixConnect, "unix-connect"), (.attachRead, "attach-read"), (.attachWrite, "attach-write"), (.own, "own"),
    (.temporary, "temporary"),
  ]

  /// The letters of file rules.
  static let letters: [(letter: Character, permission: Self)] = [
    ("r", .read), ("w", [.write, .append]), ("a", .append), ("m", .map), ("c", .create), ("d", .delete), ("l", .link),
    ("k", .lock),
  ]

  /// The permissions that a word of messages and vectors stands for.
  public init?(word: String) {
    guard let entry = Self.words.first(where: { $0.word == word }) else { return nil }
    self = entry.permission
  }

  /// The words, in the order of the bits.
  public var words: [String] { Self.words.filter { contains($0.permission) }.map(\.word) }
}

extension PathPermissions: CustomStringConvertible {
  /// The words with commas between them, or `none`.
  public var description: String { isEmpty ? "none" : words.joined(separator: ",") }
}

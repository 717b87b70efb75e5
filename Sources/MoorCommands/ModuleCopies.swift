// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Inventory
internal import TrustPolicy

/// Unpacked copies of compressed kernel modules, which can be loaded from their files and so be measured.
struct ModuleCopies {
  /// The file system that modules and copies are in.
  let files: FileRoot
  /// Bytes of a copy at most; the largest module of a Debian kernel has less than half of it.
  var limit = 64 << 20

  /// Writes the copies of modules, each at once or not at all: root's (the caller's), and writable for nobody else.
  ///
  /// - Returns: The copies that were written; those that were right before stay as they are.
  func write(_ modules: [KernelModules.Packed]) throws(CommandFailure) -> [[UInt8]] {
    var written: [[UInt8]] = []
    for module in modules {
      let bytes = try unpacked(module.file)
      let target = try place(of: module.copy)
      if isRight(target, bytes) { continue }
      try AtomicFile.replace(target, with: bytes)
      written.append(module.copy)
    }
    return written
  }

  private func unpacked(_ path: [UInt8]) throws(CommandFailure) -> [UInt8] {
    let name = String(decoding: path, as: UTF8.self)
    guard let unpacker = Unpacker.of(name) else {
      throw CommandFailure(.data, "\(name) cannot be unpacked: expected .ko.xz, .ko.zst or .ko.gz")
    }
    let file: String
    do throws(FileRoot.Problem) {
      file = String(decoding: files.systemPath(try files.resolve(path)), as: UTF8.self)
    } catch {
      throw CommandFailure(.noInput, "\(name) cannot be unpacked: \(error)")
    }
    let bytes: [UInt8]
    do throws(Unpacker.Problem) {
      bytes = try unpacker.unpacked(file, limit: limit)
    } catch {
      let status: ExitStatus = if case .noProgram = error { .unavailable } else { .data }
      throw CommandFailure(status, "\(name) cannot be unpacked: \(error)")
    }
    guard bytes.starts(with: [0x7F] + Array("ELF".utf8)) else {
      throw CommandFailure(.data, "\(name) cannot be unpacked: what it holds is no kernel module")
    }
    return bytes
  }

  /// Where a copy goes, as the operating system takes it; the folders on the way are made.
  private func place(of copy: [UInt8]) throws(CommandFailure) -> String {
    let names = copy.split(separator: UInt8(ascii: "/"))
    var folder: [UInt8] = []
    for name in names.dropLast() {
      let next = folder + [UInt8(ascii: "/")] + name
      if (try? files.resolve(next)) == nil {
        // A failure shows below.
        mkdir(try systemPath(folder) + "/" + String(decoding: name, as: UTF8.self), 0o755)
      }
      folder = next
    }
    let path = try systemPath(folder)
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw CommandFailure(.cannotCreate, "\(path) cannot be made")
    }
    guard status.st_uid == geteuid(), status.st_mode & 0o022 == 0 else {
      throw CommandFailure(.noPermission, "\(path) must belong to the caller, and nobody else may write in it")
    }
    return path + "/" + String(decoding: names.last ?? [], as: UTF8.self)
  }

  private func systemPath(_ folder: [UInt8]) throws(CommandFailure) -> String {
    let shown = String(decoding: folder, as: UTF8.self)
    do throws(FileRoot.Problem) {
      let file = try files.resolve(folder.isEmpty ? Array("/".utf8) : folder)
      return String(decoding: files.systemPath(file), as: UTF8.self)
    } catch {
      throw CommandFailure(.cannotCreate, "\(shown) cannot be made: \(error)")
    }
  }

  /// Whether a file is there with these bytes, owner and mode: then it stays, and with it what is known of it.
  private func isRight(_ path: String, _ bytes: [UInt8]) -> Bool {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode == S_IFREG | 0o644, status.st_uid == geteuid(),
      Int(status.st_size) == bytes.count
    else { return false }
    return (try? FileRoot().read(Array(path.utf8), limit: bytes.count)) == bytes
  }
}

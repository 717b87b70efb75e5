// SPDX-License-Identifier: Apache-2.0

internal import PolicyText
public import TrustPolicy

/// The kernel modules behind the devices that moor guards: kvm, vhost, vfio and iommufd with all that they need,
/// as modules.dep says (modules.dep(5)).
public struct KernelModules: Sendable {
  /// Modules that can be listed, resolved, in an order in which they can be loaded.
  public private(set) var paths: [[UInt8]] = []
  /// Compressed modules, whether they have an unpacked copy or not, in the same order.
  public private(set) var packed: [Packed] = []
  /// Those of them without a copy.
  public private(set) var compressed: [Packed] = []
  /// What a person should know.
  public private(set) var problems: [String] = []

  /// A compressed module.
  public struct Packed: Sendable, Hashable {
    /// The module, resolved.
    public let file: [UInt8]
    /// Where its unpacked copy is looked for.
    public let copy: [UInt8]

    /// Names both.
    public init(file: [UInt8], copy: [UInt8]) {
      self.file = file
      self.copy = copy
    }
  }

  /// The folder of unpacked copies, one folder below it for each kernel release.
  ///
  /// Current kmod unpacks a compressed module itself and hands the kernel bytes without a file: nothing that could be
  /// measured by path. What is loaded from an unpacked copy can.
  public static let copies = "/var/lib/moor/modules"

  private static let families = ["kvm", "vhost", "vfio", "iommufd"]

  /// Looks for the modules of a kernel release.
  public init(_ root: FileRoot, release: String) {
    guard Self.isRelease(release) else {
      problems.append("'\(SafeText.show(release))' is no kernel release, such as 6.1.0-18-amd64")
      return
    }
    let folder = Array("/lib/modules/\(release)/".utf8)
    guard let list = try? root.read(folder + Array("modules.dep".utf8), limit: 16 << 20) else {
      problems.append("there are no kernel modules of \(SafeText.show(release)): run depmod, or name another kernel")
      return
    }
    var needs: [ArraySlice<UInt8>: [ArraySlice<UInt8>]] = [:]
    var wanted: [ArraySlice<UInt8>] = []
    for line in list.split(separator: UInt8(ascii: "\n")) {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
      let file = line[..<colon]
      needs[file] = line[(colon + 1)...].split(separator: UInt8(ascii: " "))
      if Self.families.contains(where: { Self.name(file).starts(with: $0.utf8) }) { wanted.append(file) }
    }
    var seen: Set<ArraySlice<UInt8>> = []
    for file in wanted {
      // A line lists all that is needed, the nearest first: loaded from its end on.
      for module in (needs[file] ?? []).reversed() + [file] where seen.insert(module).inserted {
        add(root, module.first == UInt8(ascii: "/") ? Array(module) : folder + module, release)
      }
    }
    if wanted.isEmpty { problems.append("kernel \(SafeText.show(release)) has no module of KVM, vhost or VFIO") }
  }

  private mutating func add(_ root: FileRoot, _ path: [UInt8], _ release: String) {
    guard let file = try? root.resolve(path), file.kind == .regular else {
      problems.append("\(SafeText.show(path)) is listed in modules.dep and is not there")
      return
    }
    guard !path.reversed().starts(with: ".ko".utf8.reversed()) else {
      paths.append(file.path)
      return
    }
    let plain = Self.name(path[...]).prefix { $0 != UInt8(ascii: ".") }
    let copy = Array("\(Self.copies)/\(release)/".utf8) + plain + Array(".ko".utf8)
    let module = Packed(file: file.path, copy: copy)
    packed.append(module)
    if let unpacked = try? root.resolve(copy), unpacked.kind == .regular {
      paths.append(unpacked.path)
    } else {
      compressed.append(module)
    }
  }

  /// Whether it can be a kernel release: letters, digits and `. _ + - ~`.
  public static func isRelease(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 64 && !text.hasPrefix(".")
      && text.unicodeScalars.allSatisfy {
        $0.isASCII && ($0.properties.isAlphabetic || "0123456789._+-~".unicodeScalars.contains($0))
      }
  }

  private static func name(_ path: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    path[((path.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex - 1) + 1)...]
  }
}

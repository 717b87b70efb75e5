// SPDX-License-Identifier: Apache-2.0

internal import PolicyText
internal import TrustPolicy

/// Follows disks to the images that lie behind them, as QEMU would when it opens them.
struct ImageChain {
  /// Images in one chain; far more than anybody has, and few enough to be read at once.
  static let longest = 200

  /// What QEMU asks a block device that it reads, and does with one that it writes.
  private static let readCommands = ["BLKGETSIZE64", "BLKPBSZGET", "BLKROGET", "BLKSSZGET"]
  private static let writeCommands = [
    "BLKDISCARD", "BLKFLSBUF", "BLKGETSIZE64", "BLKPBSZGET", "BLKROGET", "BLKSSZGET", "BLKZEROOUT",
  ]
  /// Formats that may name other files and whose headers are not read.
  private static let unread = ["vmdk", "vhdx", "vpc", "qed", "qcow", "parallels", "cow"]
  private static let magics: [(name: String, bytes: [UInt8])] = [
    ("vmdk", Array("KDMV".utf8)), ("vmdk", Array("COWD".utf8)), ("vmdk", Array("# Disk DescriptorFile".utf8)),
    ("vhdx", Array("vhdxfile".utf8)), ("vpc", Array("conectix".utf8)), ("qed", Array("QED\0".utf8)),
  ]

  let root: FileRoot
  private(set) var rules: [VMRule] = []
  private(set) var notes: [VMNote] = []
  /// Images of which the description says that they are raw: what a guest writes at their beginning says nothing.
  private(set) var raw: Set<[UInt8]> = []

  init(_ root: FileRoot) { self.root = root }

  /// Adds the rules of a disk, the top first.
  mutating func follow(_ top: VMImage) {
    var image = top
    var seen: Set<FileRoot.Identity> = []
    var above: [UInt8]?
    for _ in 0..<Self.longest {
      guard let file = resolve(image) else { return }
      if let identity = file.identity, !seen.insert(identity).inserted {
        note(image, "its chain of images comes back to \(SafeText.render(file.path)) and is not followed further")
        return
      }
      add(image, file, behind: above)
      guard let next = next(image, file) else { return }
      above = file.path
      image = next
    }
    note(image, "there are more than \(Self.longest) images behind \(SafeText.render(top.path)); the rest has no rule")
  }

  private mutating func note(_ image: VMImage, _ text: String) { notes.append(VMNote(place: image.place, text: text)) }

  private struct Found {
    let path: [UInt8]
    /// nil when there is none of that name yet.
    let file: FileRoot.File?
    var identity: FileRoot.Identity? { file?.identity }
    var isDevice: Bool { if case .blockDevice = identity { true } else { false } }
  }

  private mutating func resolve(_ image: VMImage) -> Found? {
    do {
      let file = try root.resolve(image.path)
      if file.kind == .folder {
        note(image, "\(SafeText.render(file.path)) is a folder; expected an image")
        return nil
      }
      return Found(path: file.path, file: file)
    } catch {
      guard let path = root.place(of: image.path) else {
        note(image, "\(SafeText.render(image.path)) is in no rule: \(error)")
        return nil
      }
      // Behind a raw one there is nothing.
      let effect = [nil, "qcow2"].contains(image.format) ? "; what lies behind it is not known" : ""
      note(image, "\(SafeText.render(path)): \(error)\(effect)")
      return Found(path: path, file: nil)
    }
  }

  private mutating func add(_ image: VMImage, _ found: Found, behind above: [UInt8]?) {
    let comment = image.comment ?? above.map { "behind \(SafeText.render(PathText.name(of: $0)))" }
    if image.format == "raw" { raw.insert(found.path) }
    if found.path.starts(with: "/dev/dm-".utf8) {
      note(
        image,
        "\(SafeText.render(image.path)) is \(SafeText.render(found.path)) now, by which the kernel knows it: "
          + "numbers of the device mapper may be others after the next boot")
    }
    var rule = VMRule(
      topic: image.topic, verb: image.isWritable ? "object" : "shared", letters: image.isWritable ? "rwk" : "rk",
      pieces: [.literal(found.path)], comment: comment, place: image.place)
    if found.isDevice, image.isWritable { rule.commands = Self.writeCommands }
    rules.append(rule)
    // Only an object's rule opens device nodes by itself.
    if found.isDevice, !image.isWritable {
      rules.append(
        VMRule(
          topic: image.topic, verb: "device", letters: "r", pieces: [.literal(found.path)],
          commands: Self.readCommands, comment: comment, place: image.place))
    }
  }

  private mutating func next(_ image: VMImage, _ found: Found) -> VMImage? {
    switch image.backing {
    case .nothing: return nil
    case .image(let next): return next
    case .header: break
    }
    if let format = image.format, format != "qcow2" {
      if Self.unread.contains(format) {
        note(image, "what lies behind \(SafeText.render(found.path)) is not followed: its format is \(format)")
      }
      return nil
    }
    guard let file = found.file else { return nil }
    guard file.kind == .regular else {
      if image.format == "qcow2" {
        note(image, "what lies behind \(SafeText.render(found.path)) is not followed: it is a \(file.kind.rawValue)")
      }
      return nil
    }
    do {
      return try header(image, file)
    } catch {
      note(image, "what lies behind \(SafeText.render(found.path)) is not followed: \(error)")
      return nil
    }
  }

  private mutating func header(_ image: VMImage, _ file: FileRoot.File) throws -> VMImage? {
    let bytes = try QCOW2Header.beginning(of: file, root)
    if image.format == nil, !bytes.starts(with: QCOW2Header.magic) {
      if let other = Self.magics.first(where: { bytes.starts(with: $0.bytes) }) {
        note(image, "what lies behind \(SafeText.render(file.path)) is not followed: its format is \(other.name)")
      }
      return nil
    }
    let header = try QCOW2Header(bytes)
    if image.format == nil {
      note(image, "the format of \(SafeText.render(file.path)) is not named, and by its header it is qcow2")
    }
    addDataFile(of: header, image, file)
    guard let name = header.backingFile else { return nil }
    guard let path = Self.path(name, besides: image.path) else {
      note(image, "\(SafeText.render(name)) behind \(SafeText.render(file.path)) is no file, and not followed")
      return nil
    }
    var next = VMImage(
      path: path, format: header.backingFormat ?? "raw", isWritable: false, topic: image.topic, place: image.place)
    if let problem = PathText.problem(of: path) {
      note(image, "\(SafeText.render(path)) behind \(SafeText.render(file.path)) is in no rule: \(problem)")
      return nil
    }
    if header.backingFormat == nil { next.format = unnamedFormat(of: path, behind: file, image) }
    return next
  }

  /// QEMU would find it out by itself, and a guest that once had the image as a raw disk may have written what it finds.
  private mutating func unnamedFormat(of path: [UInt8], behind file: FileRoot.File, _ image: VMImage) -> String {
    if let backing = try? root.resolve(path), backing.kind == .regular,
      let bytes = try? QCOW2Header.beginning(of: backing, root), bytes.starts(with: QCOW2Header.magic)
    {
      note(
        image,
        "\(SafeText.render(file.path)) does not name the format of \(SafeText.render(path)) behind it, which is not followed "
          + "further; say it with qemu-img rebase -u -F FORMAT")
    }
    return "raw"
  }

  private mutating func addDataFile(of header: QCOW2Header, _ image: VMImage, _ file: FileRoot.File) {
    guard header.hasDataFile else { return }
    guard let name = header.dataFile, let path = Self.path(name, besides: image.path) else {
      note(image, "the data of \(SafeText.render(file.path)) are in another file, which it does not name")
      return
    }
    if let problem = PathText.problem(of: path) {
      note(image, "the data of \(SafeText.render(file.path)), \(SafeText.render(path)), are in no rule: \(problem)")
      return
    }
    let data = VMImage(
      path: path, format: "raw", isWritable: image.isWritable, topic: image.topic,
      comment: "the data of \(SafeText.render(PathText.name(of: file.path)))", place: image.place)
    if let found = resolve(data) { add(data, found, behind: nil) }
  }

  /// The path that a name in a header stands for; nil for what is reached by a protocol. Behind `file:` a relative one is
  /// seen from QEMU's own folder, and not from the image's: it stays relative.
  static func path(_ name: [UInt8], besides image: [UInt8]) -> [UInt8]? {
    if name.starts(with: "file:".utf8) { return Array(name.dropFirst(5)) }
    // A protocol ends with the first colon, where no slash stands before it.
    if let colon = name.firstIndex(of: UInt8(ascii: ":")), !name[..<colon].contains(PathText.slash) { return nil }
    return PathText.join(PathText.folder(of: image), name)
  }
}

extension QCOW2Header {
  /// As much of a file as its header can lie in.
  static func beginning(of file: FileRoot.File, _ root: FileRoot) throws(FileRoot.Problem) -> [UInt8] {
    let handle = try FileRoot.Handle(root, file)
    let start = try handle.read(at: 0, count: 512)
    guard start.starts(with: magic), start.count >= 24, (10...21).contains(start[23]) else { return start }
    return try handle.read(at: 0, count: min(largestCluster, 1 << Int(start[23])))
  }
}

extension FileRoot {
  /// Where a path leads, also when only the folders before its last name are there; nil when those are not either, or
  /// cannot be told.
  func place(of path: [UInt8]) -> [UInt8]? {
    if let file = try? resolve(path) { return file.path }
    let names = path.split(separator: PathText.slash).filter { !$0.elementsEqual(".".utf8) }
    var known: [UInt8] = [PathText.slash]
    // From the top: most of a long path that is not there is not looked for.
    for (index, name) in names.enumerated() {
      if let folder = try? resolve(PathText.join(known, Array(name))) {
        guard folder.kind == .folder else { return nil }
        known = folder.path
        continue
      }
      let missing = names[index...]
      if missing.contains(where: { $0.elementsEqual("..".utf8) }) { return nil }
      let start = known == [PathText.slash] ? [] : known
      return start + missing.flatMap { [PathText.slash] + $0 }
    }
    return known
  }
}

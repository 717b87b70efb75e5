// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy
internal import PolicyText
public import TrustPolicy

/// Finds the descriptions of a host's VMs.
public struct VMSources: Sendable {
  /// What was found, by the order of sources; no two have one name, and each name is one that a VM can have.
  public private(set) var vms: [VMDescription] = []
  /// Sources that somebody named and that cannot be read as what they are, or VMs of them that cannot have a block.
  public private(set) var failures: [String] = []
  /// The same of sources that nobody named, and what else a person should know.
  public private(set) var notes: [String] = []

  /// Where libvirt keeps the descriptions of its VMs.
  public static let libvirtFolder = "/etc/libvirt/qemu"

  /// What describes each VM, by its name.
  private var sources: [String: String] = [:]
  private let root: FileRoot
  private let files: FileRoot
  private static let mostVMs = 65_536

  /// Begins with none.
  ///
  /// - Parameters:
  ///   - root: What the VMs' paths are seen from, and where libvirt's own folder is looked for.
  ///   - files: What the names of other sources are seen from.
  public init(root: FileRoot, files: FileRoot = FileRoot()) {
    self.root = root
    self.files = files
  }

  /// Reads libvirt's own folder, when it is there.
  public mutating func addLibvirt() { addFolder(Array(Self.libvirtFolder.utf8), in: root, isNamed: false) }

  /// Reads a domain's XML, or all in a folder that end in `.xml`.
  ///
  /// - Parameter path: Absolute.
  public mutating func add(xml path: [UInt8]) {
    if let file = try? files.resolve(path), file.kind == .folder {
      addFolder(path, in: files, isNamed: true)
    } else {
      addXML(path, in: files, isNamed: true)
    }
  }

  /// Reads QEMU's arguments out of a file; see ``QEMUArguments``. Of a process in /proc relative paths are known, too.
  ///
  /// - Parameter path: Absolute.
  public mutating func add(commandLine path: [UInt8]) {
    let name = SafeText.show(path)
    do {
      let bytes = try read(path, in: files)
      let line = try QEMUArguments.read(bytes, name: name)
      guard let title = QEMUCommandLine.name(in: line.arguments) else {
        failures.append("\(name): the VM has no name; expected -name NAME among the arguments")
        return
      }
      var vm = VMDescription(name: title, source: name)
      if let program = line.program, program.bytes.first == PathText.slash { vm.emulators.append(program.bytes) }
      QEMUCommandLine.read(line.arguments, into: &vm, folder: folder(of: path), root: root)
      add(vm, isNamed: true)
    } catch let problem as QEMUArguments.Problem {
      failures.append("\(name): \(problem.message)")
    } catch {
      failures.append("\(name) cannot be read: \(error)")
    }
  }

  /// Takes a VM by its name and disks.
  public mutating func add(name: String, disks: [[UInt8]]) {
    let option = "--vm \(SafeText.show(name))"
    var vm = VMDescription(name: name, source: option)
    for disk in disks { vm.add(VMImage(path: disk, isWritable: true, place: VMPlace(option))) }
    add(vm, isNamed: true)
  }

  /// `NAME=DISK[,DISK...]`, a comma of a path doubled; nil when it is not of that form.
  public static func split(_ text: String) -> (name: String, disks: [[UInt8]])? {
    guard let equals = text.firstIndex(of: "=") else { return nil }
    let disks = QEMUOptions.split(Array(text[text.index(after: equals)...].utf8))
    return disks.contains([]) ? nil : (String(text[..<equals]), disks)
  }

  private mutating func addFolder(_ folder: [UInt8], in files: FileRoot, isNamed: Bool) {
    let all: [[UInt8]]
    do throws(FileRoot.Problem) {
      all = try files.contents(of: folder)
    } catch {
      // A host without libvirt has no such folder.
      if isNamed || error != .missing {
        fail("\(SafeText.show(folder)) cannot be read: \(error)", isNamed: isNamed, "its VMs have no rules")
      }
      return
    }
    let names = all.filter { $0.count > 4 && $0.suffix(4).elementsEqual(".xml".utf8) }
    for name in names.prefix(Self.mostVMs) {
      addXML(PathText.join(folder, name), in: files, isNamed: isNamed)
    }
    if names.count > Self.mostVMs { failures.append("\(SafeText.show(folder)) has more than \(Self.mostVMs) files") }
    if isNamed, names.isEmpty { failures.append("\(SafeText.show(folder)): no file in it ends in .xml") }
  }

  private mutating func addXML(_ path: [UInt8], in files: FileRoot, isNamed: Bool) {
    let name = SafeText.show(path)
    do {
      let bytes = try read(path, in: files)
      add(try LibvirtDomain.read(try XMLDocument.read(bytes), name: name, root: root), isNamed: isNamed)
    } catch let problem as XMLDocument.Problem {
      fail("\(name)\(problem.line.map { ":\($0)" } ?? ""): \(problem.message)", isNamed: isNamed)
    } catch let problem as LibvirtDomain.NoDomain {
      fail("\(name): \(problem.message)", isNamed: isNamed)
    } catch {
      fail("\(name) cannot be read: \(error)", isNamed: isNamed)
    }
  }

  private func read(_ path: [UInt8], in files: FileRoot) throws -> [UInt8] {
    let file = try files.resolve(path)
    // Opening a device may do something by itself.
    guard file.kind == .regular else { throw FileReadError.unreadable("it is a \(file.kind.rawValue)") }
    // Sizes of files that the kernel makes up are 0: they are read to their end.
    let place = files.systemPath(file)
    let text = String(decoding: place, as: UTF8.self)
    guard text.utf8.elementsEqual(place) else { throw FileReadError.unreadable("its name is not UTF-8") }
    return try SystemFileReader().read(text, limit: XMLDocument.longest)
  }

  private mutating func fail(_ text: String, isNamed: Bool, _ effect: String = "the VM has no rules") {
    if isNamed { failures.append(text) } else { notes.append("\(text): \(effect)") }
  }

  private mutating func add(_ vm: VMDescription, isNamed: Bool) {
    guard AccessPolicy.isVMName(Array(vm.name.utf8)) else {
      fail(
        "\(vm.source): '\(SafeText.show(vm.name))' is no name that a VM can have: expected 1 to 63 letters, digits, '.', '_' "
          + "or '-', beginning with a letter or a digit", isNamed: isNamed)
      return
    }
    if let other = sources.updateValue(vm.source, forKey: vm.name) {
      failures.append("\(vm.source): \(other) describes a VM \(vm.name), too")
      return
    }
    vms.append(vm)
  }

  /// The working folder of a process, when the path is that of its arguments.
  private func folder(of path: [UInt8]) -> [UInt8]? {
    let parts = path.split(separator: PathText.slash)
    guard parts.count == 3, parts[0].elementsEqual("proc".utf8), parts[2].elementsEqual("cmdline".utf8) else {
      return nil
    }
    return (try? files.resolve(PathText.folder(of: path) + Array("cwd".utf8)))?.path
  }
}

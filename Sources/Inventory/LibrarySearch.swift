// SPDX-License-Identifier: Apache-2.0

public import TrustPolicy

/// Finds the libraries that programs load, where the dynamic linker would find them (ld.so(8)).
///
/// DT_RPATH of the file and of those that need it (unless it has a DT_RUNPATH), DT_RUNPATH, the cache, the standard
/// folders. LD_LIBRARY_PATH and LD_PRELOAD are left out: what they bring in must be listed by a person.
public struct LibrarySearch: Sendable {
  /// What was found.
  public struct Result: Sendable {
    /// Resolved paths of all libraries and dynamic linkers, sorted.
    public var libraries: [[UInt8]] = []
    /// What is needed and was not found, and what could not be read.
    public var problems: [String] = []
  }

  private let root: FileRoot
  private let cache: LinkerCache
  private let cacheProblem: String?
  private let folders: [[UInt8]]

  /// Prepares a search in a file system.
  ///
  /// A cache that cannot be read is left out, and said so in every result.
  public init(_ root: FileRoot) {
    self.root = root
    var cache = LinkerCache()
    var problem: String?
    do {
      cache = try LinkerCache(try root.read(Array("/etc/ld.so.cache".utf8), limit: 64 << 20))
    } catch let error as LinkerCache.Problem {
      problem = error.description
    } catch {
      // Without a cache the folders are searched, as the linker does.
    }
    self.cache = cache
    cacheProblem = problem
    folders = Self.standardFolders(root)
  }

  /// One file on the way from a program to a library.
  private struct Link {
    let path: [UInt8]
    let file: ELFFile
    /// DT_RPATH folders of the files that led here, the nearest first.
    let inherited: [[UInt8]]
  }

  /// The libraries of some programs and plug-ins, which must be resolved paths.
  public func libraries(of programs: [[UInt8]]) -> Result {
    var result = Result(problems: cacheProblem.map { [$0] } ?? [])
    var seen: Set<[UInt8]> = Set(programs)
    var found: Set<[UInt8]> = []
    var waiting: [Link] = []
    for path in programs {
      guard let file = read(path, &result) else { continue }
      waiting.append(Link(path: path, file: file, inherited: []))
      guard let interpreter = file.interpreter else { continue }
      if let resolved = usable(interpreter, for: file) {
        found.insert(resolved)
      } else {
        result.problems.append("\(show(path)) needs \(show(interpreter)), which is not there")
      }
    }
    var index = 0
    while index < waiting.count {
      let link = waiting[index]
      index += 1
      for name in link.file.needed {
        let paths = find(name, for: link)
        if paths.isEmpty { result.problems.append("\(show(link.path)) needs \(show(name)), which was not found") }
        found.formUnion(paths)
        for path in paths where seen.insert(path).inserted {
          guard let file = read(path, &result) else { continue }
          let own = link.file.runpath.isEmpty ? expand(link.file.rpath, link) : []
          waiting.append(Link(path: path, file: file, inherited: own + link.inherited))
        }
      }
    }
    result.libraries = found.sorted { $0.lexicographicallyPrecedes($1) }
    return result
  }

  private func read(_ path: [UInt8], _ result: inout Result) -> ELFFile? {
    do {
      return try ELFFile(try FileRoot.Handle(root, try root.resolve(path)))
    } catch {
      result.problems.append("\(show(path)) cannot be read: \(error)")
      return nil
    }
  }

  /// All files that the linker may take for a name: one, but for variants of which the processor chooses.
  private func find(_ name: [UInt8], for link: Link) -> [[UInt8]] {
    if name.contains(UInt8(ascii: "/")) { return usable(name, for: link.file).map { [$0] } ?? [] }
    let own =
      link.file.runpath.isEmpty ? expand(link.file.rpath, link) + link.inherited : expand(link.file.runpath, link)
    if let path = first(name, in: own, for: link.file) { return [path] }
    var paths: [[UInt8]] = []
    for candidate in cache.candidates(for: name) {
      if let path = usable(candidate, for: link.file), !paths.contains(path) { paths.append(path) }
    }
    return paths.isEmpty ? first(name, in: folders, for: link.file).map { [$0] } ?? [] : paths
  }

  private func first(_ name: [UInt8], in folders: [[UInt8]], for file: ELFFile) -> [UInt8]? {
    for folder in folders {
      if let path = usable(folder + [UInt8(ascii: "/")] + name, for: file) { return path }
    }
    return nil
  }

  /// The resolved path, when a library of the same format and machine is there; others are passed over silently.
  private func usable(_ path: [UInt8], for file: ELFFile) -> [UInt8]? {
    guard path.first == UInt8(ascii: "/"), let resolved = try? root.resolve(path), resolved.kind == .regular,
      let handle = try? FileRoot.Handle(root, resolved), let library = try? ELFFile(handle),
      library.format == file.format, library.machine == file.machine
    else { return nil }
    return resolved.path
  }

  /// Replaces `$ORIGIN`; a folder with another variable, or a relative one, is left out.
  private func expand(_ folders: [[UInt8]], _ link: Link) -> [[UInt8]] {
    let slash = UInt8(ascii: "/")
    let origin = Array(link.path[..<(link.path.lastIndex(of: slash) ?? 0)])
    return folders.compactMap { folder in
      for name in ["$ORIGIN", "${ORIGIN}"] where folder.starts(with: name.utf8) {
        return origin + folder.dropFirst(name.utf8.count)
      }
      return folder.first == slash && !folder.contains(UInt8(ascii: "$")) ? folder : nil
    }
  }

  /// The folders of /etc/ld.so.conf and those that every linker knows.
  static func standardFolders(_ root: FileRoot) -> [[UInt8]] {
    var folders: [[UInt8]] = []
    configuration(root, Array("/etc/ld.so.conf".utf8), depth: 0, &folders)
    let known = ["/lib", "/usr/lib", "/lib64", "/usr/lib64"]
    let triplets = root.names(in: Array("/usr/lib".utf8)).filter {
      $0.reversed().starts(with: "-linux-gnu".utf8.reversed())
    }
    folders += triplets.flatMap { [Array("/lib/".utf8) + $0, Array("/usr/lib/".utf8) + $0] }
    return folders + known.map { Array($0.utf8) }
  }

  private static func configuration(_ root: FileRoot, _ path: [UInt8], depth: Int, _ folders: inout [[UInt8]]) {
    guard depth < 8, folders.count < 1024, let bytes = try? root.read(path, limit: 1 << 20) else { return }
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      let words = line.prefix { $0 != UInt8(ascii: "#") }
        .split {
          $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: ":")
        }
      guard let first = words.first else { continue }
      if first.elementsEqual("include".utf8), words.count == 2 {
        for file in matches(root, Array(words[1])) { configuration(root, file, depth: depth + 1, &folders) }
      } else {
        folders += words.filter { $0.first == UInt8(ascii: "/") }.map(Array.init)
      }
    }
  }

  /// The files of an include with one `*` in its last component, which is all that is in use.
  private static func matches(_ root: FileRoot, _ pattern: [UInt8]) -> [[UInt8]] {
    let slash = UInt8(ascii: "/")
    let absolute = pattern.first == slash ? pattern : Array("/etc/".utf8) + pattern
    guard let end = absolute.lastIndex(of: slash), let star = absolute[end...].firstIndex(of: UInt8(ascii: "*")) else {
      return [absolute]
    }
    let folder = Array(absolute[..<end])
    let (head, tail) = (absolute[(end + 1)..<star], absolute[(star + 1)...])
    return root.names(in: folder)
      .filter {
        $0.count >= head.count + tail.count && $0.starts(with: head) && $0.suffix(tail.count).elementsEqual(tail)
      }
      .map { folder + [slash] + $0 }
  }

  private func show(_ path: [UInt8]) -> String {
    (try? TrustPath(path))?.description ?? String(decoding: path, as: UTF8.self)
  }
}

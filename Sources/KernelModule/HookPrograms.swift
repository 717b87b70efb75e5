// SPDX-License-Identifier: Apache-2.0

internal import CBPF
internal import CKernelModule
internal import Glibc

/// The BPF programs that call the module from the LSM hooks, loaded and attached through libbpf.
///
/// libbpf's objects are not to be used from two threads; this owns them, and its log, for as long as it lives.
struct HookPrograms: ~Copyable {
  private let object: OpaquePointer
  private let log: LibraryLog

  /// Reads the object file and loads its programs into the kernel.
  ///
  /// - Parameter withAccess: Also those of the hooks that only rules of access need.
  init(path: String, withAccess: Bool) throws(KernelModuleError) {
    let log = LibraryLog()
    guard let object = bpf_object__open(path) else {
      throw Self.refusal(.openPrograms, errno, log, path)
    }
    Self.choose(object, withAccess: withAccess)
    // Linux 6.1 counts the programs against this limit; newer ones do not, so only a load that fails tells.
    let limit = moor_raise_memlock()
    let result = bpf_object__load(object)
    guard result == 0 else {
      let hint = limit == 0 ? "" : "\nRLIMIT_MEMLOCK could not be raised: \(SystemError(rawValue: -limit).name)"
      let error = Self.refusal(.loadPrograms, -result, log, path + hint)
      bpf_object__close(object)
      throw error
    }
    self.object = object
    self.log = log
  }

  deinit {
    bpf_object__close(object)
  }

  /// Leaves out the programs of hooks that nobody wants, or that this kernel has not.
  private static func choose(_ object: OpaquePointer, withAccess: Bool) {
    // Read once: libbpf_find_vmlinux_btf_id() reads the kernel's types, megabytes, for each hook anew.
    let types = withAccess ? btf__load_vmlinux_btf() : nil
    defer { btf__free(types) }
    var program = bpf_object__next_program(object, nil)
    while let current = program {
      // `lsm/HOOK`, or `lsm.s/HOOK` for one that sleeps.
      let section = String(cString: bpf_program__section_name(current))
      let hook = String(section.drop { $0 != "/" }.dropFirst())
      let isThere = !HookTable.later.contains(hook) || types.map { isFunction("bpf_lsm_\(hook)", in: $0) } ?? false
      bpf_program__set_autoload(current, HookTable.launch.contains(hook) || (withAccess && isThere))
      program = bpf_object__next_program(object, current)
    }
  }

  private static func isFunction(_ name: String, in types: OpaquePointer) -> Bool {
    btf__find_by_name_kind(types, name, moor_btf_function) > 0
  }

  /// Attaches every program that was loaded and hands each link over.
  ///
  /// - Parameters:
  ///   - cookie: What the links carry, so that the module knows them as this loader's.
  ///   - handOver: Gets the program's name and the link's descriptor; the module takes its own reference.
  /// - Returns: How many programs there are.
  func attach(
    cookie: UInt64, handOver: (String, Int32) throws(KernelModuleError) -> Void
  ) throws(KernelModuleError) -> Int {
    var count = 0
    var program = bpf_object__next_program(object, nil)
    while let current = program {
      defer { program = bpf_object__next_program(object, current) }
      guard bpf_program__autoload(current) else { continue }
      let name = String(cString: bpf_program__name(current))
      var options = bpf_trace_opts()
      options.sz = MemoryLayout<bpf_trace_opts>.size
      options.cookie = cookie
      // An LSM program goes through the same BPF_LINK_CREATE as a tracing one, and only this call takes a cookie.
      guard let link = bpf_program__attach_trace_opts(current, &options) else {
        throw Self.refusal(.linkProgram, errno, log, name)
      }
      // Our reference; the module's keeps the program attached.
      defer { bpf_link__destroy(link) }
      try handOver(name, bpf_link__fd(link))
      count += 1
    }
    return count
  }

  private static func refusal(
    _ operation: KernelOperation, _ error: Int32, _ log: LibraryLog, _ what: String
  ) -> KernelModuleError {
    // libbpf's own codes begin above every errno; all of them say that the object cannot be understood.
    let known = error < Int32(__LIBBPF_ERRNO__START.rawValue) ? error : EINVAL
    return .kernel(
      KernelRefusal(operation, SystemError(rawValue: known), detail: [what, log.text].joined(separator: "\n")))
  }
}

/// What libbpf says on this thread while this lives.
private final class LibraryLog {
  private static let room = 32 << 10
  private static let shown = 40
  private let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: LibraryLog.room)

  init() {
    moor_bpf_log_begin(buffer, Self.room)
  }

  deinit {
    _ = moor_bpf_log_end()
    buffer.deallocate()
  }

  /// The last lines, where the verifier gives its reason.
  var text: String {
    let lines = String(cString: buffer).split(separator: "\n")
    let left = lines.count - Self.shown
    return (left > 0 ? ["(\(left) lines left out)"] : []).joined() + lines.suffix(Self.shown).joined(separator: "\n")
  }
}

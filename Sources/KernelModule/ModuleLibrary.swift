// SPDX-License-Identifier: Apache-2.0

internal import CKmod
internal import Glibc

/// The calls into libkmod behind ``ModuleLoader``, so that tests can replay what a kernel answers.
package protocol ModuleLibrary: Sendable {
  /// Loads a module from a file: 0, or -errno.
  func insert(path: String, parameters: String) -> Int32
  /// Unloads a module: 0, or -errno.
  func remove(name: String) -> Int32
  /// Whether a module is in the kernel, at whatever stage.
  func isLoaded(name: String) -> Bool
}

/// libkmod. Its contexts are not to be shared between threads, so each call makes and drops its own.
struct Kmod: ModuleLibrary {
  func insert(path: String, parameters: String) -> Int32 {
    withModule({ kmod_module_new_from_path($0, path, &$1) }) { module in
      // For a file that is not compressed this is finit_module(2): the kernel reads the file itself.
      kmod_module_insert_module(module, 0, parameters)
    }
  }

  func remove(name: String) -> Int32 {
    withModule({ kmod_module_new_from_name($0, name, &$1) }) { module in
      kmod_module_remove_module(module, UInt32(KMOD_REMOVE_NOLOG.rawValue))
    }
  }

  func isLoaded(name: String) -> Bool {
    withModule({ kmod_module_new_from_name($0, name, &$1) }) { kmod_module_get_initstate($0) } >= 0
  }

  private func withModule(
    _ find: (OpaquePointer, inout OpaquePointer?) -> Int32, _ body: (OpaquePointer) -> Int32
  ) -> Int32 {
    // No configuration: aliases and options of modprobe.d must not change what is loaded.
    let noConfiguration: [UnsafePointer<CChar>?] = [nil]
    guard let context = noConfiguration.withUnsafeBufferPointer({ kmod_new(nil, $0.baseAddress) }) else {
      return -ENOMEM
    }
    defer { kmod_unref(context) }
    // libkmod's log would go to stderr; its answers say enough.
    kmod_set_log_priority(context, -1)
    var module: OpaquePointer?
    let result = find(context, &module)
    guard result >= 0, let module else { return result < 0 ? result : -ENOENT }
    defer { kmod_module_unref(module) }
    return body(module)
  }
}

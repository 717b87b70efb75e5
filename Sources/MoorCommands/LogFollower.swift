// SPDX-License-Identifier: Apache-2.0

internal import EventLog
internal import Glibc
internal import KernelModule

/// `moor log --follow`: shows records as they come, each on its line and each once.
struct LogFollower {
  private static let interval: UInt32 = 500_000
  let context: CommandContext
  /// How often to look; without end by default.
  var rounds = Int.max
  var pause: () -> Void = { usleep(LogFollower.interval) }

  func run() throws {
    var next: UInt64 = 0
    for round in 0..<rounds {
      if round > 0 { pause() }
      let snapshot: LogSnapshot
      do throws(KernelModuleError) {
        snapshot = try context.module.snapshot(from: next)
      } catch {
        if next > 0, error.systemError?.name == "ENOENT" {
          context.console.note("moor: the log ended: the module was unloaded")
        }
        throw error
      }
      if snapshot.recordCount < next {
        context.console.note("moor: the log restarted: the module was loaded anew")
        next = 0
        continue
      }
      for record in try MeasurementLog(snapshot.log, firstRecord: next).records {
        context.console.write(context.isJSON ? try JSON.line(record) : RecordText.line(record, context.style))
      }
      next = snapshot.recordCount
    }
  }
}

// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy

/// Observations of one domain that are decided together: a subtree.
struct ReviewGroup {
  let reviewClass: ReviewClass
  /// What tells it from other groups of its class.
  let key: String
  var observations: [Observation]

  /// Sorts observations into groups, in the order of classes, then of keys.
  static func groups(_ observations: [Observation]) -> [ReviewGroup] {
    var groups: [ReviewGroup] = []
    var places: [String: Int] = [:]
    for observation in observations {
      let (reviewClass, key) = place(of: observation)
      let name = "\(reviewClass.rawValue):\(key)"
      if let place = places[name] {
        groups[place].observations.append(observation)
      } else {
        places[name] = groups.count
        groups.append(ReviewGroup(reviewClass: reviewClass, key: key, observations: [observation]))
      }
    }
    for index in groups.indices {
      groups[index].observations.sort { $0.item.object < $1.item.object }
    }
    return groups.sorted { one, other in
      let order = ReviewClass.allCases
      let (left, right) = (order.firstIndex(of: one.reviewClass) ?? 0, order.firstIndex(of: other.reviewClass) ?? 0)
      return (left, one.key) < (right, other.key)
    }
  }

  private static let systemFolders = ["/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc", "/proc", "/sys", "/dev"]
  private static let blockDevices = [
    "/dev/dm-", "/dev/sd", "/dev/vd", "/dev/xvd", "/dev/nvme", "/dev/mapper/", "/dev/loop", "/dev/nbd", "/dev/zd",
    "/dev/md", "/dev/rbd",
  ]

  private static func place(of observation: Observation) -> (ReviewClass, String) {
    guard let pattern = observation.pattern, let path = observation.paths.first else {
      return switch observation.object {
      case .anonymous: (.anonymous, "kinds")
      case .statement(_, let reviewClass): (reviewClass, "words")
      case .path, .other: (.other, "seen")
      }
    }
    let permissions = observation.permissions
    let folder = ReviewID.part(PathBytes.folder(of: path))
    if permissions.contains(.execute) { return (.program, ReviewID.part(path)) }
    if !permissions.isDisjoint(with: [.deviceRead, .deviceWrite]) || !observation.commands.isEmpty {
      let isBlock = blockDevices.contains { path.starts(with: $0.utf8) }
      return isBlock && pattern.literal != nil ? (.object, folder) : (.device, ReviewID.part(Array(pattern.word.utf8)))
    }
    let isSocket = !permissions.isDisjoint(with: [.unixListen, .unixConnect])
    if pattern.literal == nil {
      if isSocket || !permissions.isDisjoint(with: .changes) { return (.temporary, "one-off") }
      return PathBytes.isBelow(path, systemFolders) ? (.system, top(path)) : (.temporary, "one-off")
    }
    if isSocket { return (.socket, folder) }
    if observation.isOwn || !permissions.isDisjoint(with: .changes) { return (.object, folder) }
    return PathBytes.isBelow(path, systemFolders) ? (.system, top(path)) : (.image, folder)
  }

  private static func top(_ path: [UInt8]) -> String {
    "/" + (PathBytes.components(path).first.map { ReviewID.part($0) } ?? "")
  }
}

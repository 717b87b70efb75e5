// SPDX-License-Identifier: Apache-2.0

/// A person's way through the decisions: forwards, back by undo, and on another day.
public struct ReviewSession: Sendable {
  /// What is decided.
  public let plan: ReviewPlan
  /// The choice made for each decision that has one, by its name.
  public private(set) var answers: [String: String] = [:]
  private var history: [(decision: String, before: String?)] = []

  /// Begins with no answer.
  public init(_ plan: ReviewPlan) { self.plan = plan }

  /// The decision that is next, when one is left.
  public var current: ReviewDecision? {
    plan.decisions.first { answers[$0.id] == nil && isOpen($0) }
  }

  /// The place of a decision, from 1.
  public func number(of decision: ReviewDecision) -> Int {
    (plan.decisions.firstIndex { $0.id == decision.id } ?? 0) + 1
  }

  /// Whether it has to be asked: what a helper may do is of no interest when it may not be started.
  private func isOpen(_ decision: ReviewDecision) -> Bool {
    guard let needs = decision.needs else { return true }
    return answers[needs] == ReviewChoice(.accept, []).id
  }

  /// Answers a decision.
  ///
  /// - Returns: false when there is no such decision, or the choice is not offered; nothing is changed then.
  @discardableResult
  public mutating func answer(_ decision: String, _ choice: String) -> Bool {
    guard plan.decision(decision)?.choice(choice) != nil else { return false }
    history.append((decision, answers[decision]))
    answers[decision] = choice
    return true
  }

  /// Takes the last answer back.
  ///
  /// - Returns: the decision that is asked again; nil when there is nothing to take back.
  @discardableResult
  public mutating func undo() -> ReviewDecision? {
    guard let last = history.popLast() else { return nil }
    answers[last.decision] = last.before
    return plan.decision(last.decision)
  }

  /// Takes up answers of another day, as far as they were given to the same questions.
  ///
  /// - Returns: the names of decisions whose question has changed since, and which are asked again.
  public mutating func resume(_ saved: [ReviewAnswer]) -> [String] {
    var changed: [String] = []
    for answer in saved {
      guard let decision = plan.decision(answer.id) else { continue }
      if answer.digest == decision.digest, decision.choice(answer.choice) != nil {
        answers[answer.id] = answer.choice
      } else {
        changed.append(answer.id)
      }
    }
    return changed
  }

  /// All answers, in the order of the decisions: what is kept, and what a decisions file says.
  public var saved: [ReviewAnswer] {
    plan.decisions.compactMap { decision in
      answers[decision.id].map { ReviewAnswer(id: decision.id, choice: $0, digest: decision.digest) }
    }
  }
}

/// An answer as decisions files have it.
public struct ReviewAnswer: Sendable, Hashable, Encodable {
  /// The decision.
  public let id: String
  /// The choice.
  public let choice: String
  /// What the decision's ``ReviewDecision/digest`` was; nil when the person does not say.
  public let digest: String?
}

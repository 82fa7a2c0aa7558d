// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
import KubeCore

/// What is known of one step of a run, from Jobs and pods or from child processes.
package struct StepObservation: Sendable, Equatable {
    /// What the latest attempt does.
    package var state: State
    /// Name of the latest attempt's Job; nil before the first.
    package var job: String?
    /// How often the step was tried.
    package var attempts: Int
    /// When the first attempt started.
    package var startTime: Date?
    /// When the latest attempt ended.
    package var completionTime: Date?
    /// The image that runs or ran, by its digest; nil where that is not known.
    package var image: String?
    /// What its result depends on, as a digest.
    package var cacheKey: String?
    /// What the worker said last, while it works.
    package var progress: StepProgress?
    /// The run whose result was taken.
    package var cachedFrom: String?

    /// What an attempt does.
    package enum State: Sendable, Equatable {
        /// There is none yet.
        case absent
        /// It runs, or is about to.
        case running
        /// It cannot start; somebody may have to act.
        case waiting(StepFailure)
        /// It ended well.
        case succeeded(StepResult)
        /// It ended badly; another attempt may help or not.
        case failed(StepFailure, isRetryable: Bool)
    }

    /// Makes an observation.
    package init(
        state: State,
        job: String? = nil,
        attempts: Int = 0,
        startTime: Date? = nil,
        completionTime: Date? = nil
    ) {
        self.state = state
        self.job = job
        self.attempts = attempts
        self.startTime = startTime
        self.completionTime = completionTime
    }

    /// Why the steps that follow are left out; nil where they are not.
    var skip: StepFailure? {
        guard case .succeeded(let result) = state, result.skipped == true else { return nil }
        return result.dataChecks?.objection ?? StepFailure(reason: .dataInvalid, message: "the data was refused")
    }

    /// What the step found out about the data.
    var dataConditions: [Condition] {
        switch state {
        case .succeeded(let result):
            return (result.dataChecks?.conditions ?? []).map { type, finding in
                Condition(type, finding.holds ? .yes : .no, reason: finding.reason, message: finding.message)
            }
        case .failed(let failure, _):
            // Of a step that failed just the failure is known.
            switch failure.reason {
            case .dataStale: return [Condition(ConditionType.dataFresh, .no, failure)]
            case .dataInvalid: return [Condition(ConditionType.dataValid, .no, failure)]
            default: return []
            }
        case .absent, .running, .waiting: return []
        }
    }

    /// The observation of a step that nobody has started.
    package static let none = StepObservation(state: .absent)
}

extension Condition {
    fileprivate init(_ type: String, _ status: Status, _ failure: StepFailure) {
        self.init(type, status, reason: failure.reason.rawValue, message: failure.message)
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
import KubeCore

/// What a worker says when a step ends. It is the termination message of the pod, so it stays within 4096 bytes.
package struct StepResult: Codable, Sendable, Equatable {
    /// The version of the contract that the result was written in.
    package var schemaVersion: Int
    /// Name of the step.
    package var step: String
    /// Why the step failed; nil when it succeeded.
    package var failure: StepFailure?
    /// The data, after `prepare`.
    package var dataset: DatasetStatus?
    /// What the checks of the data found, after `prepare`.
    package var dataChecks: DataCheckResult?
    /// Whether nothing is trained on the data, because of the checks' objection; the steps that follow are left out.
    package var skipped: Bool?
    /// What came of a training in epochs, after `train`.
    package var training: TrainingStatus?
    /// Errors of the model, after `evaluate`.
    package var metrics: ModelMetrics?
    /// The windows and the baselines on them, after `evaluate`.
    package var backtest: BacktestStatus?
    /// The registered version, after `publish`.
    package var model: ModelStatus?

    /// What was found, after `monitor`.
    package var monitoring: MonitorResult?

    /// Kubernetes cuts termination messages at this many bytes.
    package static let maximumBytes = 4096

    /// Makes the result of a step that has not failed so far.
    package init(step: String) {
        schemaVersion = StepRequest.currentSchemaVersion
        self.step = step
    }

    /// The result as JSON within `maximumBytes`; where it must be, the oldest of the latest windows are left out, then the
    /// last of the series that are named, and then a failure's message is shortened.
    package func encoded() throws -> Data {
        var whole = self
        var data = try KubeJSON.encoder().encode(whole)
        while data.count > Self.maximumBytes, whole.leaveOut() { data = try KubeJSON.encoder().encode(whole) }
        guard data.count > Self.maximumBytes, let failure else { return data }
        // A scalar becomes one to six bytes of JSON, so the longest prefix that fits is searched for, not computed.
        let scalars = failure.message.unicodeScalars
        func encoded(keeping count: Int) throws -> Data {
            var shortened = whole
            let kept = String(String.UnicodeScalarView(scalars.prefix(count)))
            shortened.failure = StepFailure(reason: failure.reason, message: kept + "…")
            return try KubeJSON.encoder().encode(shortened)
        }
        var fits = 0
        var tooLong = min(scalars.count, Self.maximumBytes)
        while fits + 1 < tooLong {
            let middle = (fits + tooLong) / 2
            if try encoded(keeping: middle).count <= Self.maximumBytes { fits = middle } else { tooLong = middle }
        }
        return try encoded(keeping: fits)
    }

    /// Leaves out a fact that can be spared; false where none is left.
    private mutating func leaveOut() -> Bool {
        if backtest?.recent.isEmpty == false {
            backtest?.recent.removeFirst()
        } else if backtest?.series?.worst.isEmpty == false {
            backtest?.series?.worst.removeLast()
        } else if dataset?.skippedSeries?.first.isEmpty == false {
            dataset?.skippedSeries?.first.removeLast()
        } else if let place = backtest?.baselines.firstIndex(where: { $0.missingSeries?.first.isEmpty == false }) {
            backtest?.baselines[place].missingSeries?.first.removeLast()
        } else if monitoring?.worstSeries?.isEmpty == false {
            monitoring?.worstSeries?.removeLast()
        } else {
            return false
        }
        return true
    }

    /// Reads a termination message; nil when it is not one of ours, for instance the tail of a log.
    package static func decode(_ text: String) -> StepResult? {
        try? KubeJSON.decoder().decode(StepResult.self, from: Data(text.utf8))
    }
}

/// Why a step failed.
package struct StepFailure: Codable, Sendable, Equatable {
    /// One word.
    package var reason: Reason
    /// A sentence that names the line, column, URL or file, and what to do.
    package var message: String

    /// Makes a failure.
    package init(reason: Reason, message: String) {
        self.reason = reason
        self.message = message
    }
}

/// Exit codes of the worker, those of sysexits.h where one fits.
package enum WorkerExitCode: Int32, Sendable, CaseIterable {
    /// All done.
    case success = 0
    /// The data cannot be used; trying again changes nothing.
    case badData = 65
    /// A source or store did not answer; trying again may help.
    case unreachable = 69
    /// A bug of the worker.
    case internalError = 70
    /// Something passing; trying again may help.
    case tryAgain = 75
    /// The request contradicts itself; trying again changes nothing.
    case badSpecification = 78

    /// Whether the same request may succeed later.
    package var isRetryable: Bool {
        switch self {
        case .unreachable, .tryAgain: true
        case .success, .badData, .internalError, .badSpecification: false
        }
    }
}

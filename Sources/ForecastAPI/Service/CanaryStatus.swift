// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// A canary that is under way. What pods are told follows from it, so that an operator which is stopped anywhere and
/// started again goes on where it was.
package struct CanaryStatus: Codable, Sendable, Equatable {
    /// The version on trial.
    package var version: String
    /// The version that answers all other requests.
    package var stable: String
    /// The step, from 1.
    package var step: Int
    /// The share of requests that the version gets in this step.
    package var trafficPercent: Double
    /// When the first step began.
    package var startTime: Date
    /// Since when all pods have taken up this step; nil as long as some have not.
    package var since: Date?
    /// What the requests of this step say so far; nil where nothing is compared, or not yet.
    package var analysis: CanaryAnalysisStatus?

    /// Makes a canary at its first step.
    package init(version: String, stable: String, trafficPercent: Double, startTime: Date) {
        self.version = version
        self.stable = stable
        step = 1
        self.trafficPercent = trafficPercent
        self.startTime = startTime
    }
}

/// What the requests of a step say of a canary.
package struct CanaryAnalysisStatus: Codable, Sendable, Equatable {
    /// What an analysis may come to.
    package enum Outcome: String, Codable, Sendable, CaseIterable {
        /// All limits are kept.
        case passed = "Passed"
        /// A limit is exceeded, and the version before it does better.
        case failed = "Failed"
        /// There are too few requests to tell, or both versions exceed a limit.
        case inconclusive = "Inconclusive"
    }

    /// What it comes to.
    package var outcome: Outcome
    /// The same in a sentence, with the numbers.
    package var message: String
    /// When the numbers were counted.
    package var time: Date
    /// The version on trial.
    package var canary: VersionTrafficStatus
    /// The version before it, over the same time.
    package var stable: VersionTrafficStatus

    /// Makes an analysis.
    package init(
        outcome: Outcome,
        message: String,
        time: Date,
        canary: VersionTrafficStatus,
        stable: VersionTrafficStatus
    ) {
        self.outcome = outcome
        self.message = message
        self.time = time
        self.canary = canary
        self.stable = stable
    }
}

/// What a version answered in a step, over all pods.
package struct VersionTrafficStatus: Codable, Sendable, Equatable {
    /// Requests.
    package var requests: Int
    /// The share of them that failed through no fault of their client, 0 to 100; nil without requests.
    package var errorPercent: Double?
    /// The time within which 99 of 100 were answered, up to the reports' largest bound; nil without requests.
    package var p99Milliseconds: Double?

    /// Makes a count.
    package init(requests: Int, errorPercent: Double? = nil, p99Milliseconds: Double? = nil) {
        self.requests = requests
        self.errorPercent = errorPercent
        self.p99Milliseconds = p99Milliseconds
    }
}

/// A canary that has ended.
package struct CanaryResultStatus: Codable, Sendable, Equatable {
    /// How a canary may end.
    package enum Result: String, Codable, Sendable, CaseIterable {
        /// The version took over.
        case promoted = "Promoted"
        /// The version failed, and the one before it answers everything again.
        case rolledBack = "RolledBack"
        /// A person ended it, and the version before it answers everything again.
        case aborted = "Aborted"
        /// Another version was wanted before it came to an end.
        case superseded = "Superseded"
    }

    /// The version that was on trial.
    package var version: String
    /// The version before it.
    package var stable: String
    /// How it ended.
    package var result: Result
    /// The step in which it ended, from 1.
    package var step: Int
    /// When it ended.
    package var completionTime: Date
    /// Why, in a sentence with the numbers.
    package var message: String
    /// The last analysis; nil where there was none.
    package var analysis: CanaryAnalysisStatus?
    /// The digest of the parts of the specification that a new trial of this version depends on.
    package var observedCanary: String

    /// Makes the end of a canary.
    package init(
        _ canary: CanaryStatus,
        result: Result,
        message: String,
        observedCanary: String,
        completionTime: Date
    ) {
        version = canary.version
        stable = canary.stable
        self.result = result
        step = canary.step
        self.completionTime = completionTime
        self.message = message
        analysis = canary.analysis
        self.observedCanary = observedCanary
    }

    /// Whether the version before it has to go on answering everything.
    package var refuses: Bool { result == .rolledBack || result == .aborted }
}

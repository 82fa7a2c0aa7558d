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
    /// How far the forecasts of both versions in this step are from what came true; nil where that is not compared, or not
    /// yet.
    package var errors: CanaryErrorsStatus?

    /// Makes a canary at its first step.
    package init(version: String, stable: String, trafficPercent: Double, startTime: Date) {
        self.version = version
        self.stable = stable
        step = 1
        self.trafficPercent = trafficPercent
        self.startTime = startTime
    }
}

/// The errors of a version on trial and of the version before it, on the same timestamps from the same histories.
package struct CanaryErrorsStatus: Codable, Sendable, Equatable {
    /// When they were compared.
    package var time: Date
    /// Forecast values of each version that were compared.
    package var values: Int
    /// The mean absolute error of the version on trial, in the units of the data; nil where nothing could be compared.
    package var canaryMAE: Double?
    /// That of the version before it.
    package var stableMAE: Double?

    /// What a monitor found about two versions; no values where it found nothing, or speaks of others.
    package init(_ comparison: MonitorResult.Comparison?, canary: String, stable: String, time: Date) {
        self.time = time
        values = 0
        guard let comparison, comparison.canary.version == canary, comparison.stable.version == stable else { return }
        values = max(0, min(comparison.canary.errors.values, comparison.stable.errors.values))
        canaryMAE = comparison.canary.errors.mae
        stableMAE = comparison.stable.errors.mae
    }

    /// By how many percent the canary's error exceeds the other: below 0 where it is smaller, infinite where the other is
    /// zero; nil where either is not known, or no error.
    package var increasePercent: Double? {
        guard let canaryMAE, let stableMAE, canaryMAE >= 0, stableMAE >= 0, canaryMAE.isFinite, stableMAE.isFinite
        else { return nil }
        guard canaryMAE != stableMAE else { return 0 }
        return stableMAE == 0 ? .infinity : 100 * (canaryMAE / stableMAE - 1)
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

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// How a new version takes over: step by step, with a growing share of the requests that name no version.
package struct CanarySpec: Codable, Sendable, Equatable {
    /// One step.
    package struct Step: Codable, Sendable, Equatable {
        /// The new version's share of the requests, above 0 to 100.
        package var trafficPercent: Double
        /// How long the step lasts at least, 1 second to 7 days, counted from when all pods have taken it up.
        package var holdSeconds: Int

        /// Makes a step.
        package init(trafficPercent: Double, holdSeconds: Int) {
            self.trafficPercent = trafficPercent
            self.holdSeconds = holdSeconds
        }
    }

    /// What the new version must not exceed; each limit counts only where the version before it keeps to more.
    package struct Analysis: Codable, Sendable, Equatable {
        /// The share of requests that may fail through no fault of their client, 0 to 100; nil for no limit.
        package var maxErrorPercent: Double?
        /// The time within which 99 of 100 requests are answered, above 0; nil for no limit.
        package var maxP99Milliseconds: Double?
        /// Requests that the new version must have answered in a step before those two are judged, 1 to 1,000,000.
        /// Default 100.
        package var minRequests: Int?
        /// By how many percent the new version's mean absolute error may exceed that of the version before it, on the
        /// same timestamps, 0 to 10,000; nil for no limit. It needs `spec.monitoring`.
        package var maxErrorIncreasePercent: Double?
        /// Forecast values that must have come true of both versions in a step before that is judged, 1 to 1,000,000,000.
        /// Default 100.
        package var minValues: Int?

        /// The default of `minRequests`.
        package static let defaultMinRequests = 100
        /// The default of `minValues`.
        package static let defaultMinValues = 100

        /// Whether there is a limit on what requests themselves say.
        package var judgesRequests: Bool { maxErrorPercent != nil || maxP99Milliseconds != nil }

        /// Makes limits.
        package init(
            maxErrorPercent: Double? = nil,
            maxP99Milliseconds: Double? = nil,
            minRequests: Int? = nil,
            maxErrorIncreasePercent: Double? = nil,
            minValues: Int? = nil
        ) {
            self.maxErrorPercent = maxErrorPercent
            self.maxP99Milliseconds = maxP99Milliseconds
            self.minRequests = minRequests
            self.maxErrorIncreasePercent = maxErrorIncreasePercent
            self.minValues = minValues
        }
    }

    /// A person's decision about one version, which goes before all analysis.
    package struct Decision: Codable, Sendable, Equatable {
        /// What a person may decide.
        package enum Action: String, Codable, Sendable, CaseIterable {
            /// The version takes over at once.
            case promote = "Promote"
            /// The version before it answers everything again.
            case abort = "Abort"
        }

        /// The version; a decision about any other one does nothing.
        package var version: String
        /// What becomes of it.
        package var action: Action

        /// Makes a decision.
        package init(version: String, action: Action) {
            self.version = version
            self.action = action
        }
    }

    /// The steps, 1 to `maximumSteps`, with growing shares; after the last one the version takes over.
    package var steps: [Step]
    /// A header whose value decides in place of the count, so that a client stays with one version; nil for none.
    package var stickyHeader: String?
    /// What is compared; nil for steps by the clock alone.
    package var analysis: Analysis?
    /// What a person decided; nil to leave it to steps and analysis.
    package var decision: Decision?

    /// The most steps.
    package static let maximumSteps = 20
    /// The longest hold of a step, in seconds.
    package static let maximumHoldSeconds = 7 * 86_400

    /// Makes a canary.
    package init(
        steps: [Step],
        stickyHeader: String? = nil,
        analysis: Analysis? = nil,
        decision: Decision? = nil
    ) {
        self.steps = steps
        self.stickyHeader = stickyHeader
        self.analysis = analysis
        self.decision = decision
    }

    /// The canary with each default filled in.
    package func withDefaults() -> Self {
        var filled = self
        if let analysis {
            filled.analysis?.minRequests = analysis.minRequests ?? Analysis.defaultMinRequests
            filled.analysis?.minValues = analysis.minValues ?? Analysis.defaultMinValues
        }
        return filled
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What a serving process says of itself at `/almanac/v1/report` on its port for the operator.
package struct ServingReport: Codable, Sendable, Equatable {
    /// The path of the report.
    package static let path = "/almanac/v1/report"
    /// The port, beside that for clients: reports, metrics and health without TLS and keys. It is in no Service.
    package static let port: Int32 = 8081

    /// What a version is to the requests.
    package enum Role: String, Codable, Sendable, CaseIterable {
        /// It answers requests that name no version.
        case stable = "Stable"
        /// It answers a share of them.
        case canary = "Canary"
        /// It answers those that name it.
        case other = "Other"
    }

    /// How far a version is.
    package enum State: String, Codable, Sendable, CaseIterable {
        /// It is being fetched, verified and tried.
        case loading = "Loading"
        /// A forecast from the example in its artifact has succeeded in this process.
        case ready = "Ready"
        /// It cannot be served; the report says why.
        case failed = "Failed"
    }

    /// Requests that a version has answered since the configuration of this revision was taken up.
    package struct Traffic: Codable, Sendable, Equatable {
        /// The upper bounds of the buckets of `latency`, in seconds; one more bucket has none.
        package static let latencyBounds: [Double] = [
            0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
        ]

        /// All that were answered, or given up at the time limit.
        package var requests: Int
        /// Those among them that failed through no fault of their client: codes 500 and above.
        package var failures: Int
        /// How many took how long: the count of each bucket by itself, one more than `latencyBounds`.
        package var latency: [Int]

        /// Makes a count.
        package init(
            requests: Int = 0,
            failures: Int = 0,
            latency: [Int] = Array(repeating: 0, count: Self.latencyBounds.count + 1)
        ) {
            self.requests = requests
            self.failures = failures
            self.latency = latency
        }
    }

    /// A version in this process.
    package struct Version: Codable, Sendable, Equatable {
        /// The version.
        package var version: String
        /// What it is to the requests.
        package var role: Role
        /// How far it is.
        package var state: State
        /// Why it failed: the reason and message that a step would end with.
        package var failure: StepFailure?
        /// What it has answered.
        package var traffic: Traffic

        /// Makes a version's report.
        package init(
            version: String,
            role: Role,
            state: State,
            failure: StepFailure? = nil,
            traffic: Traffic = Traffic()
        ) {
            self.version = version
            self.role = role
            self.state = state
            self.failure = failure
            self.traffic = traffic
        }
    }

    /// What is wrong with letting clients in, whatever is loaded.
    package struct AccessProblem: Codable, Sendable, Equatable {
        /// One word.
        package var reason: Reason
        /// A sentence that names the file, the URL or the right, and what to do.
        package var message: String
        /// Whether clients are kept out by it.
        package var keepsClientsOut: Bool

        /// Makes a problem.
        package init(_ reason: Reason, _ message: String, keepsClientsOut: Bool) {
            self.reason = reason
            self.message = message
            self.keepsClientsOut = keepsClientsOut
        }
    }

    /// The revision of the configuration that answers requests now; empty before the first one does.
    package var revision: String
    /// Why a newer configuration is not taken up; nil where there is none, or it is still being loaded.
    package var problem: StepFailure?
    /// Whether requests are welcome: a forecast of the stable version has succeeded, and the process is not about to stop.
    package var isReady: Bool
    /// What is wrong with letting clients in: certificates and who may ask; nil for nothing.
    package var access: [AccessProblem]?
    /// Why the store did not take the latest forecasts that were to be remembered; nil where it did, or none were to be.
    package var memory: StepFailure?
    /// The versions of the configuration, the stable one first.
    package var versions: [Version]

    /// Makes a report.
    package init(revision: String, problem: StepFailure? = nil, isReady: Bool, versions: [Version]) {
        self.revision = revision
        self.problem = problem
        self.isReady = isReady
        self.versions = versions
    }
}

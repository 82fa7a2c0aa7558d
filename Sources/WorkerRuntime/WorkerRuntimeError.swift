// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import ForecastAPI

/// What can go wrong with what a worker's process is given, beyond the faults of data, models and stores, which other modules
/// name.
package enum WorkerRuntimeError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A Secret that the specification names is not there, or lacks a key.
    case secretNotFound(field: String, problem: String)
    /// The specification says of a server what cannot be so.
    case invalidServer(field: String, problem: String)
    /// A signal asked the process to stop.
    case stopped

    package var description: String {
        switch self {
        case .secretNotFound(let field, let problem): "\(field): \(problem)"
        case .invalidServer(let field, let problem): "\(field).\(problem)"
        case .stopped: "the worker was asked to stop before it was done; trying again may help"
        }
    }
}

extension WorkerRuntimeError: ReportedError {
    package var ending: (reason: Reason, exitCode: WorkerExitCode) {
        switch self {
        // People apply a pipeline and its Secret at once; a later attempt's pod gets what is there by then.
        case .secretNotFound: (.secretNotFound, .tryAgain)
        case .invalidServer: (.invalidSpec, .badSpecification)
        case .stopped: (.workerFailed, .tryAgain)
        }
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import WorkerRuntime

/// What can go wrong in a step beyond the faults of data, models and stores, which other modules name.
enum WorkerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file of the request cannot be read or understood.
    case unusableRequest(path: String, reason: String)
    /// The request was written in a version of the contract that this program does not know.
    case unknownSchema(version: Int, known: Int)
    /// The specification contradicts itself.
    case invalidSpec(problems: String)
    /// The file of weights to import cannot be read.
    case unreadableWeights(path: String, reason: String)
    /// A check of the data does not hold, and the specification wants the run to fail then.
    case dataRefused(StepFailure)
    /// Some of several series have too few rows; the first ones by name, and what the first of them lacks.
    case shortSeries(count: Int, of: Int, named: [String], reason: String)

    var description: String {
        switch self {
        case .unusableRequest(let path, let reason): "the request \(path) cannot be used: \(reason)"
        case .unknownSchema(let version, let known):
            "the request has schemaVersion \(version), this worker knows \(known); use the same version of operator and worker"
        case .invalidSpec(let problems): problems
        case .unreadableWeights(let path, let reason): "the weights \(path) cannot be read: \(reason)"
        case .dataRefused(let objection): objection.message
        case .shortSeries(let count, let total, let named, let reason):
            "\(count) of \(total) series \(count == 1 ? "has" : "have") too few rows: "
                + named.joined(separator: ", ") + (count > named.count ? ", …" : "") + "; of the first one \(reason)"
                + (count < total ? "; or set spec.series.shortSeries to Skip, which leaves such series out" : "")
        }
    }
}

extension WorkerError: ReportedError {
    var ending: (reason: Reason, exitCode: WorkerExitCode) {
        switch self {
        case .unusableRequest, .unknownSchema, .invalidSpec, .unreadableWeights: (.invalidSpec, .badSpecification)
        case .dataRefused(let objection): (objection.reason, .badData)
        case .shortSeries: (.badData, .badData)
        }
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import KubeClient

/// What stops the program, with the exit status that says so to a script.
enum CLIError: Error, Equatable, CustomStringConvertible {
    /// The pipeline file cannot be read.
    case unreadableFile(path: String, reason: String)
    /// The pipeline file is not what it should be; one problem a line.
    case badFile(path: String, problems: [FileProblem])
    /// One field cannot be decoded; `PipelineFile` collects these.
    case badField(FileProblem)
    /// There is no worker to run.
    case workerNotFound(path: String)
    /// A child process could not be started.
    case cannotStart(path: String, reason: String)
    /// The store's folder cannot be read or written.
    case storeFailed(path: String, reason: String)
    /// Another `almanac run` works on the same pipeline in the same store.
    case alreadyRunning(pipeline: String)
    /// No version has been promoted, so there is nothing to serve.
    case nothingToServe(pipeline: String)
    /// `--series` names no series of the run's forecast; `known` are those that there are, none where data is not grouped.
    case seriesNotFound(name: String, known: [String])
    /// The service did not get ready, or its answer is not a forecast.
    case serviceFailed(reason: String)
    /// There is no kubeconfig, or it cannot be used.
    case noCluster(reason: String)
    /// The cluster has no resource types of ours.
    case notInstalled(server: String)
    /// The cluster knows who asks and does not allow it.
    case forbidden(reason: String, namespace: String)
    /// The cluster does not know who asks.
    case unauthorized(reason: String)
    /// The cluster did not do what it was asked.
    case clusterFailed(reason: String)
    /// There is no such run; `others` are those that there are, the newest first.
    case runNotFound(name: String, namespace: String, others: [String])
    /// A run has nothing that could be compared or repeated.
    case emptyRun(name: String, reason: String)
    /// A clone would be refused for what it changes.
    case badOverrides([SpecProblem])

    /// What becomes of a cluster's refusal.
    static func refused(_ error: KubeError, namespace: String) -> CLIError {
        if error.isUnauthorized { return .unauthorized(reason: "\(error)") }
        return error.isForbidden
            ? .forbidden(reason: "\(error)", namespace: namespace) : .clusterFailed(reason: "\(error)")
    }

    /// The exit status, from sysexits.h where one fits.
    var exitStatus: Int32 {
        switch self {
        case .unreadableFile, .runNotFound, .seriesNotFound: 66
        case .badFile, .badField, .nothingToServe, .noCluster, .notInstalled, .badOverrides: 78
        case .workerNotFound, .cannotStart, .serviceFailed: 70
        case .storeFailed, .clusterFailed: 69
        case .alreadyRunning, .emptyRun: 75
        case .forbidden, .unauthorized: 77
        }
    }

    var description: String {
        switch self {
        case .unreadableFile(let path, let reason): "cannot read \(path): \(reason)"
        case .badFile(let path, let problems): problems.map { $0.text(in: path) }.joined(separator: "\n")
        case .badField(let problem): problem.text(in: "the pipeline")
        case .workerNotFound(let path):
            "there is no program \(path); build the product almanac-worker or name one with --worker"
        case .cannotStart(let path, let reason): "cannot start \(path): \(reason)"
        case .storeFailed(let path, let reason): "cannot use the store at \(path): \(reason)"
        case .alreadyRunning(let pipeline): "another 'almanac run' of \(pipeline) is at work in this store"
        case .nothingToServe(let pipeline): "no version of \(pipeline) has been promoted, so there is nothing to serve"
        case .seriesNotFound(let name, let known): Self.notFound(series: name, known)
        case .serviceFailed(let reason): "the service failed: \(reason)"
        case .noCluster(let reason):
            "no cluster: \(reason); --kubeconfig, KUBECONFIG and --context choose one ('almanac run' needs none)"
        case .notInstalled(let server):
            "\(server) has no ForecastRuns: install Almanac there ('make deploy'), or choose another --context"
        case .forbidden(let reason, let namespace):
            "\(reason); ask for the role almanac-view, or almanac-edit, in namespace \(namespace)"
        case .unauthorized(let reason): "\(reason); the kubeconfig's credentials are not accepted: log in again"
        case .clusterFailed(let reason): reason
        case .runNotFound(let name, let namespace, let others): Self.notFound(name, namespace, others)
        case .emptyRun(let name, let reason): "run \(name) \(reason)"
        case .badOverrides(let problems): problems.map(\.description).joined(separator: "\n")
        }
    }
}

extension CLIError {
    private static func notFound(series name: String, _ known: [String]) -> String {
        guard !known.isEmpty else { return "--series '\(name)' names none: spec.series.groupBy is not set" }
        let more = known.count > 5 ? "; …" : ""
        return "there is no series '\(name)'; the \(known.count) that there are: "
            + known.prefix(5).joined(separator: "; ") + more
    }

    private static func notFound(_ name: String, _ namespace: String, _ others: [String]) -> String {
        let missing = "there is no run '\(name)' in namespace \(namespace)"
        if let near = NearestName.of(name, among: others) { return "\(missing); did you mean '\(near)'?" }
        guard !others.isEmpty else { return "\(missing), and no other run; -n names another namespace" }
        let more = others.count > 5 ? ", …" : ""
        return "\(missing); there are \(others.prefix(5).joined(separator: ", "))\(more)"
    }
}

/// One thing wrong with a pipeline file.
struct FileProblem: Equatable {
    /// The line, from 1; nil where the problem has no one place.
    var line: Int?
    /// Path of the field, for instance `spec.model.lookback`; empty for the file as a whole.
    var field: String
    /// What must be so.
    var message: String

    /// The problem as compilers print theirs, so that editors can jump to it.
    func text(in path: String) -> String {
        let place = line.map { "\(path):\($0)" } ?? path
        return field.isEmpty ? "\(place): \(message)" : "\(place): \(field): \(message)"
    }
}

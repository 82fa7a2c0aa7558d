// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation
import HTTPTransport
import KubeCore
import TimeZones
import WorkerRuntime

/// What the tasks of one step share: the request, the way to the outside, and what earlier tasks made.
///
/// Tasks of one process hand values over here; what an earlier process made is read from the store.
struct StepContext: Sendable {
    /// What is asked.
    let request: StepRequest
    /// Where data sets, candidates and models lie.
    let store: ArtifactStore
    /// Fetches sources that are URLs.
    let transport: any HTTPTransport
    /// The time of the wall clock.
    let now: @Sendable () -> Date
    /// Says how far the step is.
    let progress: ProgressReporter
    /// How many processors a task may keep busy.
    let threads: Int
    /// Where the time zones of the data are.
    var zones = ZoneDatabase()
    /// How long each repetition of a write to a place of forecasts waits; as many are made.
    var sinkPauses = Self.usualSinkPauses

    /// Together they outlast the restart of a server.
    static let usualSinkPauses: [Duration] = [.seconds(1), .seconds(4), .seconds(15), .seconds(40)]

    /// The prepared data.
    private var prepared: Dataset?
    /// The fitted models with their preprocessing.
    private var fitted: PanelForecaster?
    /// What the evaluation found.
    private var evaluated: EvaluationSummary?

    /// Prepared data and where it lies.
    struct Dataset: Sendable {
        /// The series, each up to the last row that has a target.
        let panel: Panel
        /// By series, the rows behind them, of which some columns are known; nil where no column is known ahead.
        let ahead: [TimeSeriesFrame]?
        let reference: DatasetReference
    }

    init(
        request: StepRequest,
        store: ArtifactStore,
        transport: any HTTPTransport,
        now: @escaping @Sendable () -> Date,
        progress: ProgressReporter,
        threads: Int
    ) {
        self.request = request
        self.transport = transport
        self.now = now
        self.progress = progress
        self.threads = threads
        self.store = store
    }

    /// The specification with its defaults.
    var spec: ForecastPipelineSpec { request.spec.withDefaults() }

    /// The Secrets that the specification names.
    var secrets: Secrets { Secrets(request) }

    /// The way to a server whose certificate is of these authorities; nil for those of the system.
    func transport(trusting authorities: CurlTransport.PEM?) -> any HTTPTransport {
        transport.trusting(authorities)
    }

    /// Reports what a task does, with the share of the step's tasks that are done.
    ///
    /// - Parameters:
    ///   - share: How much of the task is done, 0 to 1.
    ///   - detail: Adds to the event.
    func report(
        _ task: StepTask,
        _ message: String,
        rows: Int? = nil,
        share: Double = 0,
        detail: (inout StepProgress) -> Void = { _ in }
    ) {
        let position = Double(request.tasks.firstIndex(of: task) ?? 0) + share
        let fraction = position / Double(max(1, request.tasks.count))
        var event = StepProgress(task: task.rawValue, message: message, fraction: fraction, rows: rows)
        detail(&event)
        progress(event)
    }
}

// MARK: What tasks hand over

extension StepContext {
    private static let datasetFile = "dataset.json"
    private static let candidateFile = "candidate.json"
    private static let weightsFile = "candidate.safetensors"
    private static let evaluationFile = "evaluation.json"

    /// Stores the prepared data and notes where it lies, and whose files the run's folder holds, for a clean-up.
    ///
    /// - Parameter ahead: By series, the rows behind them, of which some columns are known; nil where no column is known ahead.
    mutating func keep(
        _ panel: Panel,
        ahead: [TimeSeriesFrame]?,
        frequency: Frequency
    ) async throws -> DatasetReference {
        let context = self
        let reference = try await LongWork.finish {
            let owner = RunOwner(
                pipeline: context.request.pipeline,
                created: KubeTime.format(context.request.createdTime)
            )
            try context.writeRunFile(RunOwner.fileName, KubeJSON.encoder().encode(owner))
            let reference = try context.store.saveDataset(panel, ahead: ahead, frequency: frequency)
            try context.writeRunFile(Self.datasetFile, KubeJSON.encoder().encode(reference))
            return reference
        }
        prepared = Dataset(panel: panel, ahead: ahead, reference: reference)
        return reference
    }

    /// The prepared data.
    mutating func dataset() async throws -> Dataset {
        if let prepared { return prepared }
        let context = self
        let loaded = try await LongWork.finish {
            let reference = try context.decodeRunFile(DatasetReference.self, Self.datasetFile)
            let stored = try context.store.loadDataset(reference)
            return Dataset(panel: stored.panel, ahead: stored.ahead, reference: reference)
        }
        prepared = loaded
        return loaded
    }

    /// Stores a candidate: the weights first, then the manifest that holds their digest.
    mutating func keep(_ candidate: Artifact, _ forecaster: PanelForecaster) async throws {
        let context = self
        try await LongWork.finish {
            try context.writeRunFile(Self.weightsFile, Data(candidate.weights.encoded()))
            try context.writeRunFile(Self.candidateFile, Data(candidate.manifest.encoded()))
        }
        fitted = forecaster
    }

    /// The fitted models with their preprocessing.
    mutating func forecaster() async throws -> PanelForecaster {
        if let fitted { return fitted }
        let context = self
        let loaded = try await LongWork.finish { try context.readCandidate() }
        fitted = loaded
        return loaded
    }

    /// Stores what the evaluation found.
    mutating func keep(_ report: EvaluationSummary) async throws {
        let context = self
        try await LongWork.finish { try context.writeRunFile(Self.evaluationFile, KubeJSON.encoder().encode(report)) }
        evaluated = report
    }

    /// What the evaluation found.
    mutating func evaluation() async throws -> EvaluationSummary {
        if let evaluated { return evaluated }
        let context = self
        let loaded = try await LongWork.finish {
            try context.decodeRunFile(EvaluationSummary.self, Self.evaluationFile)
        }
        evaluated = loaded
        return loaded
    }

    /// The folder of the run's files, relative to the store.
    var runFolder: String { "runs/\(request.namespace)/\(request.run)" }

    /// Writes or replaces a file of the run, whole or not at all.
    func writeRunFile(_ name: String, _ data: Data) throws {
        try store.writeRunFile(name, namespace: request.namespace, run: request.run, bytes: Array(data))
    }

    private func readRunFile(_ name: String) throws -> [UInt8] {
        try store.readRunFile(name, namespace: request.namespace, run: request.run)
    }

    private func decodeRunFile<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
        let bytes = try readRunFile(name)
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            let path = "runs/\(request.namespace)/\(request.run)/\(name)"
            throw ForecastingError.invalidManifest(path: path, reason: "\(error)")
        }
    }

    private func readCandidate() throws -> PanelForecaster {
        let path = "runs/\(request.namespace)/\(request.run)/"
        let manifest = try ArtifactManifest(decoding: readRunFile(Self.candidateFile), path: path + Self.candidateFile)
        let bytes = try readRunFile(Self.weightsFile)
        let digest = try SHA256Hasher.digest(of: bytes)
        guard let expected = manifest.files[ArtifactManifest.weightsName], expected == digest else {
            throw ForecastingError.artifactDigestMismatch(
                file: path + Self.weightsFile,
                expected: manifest.files[ArtifactManifest.weightsName] ?? "none",
                actual: digest
            )
        }
        return try Artifact(manifest: manifest, weights: SafetensorsFile(decoding: bytes))
            .panelForecaster()
    }
}

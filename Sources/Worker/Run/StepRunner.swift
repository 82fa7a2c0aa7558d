// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation
import HTTPTransport
import KubeCore
import TimeZones
import WorkerRuntime

/// Does the tasks of a request in order and says how they ended.
///
/// Each task may be repeated: what it writes replaces the same content, and a version that is there with the same
/// content stays.
struct StepRunner: Sendable {
    /// Fetches sources that are URLs.
    let transport: any HTTPTransport
    /// The time of the wall clock.
    var now: @Sendable () -> Date = { Date() }
    /// Says how far the step is.
    var progress = ProgressReporter { _ in }
    /// How many processors a step may keep busy.
    var threads = 1
    /// Where the time zones of the data are.
    var zones = ZoneDatabase(environment: ProcessInfo.processInfo.environment)
    /// How long each repetition of a write to a place of forecasts waits.
    var sinkPauses = StepContext.usualSinkPauses

    /// What a step ended with.
    struct Outcome: Sendable, Equatable {
        /// What the operator gets.
        var result: StepResult
        /// What the process exits with.
        var exitCode: WorkerExitCode

        /// The outcome of a step that ended badly.
        init(_ result: StepResult, failed error: any Error) {
            let ending = StepEnding(error)
            self.result = result
            self.result.failure = ending.failure
            exitCode = ending.exitCode
        }

        /// The outcome of a step that ended well.
        init(_ result: StepResult) {
            self.result = result
            exitCode = .success
        }
    }

    /// Runs all tasks; never throws, for whoever waits wants a result in any case.
    func run(_ request: StepRequest) async -> Outcome {
        var result = StepResult(step: request.step)
        do {
            try validate(request)
            let place = StorePlace(request, transport: transport)
            try await place.withStore { store in try await perform(request, store, &result) }
            let last = request.tasks.last?.rawValue ?? request.step
            progress(StepProgress(task: last, message: "step \(request.step) is done", fraction: 1))
            return Outcome(result)
        } catch {
            return Outcome(result, failed: error)
        }
    }

    private func perform(_ request: StepRequest, _ store: ArtifactStore, _ result: inout StepResult) async throws {
        var context = StepContext(
            request: request,
            store: store,
            transport: transport,
            now: now,
            progress: progress,
            threads: threads
        )
        context.zones = zones
        context.sinkPauses = sinkPauses
        for task in request.tasks where result.skipped != true {
            try Task.checkCancellation()
            try await perform(task, &context, &result)
        }
        if let retention = request.retention { await CleanupTask(retention: retention).run(context) }
    }

    private func validate(_ request: StepRequest) throws(WorkerError) {
        guard request.schemaVersion == StepRequest.currentSchemaVersion else {
            throw .unknownSchema(version: request.schemaVersion, known: StepRequest.currentSchemaVersion)
        }
        let problems = request.spec.problems() + request.spec.zoneProblems(zones: zones)
        guard problems.isEmpty else {
            throw .invalidSpec(problems: problems.map(\.description).joined(separator: "; "))
        }
    }

    private func perform(_ task: StepTask, _ context: inout StepContext, _ result: inout StepResult) async throws {
        switch task {
        case .prepare:
            let prepared = try await PrepareTask().run(&context)
            result.dataset = prepared.dataset
            result.dataChecks = prepared.checks
            guard prepared.dataset == nil, let objection = prepared.checks?.objection else { return }
            guard context.spec.dataChecks?.policy != .fail else { throw WorkerError.dataRefused(objection) }
            result.skipped = true
        case .train: result.training = try await TrainTask().run(&context)
        case .evaluate:
            let evaluated = try await EvaluateTask().run(&context)
            result.metrics = evaluated.metrics.rounded
            result.backtest = evaluated.backtest
        case .publish:
            let publish = PublishTask(metrics: result.metrics, backtest: result.backtest)
            result.model = try await publish.run(&context)
        case .monitor: result.monitoring = try await MonitorTask().run(context)
        }
    }
}

extension StepRequest {
    /// Reads a request's file. The version is looked at first, so that a newer request is not called malformed.
    static func load(_ path: String) throws(WorkerError) -> StepRequest {
        struct Version: Decodable { let schemaVersion: Int }
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw .unusableRequest(path: path, reason: "it cannot be read (\((error as NSError).localizedDescription))")
        }
        guard let version = try? JSONDecoder().decode(Version.self, from: data).schemaVersion else {
            throw .unusableRequest(path: path, reason: "it is not a JSON object with a schemaVersion")
        }
        guard version == currentSchemaVersion else {
            throw .unknownSchema(version: version, known: currentSchemaVersion)
        }
        do {
            return try KubeJSON.decoder().decode(StepRequest.self, from: data)
        } catch {
            throw .unusableRequest(path: path, reason: "\(error)")
        }
    }
}

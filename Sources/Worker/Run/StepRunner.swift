// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation
import HTTPTransport
import KubeCore

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
            var context = StepContext(request: request, transport: transport, now: now, progress: progress)
            for task in request.tasks {
                try Task.checkCancellation()
                try await perform(task, &context, &result)
            }
            if let retention = request.retention { await CleanupTask(retention: retention).run(context) }
            let last = request.tasks.last?.rawValue ?? request.step
            progress(StepProgress(task: last, message: "step \(request.step) is done", fraction: 1))
            return Outcome(result)
        } catch {
            return Outcome(result, failed: error)
        }
    }

    private func validate(_ request: StepRequest) throws(WorkerError) {
        guard request.schemaVersion == StepRequest.currentSchemaVersion else {
            throw .unknownSchema(version: request.schemaVersion, known: StepRequest.currentSchemaVersion)
        }
        let problems = request.spec.problems()
        guard problems.isEmpty else {
            throw .invalidSpec(problems: problems.map(\.description).joined(separator: "; "))
        }
    }

    private func perform(_ task: StepTask, _ context: inout StepContext, _ result: inout StepResult) async throws {
        switch task {
        case .prepare: result.dataset = try await PrepareTask().run(&context)
        case .train: try await TrainTask().run(&context)
        case .evaluate:
            let report = try await EvaluateTask().run(&context)
            let windows = report.windows
            result.metrics = ModelMetrics(report.original, scaled: report.scaled, windows: windows)
            result.seasonalNaive = ModelMetrics(report.naiveOriginal, scaled: report.naiveScaled, windows: windows)
        case .publish: result.model = try await PublishTask().run(&context)
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

extension ModelMetrics {
    /// The errors of an evaluation in the form of the contract.
    fileprivate init(_ original: ForecastMetrics, scaled: ForecastMetrics, windows: Int) {
        self.init(
            mae: original.mae,
            mse: original.mse,
            rmse: original.rmse,
            r2: original.r2,
            mase: original.mase,
            scaledMae: scaled.mae,
            scaledMse: scaled.mse,
            windows: windows
        )
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation

/// Runs the plan of a run with child processes, as the operator does with Jobs.
struct LocalRunner: Sendable {
    /// Which run it is.
    let identity: RunIdentity
    /// The specification as it was when the run was started.
    let spec: ForecastPipelineSpec
    /// The version that the run's model is compared with.
    var incumbent: ModelStatus?
    /// The worker program.
    let worker: URL
    /// Folder of the store.
    let store: URL
    /// Folder that a relative `source.csv.path` starts from.
    let source: URL
    /// Folder that stands for the Secrets of a namespace; nil for none.
    var secrets: URL?
    /// Weights that were trained elsewhere; nil to train.
    var weights: URL?
    /// How long the attempt of that number waits before it starts.
    let backoff: @Sendable (_ attempt: Int) -> Duration
    /// The time of the wall clock.
    var now: @Sendable () -> Date = { Date() }

    /// Where a run stands after each change.
    typealias Report = @Sendable (_ observations: [String: StepObservation], _ notes: [String: WorkerProgress]) -> Void

    /// How a run ended.
    struct Outcome: Sendable {
        /// What became of each step.
        var observations: [String: StepObservation]
        /// The exit status of the step that failed for good; 0 when none did.
        var exitStatus: Int32
    }

    /// Runs all steps; returns when nothing more can be started.
    func run(report: @escaping Report) async throws -> Outcome {
        let plan = RunPlan(for: spec)
        let reducer = RunReducer(plan: plan, spec: spec)
        let folder = try requestFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let board = StepBoard(report: report)
        var exitStatus: Int32 = 0
        try await withThrowingTaskGroup(of: (String, StepAttempt.Outcome).self) { group in
            while true {
                for step in reducer.startable(board.observations) {
                    let number = board.start(step.name, now: now())
                    let attempt = attempt(number, of: step, in: folder)
                    group.addTask {
                        if number > 1 { try await Task.sleep(for: backoff(number)) }
                        return (step.name, try await attempt.run { board.note($0, of: step.name) })
                    }
                }
                guard let (name, outcome) = try await group.next() else { return }
                try Task.checkCancellation()
                board.end(name, outcome.state, now: now())
                exitStatus = outcome.exitStatus
            }
        }
        return Outcome(observations: board.observations, exitStatus: exitStatus)
    }

    private func attempt(_ number: Int, of step: PlannedStep, in folder: URL) -> StepAttempt {
        var request = StepRequest(
            run: identity,
            step: step,
            spec: spec,
            storePath: store.path,
            sourcePath: source.path,
            secretsPath: secrets?.path,
            incumbent: incumbent
        )
        if step.tasks.contains(.publish) { request.sinksPath = source.path }
        if step.tasks.contains(.train) { request.importedWeights = weights?.path }
        return StepAttempt(worker: worker, request: request, folder: folder, number: number)
    }

    private func requestFolder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("almanac-\(identity.name)-\(ProcessInfo.processInfo.processIdentifier)")
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw CLIError.storeFailed(path: folder.path, reason: (error as NSError).localizedDescription)
        }
        return folder
    }
}

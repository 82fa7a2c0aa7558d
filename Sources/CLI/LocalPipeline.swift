// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import HTTPTransport
import KubeCore
import TimeZones

/// One pipeline from its file to a served forecast, on this machine.
struct LocalPipeline: Sendable {
    /// The pipeline as written.
    let pipeline: ForecastPipeline
    /// Folder of its file.
    let folder: URL
    let options: RunOptions
    let console: Console
    let transport: any HTTPTransport
    var zones = ZoneDatabase(environment: ProcessInfo.processInfo.environment)
    /// How long an attempt of that number waits before it starts.
    var backoff: @Sendable (_ attempt: Int) -> Duration = { .seconds(1 << min($0 - 1, 6)) }

    /// Marks the run that made the promoted version; its forecast lies beside that run's other files.
    static let promotedRun = "almanac.dev/promoted-run"

    /// Runs the pipeline once; the exit status says how it ended.
    func run() async throws -> Int32 {
        var written = pipeline
        written.metadata.namespace = options.namespace ?? pipeline.metadata.namespace ?? "default"
        written.spec = written.spec.withDefaults()
        let problems = written.problems(zones: zones) + localProblems()
        guard problems.isEmpty else {
            problems.forEach { console.writeError("\($0)\n") }
            return WorkerExitCode.badSpecification.rawValue
        }
        let state = LocalState(store: options.store)
        let namespace = written.metadata.namespace ?? "default"
        let file = state.file(written.metadata.name, namespace: namespace)
        let lock = try StoreLock(file.appendingPathExtension("lock"), pipeline: written.metadata.name)
        let (done, run, status) = try await train(written, state)
        lock.release()
        console.write("\n" + PipelineTable.text([done], now: Date()))
        let ready = done.status?.conditions?.condition(ConditionType.ready)
        console.write("\n\(ready?.message ?? "")\n")
        if let series = run.status.flatMap({ SeriesSummary(status: $0).text }) { console.write("\n" + series) }
        guard options.serve || options.keepServing else { return status }
        guard done.status?.model != nil else {
            console.writeError("\(CLIError.nothingToServe(pipeline: done.metadata.name))\n")
            return status
        }
        try await LocalServing(pipeline: done, options: options, console: console, transport: transport).run()
        return status
    }

    private func localProblems() -> [SpecProblem] {
        let source = pipeline.spec.source
        var claims: [String] = []
        if source.persistentVolumeClaim != nil, let kind = source.chosenKinds.first {
            claims.append("spec.source.\(kind)")
        }
        for (index, sink) in (pipeline.spec.publish?.forecasts ?? []).enumerated() {
            guard let (kind, spec) = sink.file, spec.persistentVolumeClaim != nil else { continue }
            claims.append("spec.publish.forecasts[\(index)].\(kind)")
        }
        return claims.map { block in
            SpecProblem(
                field: "\(block).persistentVolumeClaim",
                message: "is a claim of a cluster, which this machine does not have; leave it out, and path is one here"
            )
        }
    }

    /// The pipeline and its run with what came of them, and the exit status.
    private typealias Trained = (pipeline: ForecastPipeline, run: ForecastRun, exitStatus: Int32)

    /// Runs the steps and folds what came of them, with the reducers that the operator uses.
    private func train(_ written: ForecastPipeline, _ state: LocalState) async throws -> Trained {
        // Whole seconds, as servers write times.
        let start = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.down))
        var (current, trigger) = try state.nextGeneration(of: written, now: start)
        var run = Self.newRun(of: current, trigger, start)
        let (template, plan) = (current.spec.template, RunPlan(for: current.spec.template))
        try state.save(current)
        console.writeError("run \(run.metadata.name)\n")
        let identity = RunIdentity(
            namespace: current.metadata.namespace ?? "default",
            pipeline: current.metadata.name,
            name: run.metadata.name,
            createdTime: start
        )
        // Everything else that this program does with a run reads its folder.
        var local = template
        local.store = nil
        if template.store?.s3 != nil {
            console.writeError("spec.store.s3 is for a cluster; here models lie in \(options.store.path)\n")
        }
        let runner = LocalRunner(
            identity: identity,
            spec: local,
            incumbent: current.status?.model,
            worker: options.worker,
            store: options.store,
            source: folder,
            secrets: options.secrets,
            weights: options.weights,
            backoff: backoff
        )
        let view = ProgressView(plan: plan, console: console)
        let outcome = try await runner.run { view.show($0, $1) }
        let reducer = RunReducer(plan: plan, spec: template)
        run.status = reducer.status(
            of: outcome.observations,
            previous: nil,
            generation: run.metadata.generation,
            now: Date()
        )
        run.status?.startTime = start
        current.status = PipelineReducer.status(of: current, run: run, now: Date())
        if current.status?.lastRun?.outcome == .promoted {
            current.metadata.annotations = [Self.promotedRun: run.metadata.name]
        }
        try state.save(current)
        return (current, run, Self.exitStatus(current, outcome.exitStatus))
    }

    private static func newRun(of pipeline: ForecastPipeline, _ trigger: RunTrigger, _ start: Date) -> ForecastRun {
        let generation = pipeline.metadata.generation ?? 1
        let name = Naming.run(pipeline: pipeline.metadata.name, generation: generation)
        var metadata = ObjectMeta(name: name, namespace: pipeline.metadata.namespace)
        metadata.creationTimestamp = start
        metadata.generation = 1
        let spec = ForecastRunSpec(
            pipelineRef: .init(name: pipeline.metadata.name),
            trigger: trigger,
            template: pipeline.spec.template
        )
        return ForecastRun(metadata: metadata, spec: spec)
    }

    private static func exitStatus(_ pipeline: ForecastPipeline, _ worker: Int32) -> Int32 {
        switch pipeline.status?.lastRun?.outcome {
        case .promoted, .awaitingPromotion, .skipped: 0
        case .gateFailed: 1
        case .failed, .cancelled, nil: worker == 0 ? WorkerExitCode.internalError.rawValue : worker
        }
    }
}

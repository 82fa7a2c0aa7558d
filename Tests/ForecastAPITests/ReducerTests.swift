// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import Testing

@Suite("Runs and pipelines follow their steps")
struct ReducerTests {
    private static var spec: ForecastPipelineSpec {
        var spec = Sample.minimal
        spec.gate = GateSpec(threshold: 0.5)
        return spec
    }

    private let reducer = RunReducer(plan: RunPlan(for: Sample.minimal), spec: Self.spec)

    private func succeeded(_ step: String, metrics: ModelMetrics? = nil) -> StepObservation {
        var result = StepResult(step: step)
        result.metrics = metrics
        result.model = metrics.map { _ in Sample.model }
        return StepObservation(state: .succeeded(result), attempts: 1, completionTime: Sample.time)
    }

    private func failed(_ attempts: Int, isRetryable: Bool) -> StepObservation {
        let failure = StepFailure(reason: .sourceUnreachable, message: "no answer")
        return StepObservation(state: .failed(failure, isRetryable: isRetryable), attempts: attempts)
    }

    private func status(_ observations: [String: StepObservation]) -> ForecastRunStatus {
        reducer.status(of: observations, previous: nil, generation: 1, now: Sample.time)
    }

    @Test("a step starts when those before it are done, and again while another attempt may help")
    func startable() {
        func names(_ observations: [String: StepObservation]) -> [String] {
            reducer.startable(observations).map(\.name)
        }
        #expect(names([:]) == ["prepare"])
        #expect(names(["prepare": StepObservation(state: .running)]) == [])
        #expect(names(["prepare": succeeded("prepare")]) == ["train"])
        #expect(names(["prepare": failed(2, isRetryable: true)]) == ["prepare"])
        #expect(names(["prepare": failed(3, isRetryable: true)]) == [])
        #expect(names(["prepare": failed(1, isRetryable: false)]) == [])
    }

    @Test("a run fails with the reason of its step once no attempt is left")
    func failure() {
        #expect(!status(["prepare": failed(2, isRetryable: true)]).isFinished)
        let final = status(["prepare": failed(3, isRetryable: true)])
        let condition = final.conditions?.condition(ConditionType.succeeded)
        #expect(condition?.reason == "SourceUnreachable")
        #expect(condition?.message == "step prepare failed (attempt 3 of 3): no answer")
        #expect(final.completionTime == Sample.time)
    }

    @Test("a gate that is missed leaves the promoted model; one that is reached moves it")
    func gate() throws {
        func fold(_ mae: Double, _ pipeline: ForecastPipeline) -> ForecastPipeline {
            var metrics = Sample.metrics
            metrics.mae = mae
            let run = status(["prepare": succeeded("prepare"), "train": succeeded("train", metrics: metrics)])
            var folded = pipeline
            folded.status = PipelineReducer.status(of: pipeline, run: Sample.run(status: run), now: Sample.time)
            return folded
        }
        let promoted = fold(0.5, Sample.pipeline())
        #expect(promoted.status?.lastRun?.outcome == .promoted)
        #expect(promoted.status?.model?.claimName == "demo-store")
        #expect(promoted.status?.conditions?.holds(ConditionType.ready) == true)
        let missed = fold(0.51, promoted)
        #expect(missed.status?.lastRun?.outcome == .gateFailed)
        #expect(missed.status?.model == promoted.status?.model)
        #expect(missed.status?.conditions?.condition(ConditionType.ready)?.reason == "GateFailed")
    }

    @Test("Ready stays True, with its transition time, while a later run goes on")
    func ready() {
        var pipeline = Sample.fullPipeline
        pipeline.spec.promote = nil
        let later = Sample.time.addingTimeInterval(60)
        let running = status(["prepare": StepObservation(state: .running, attempts: 1)])
        pipeline.status = PipelineReducer.status(of: pipeline, run: Sample.run(status: running), now: later)
        let ready = pipeline.status?.conditions?.condition(ConditionType.ready)
        #expect(ready?.status == .yes)
        #expect(ready?.lastTransitionTime == Sample.time)
        #expect(pipeline.status?.conditions?.holds(ConditionType.reconciling) == true)
    }
}

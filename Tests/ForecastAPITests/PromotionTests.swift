// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import Testing

@Suite("Which version is promoted")
struct PromotionTests {
    /// A pipeline, and runs that end one after the other.
    private struct Story {
        var pipeline: ForecastPipeline
        var latest: ForecastRun?
        /// Versions of runs that are there.
        var kept: [ModelStatus] = []

        init(mode: GateSpec.Mode) {
            var spec = Sample.minimal
            spec.gate = GateSpec(threshold: 0.5, mode: mode)
            pipeline = Sample.pipeline(spec)
        }

        var status: ForecastPipelineStatus? { pipeline.status }
        var version: String? { status?.model?.version }
        var ready: Condition? { status?.conditions?.condition(ConditionType.ready) }

        /// A run ends with a model of that error.
        mutating func train(_ version: String, mae: Double) {
            var metrics = Sample.metrics
            metrics.mae = mae
            var result = StepResult(step: "train")
            result.metrics = metrics
            result.model = Sample.model
            result.model?.version = version
            let spec = pipeline.spec.template
            let steps = ["prepare": StepResult(step: "prepare"), "train": result].mapValues {
                StepObservation(state: .succeeded($0), attempts: 1, completionTime: Sample.time)
            }
            let status = RunReducer(plan: RunPlan(for: spec), spec: spec)
                .status(of: steps, previous: nil, generation: 1, now: Sample.time)
            latest = Sample.run(spec: spec, status: status)
            look()
        }

        mutating func promote(_ version: String?) {
            pipeline.spec.promote = version
            look()
        }

        /// As the operator does it: again and again, with the same result.
        mutating func look() {
            guard let latest else { return }
            pipeline.status = PipelineReducer.status(of: pipeline, run: latest, kept: kept, now: Sample.time)
            let again = PipelineReducer.status(of: pipeline, run: latest, kept: kept, now: Sample.time)
            #expect(again == pipeline.status)
        }
    }

    @Test("Enforce: what passes; a failed gate leaves the version before it")
    func enforce() {
        var story = Story(mode: .enforce)
        story.train("v1", mae: 0.4)
        #expect(story.version == "v1" && story.ready?.reason == "GatePassed")
        story.train("v2", mae: 0.6)
        #expect(story.version == "v1" && story.ready?.reason == "GateFailed" && story.ready?.status == .no)
        #expect(story.status?.versions?.map(\.version) == ["v2", "v1"])
    }

    @Test("DryRun: each model, and the verdict is shown")
    func dryRun() {
        var story = Story(mode: .dryRun)
        story.train("v1", mae: 0.6)
        #expect(story.version == "v1" && story.ready?.reason == "GateDryRun" && story.ready?.status == .yes)
        #expect(story.status?.gate?.outcome == .failed && story.status?.lastRun?.outcome == .promoted)
        #expect(story.ready?.message.contains("although MAE 0.6 is above the threshold 0.5") == true)
    }

    @Test("Manual: what spec.promote names, and nothing by itself")
    func manual() {
        var story = Story(mode: .manual)
        story.train("v1", mae: 0.4)
        #expect(story.version == nil && story.ready?.reason == "AwaitingPromotion" && story.ready?.status == .no)
        #expect(story.ready?.message.contains("set spec.promote to v1 to promote it") == true)
        story.promote("v1")
        #expect(story.version == "v1" && story.ready?.status == .yes && story.status?.lastRun?.outcome == .promoted)
        story.train("v2", mae: 0.3)
        #expect(story.version == "v1" && story.status?.lastRun?.outcome == .awaitingPromotion)
        #expect(story.ready?.status == .yes)
        // Somebody may promote what the gate refused.
        story.train("v3", mae: 0.9)
        #expect(story.version == "v1" && story.ready?.reason == "GateFailed")
        story.promote("v3")
        #expect(story.version == "v3" && story.ready?.reason == "VersionHeld")
        story.promote(nil)
        #expect(story.version == "v3")
    }

    @Test("naming an older version goes back to it and holds it, until the name is removed")
    func rollback() {
        var story = Story(mode: .enforce)
        story.train("v1", mae: 0.4)
        story.train("v2", mae: 0.3)
        story.promote("v1")
        #expect(story.version == "v1" && story.ready?.reason == "VersionHeld" && story.ready?.status == .yes)
        story.train("v3", mae: 0.2)
        #expect(story.version == "v1" && story.status?.lastRun?.outcome == .awaitingPromotion)
        #expect(story.ready?.message.contains("version v1 stays, as spec.promote says") == true)
        story.promote(nil)
        #expect(story.version == "v3" && story.ready?.reason == "GatePassed")
    }

    @Test("a clone's version can be named, and one can come back to it when the clone is gone")
    func clone() {
        var story = Story(mode: .enforce)
        story.train("v1", mae: 0.4)
        var clone = Sample.model
        clone.version = "v2-3fa9c1"
        story.kept = [clone]
        story.promote("v9")
        #expect(story.ready?.message == "spec.promote: there is no version v9; there are v2-3fa9c1, v1")
        story.promote("v2-3fa9c1")
        #expect(story.version == "v2-3fa9c1" && story.ready?.reason == "VersionHeld")
        story.kept = []
        story.promote("v1")
        #expect(story.version == "v1")
        story.promote("v2-3fa9c1")
        #expect(story.version == "v2-3fa9c1")
        story.train("v3", mae: 0.9)
        story.promote(nil)
        #expect(story.version == "v2-3fa9c1" && story.ready?.reason == "GateFailed")
        story.train("v4", mae: 0.3)
        #expect(story.version == "v4")
    }

    @Test("a version that nobody knows changes nothing, and the answer names those that there are")
    func unknown() {
        var story = Story(mode: .enforce)
        story.train("v1", mae: 0.4)
        story.promote("v9")
        #expect(story.version == "v1" && story.ready?.reason == "VersionNotFound" && story.ready?.status == .no)
        #expect(story.ready?.message.contains("there is no version v9; there are v1") == true)
        story.promote("v1")
        #expect(story.ready?.status == .yes)
    }

    @Test("Inconclusive and Error promote nothing and say so in the reason")
    func undecided() {
        var story = Story(mode: .enforce)
        story.pipeline.spec.gate = GateSpec(baseline: GateBaselineSpec(kind: .seasonalNaive))
        story.train("v1", mae: 0.4)
        #expect(story.version == nil && story.ready?.reason == "GateInconclusive")
    }

    @Test("the versions that are listed are those that stay in the store, newest first")
    func bounded() {
        var story = Story(mode: .enforce)
        for number in 0..<30 { story.train("v\(10 + number)", mae: number == 0 ? 0.4 : 9) }
        let kept = ["v39", "v38", "v37", "v36", "v35", "v34", "v10"]
        #expect(story.status?.versions?.map(\.version) == kept && story.version == "v10")
        story.pipeline.spec.history = HistorySpec(keepVersions: 100)
        for number in 30..<60 { story.train("v\(10 + number)", mae: 0.4) }
        #expect(story.status?.versions?.count ?? 0 <= ForecastPipelineStatus.maximumVersions)
    }

    @Test("a run that leaves its data out ends as Skipped and leaves Ready as it was, with the condition")
    func skipped() {
        var story = Story(mode: .enforce)
        story.pipeline.spec.dataChecks = DataChecksSpec(maxAgeSteps: 1)
        story.train("v1", mae: 0.4)
        var result = StepResult(step: "prepare")
        let finding = DataCheckResult.Finding(holds: false, reason: "Stale", message: "9 steps old")
        result.dataChecks = DataCheckResult(fresh: finding)
        result.skipped = true
        let spec = story.pipeline.spec.template
        let reducer = RunReducer(plan: RunPlan(for: spec), spec: spec)
        let seen = ["prepare": StepObservation(state: .succeeded(result), attempts: 1)]
        #expect(reducer.startable(seen).isEmpty)
        let status = reducer.status(of: seen, previous: nil, generation: 1, now: Sample.time)
        #expect(status.isFinished && status.steps?.map(\.state) == [.succeeded, .skipped])
        #expect(status.conditions?.condition(ConditionType.dataFresh)?.status == .no)
        story.latest = Sample.run(spec: spec, status: status)
        story.look()
        #expect(story.version == "v1" && story.status?.lastRun?.outcome == .skipped)
        #expect(story.ready?.status == .yes && story.ready?.reason == "Skipped")
        #expect(story.status?.conditions?.condition(ConditionType.dataFresh)?.message == "9 steps old")
        // A failure says the same by its reason.
        let failure = StepFailure(reason: .dataInvalid, message: "flat")
        let failed = ["prepare": StepObservation(state: .failed(failure, isRetryable: false), attempts: 1)]
        let other = reducer.status(of: failed, previous: nil, generation: 1, now: Sample.time)
        #expect(other.conditions?.condition(ConditionType.dataValid)?.status == .no)
        story.pipeline.spec.dataChecks = nil
        story.train("v2", mae: 0.4)
        #expect(story.status?.conditions?.condition(ConditionType.dataFresh) == nil)
    }
}

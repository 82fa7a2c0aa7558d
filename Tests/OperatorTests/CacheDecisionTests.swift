// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import Testing

@testable import Operator

@Suite("Whether a step is run again")
struct CacheDecisionTests {
    private let now = Objects.now
    private static let image = "almanac.dev/worker@sha256:11"

    /// A run whose data has been prepared.
    private func observed(
        _ name: String,
        digest: String = "sha256:aa",
        image: String = image,
        change: (inout ForecastPipelineSpec) -> Void = { _ in }
    ) throws -> ObservedRun {
        var pipeline = Objects.pipeline()
        change(&pipeline.spec)
        var run = Objects.run(of: pipeline, gate: nil)
        run.metadata = Objects.meta(name, uid: "uid-\(name)")
        var result = StepResult(step: "prepare")
        result.dataset = DatasetStatus(digest: digest, rows: 100, from: now - 100, to: now)
        let ended = ContainerStateTerminated(
            exitCode: 0,
            reason: "Completed",
            message: String(decoding: try result.encoded(), as: UTF8.self)
        )
        let labels = [Naming.stepLabel: "prepare", Naming.attemptLabel: "1"]
        var job = Job(metadata: Objects.meta("\(name)-prepare", uid: "job-\(name)", labels: labels))
        job.status = JobStatus(
            conditions: [StatusCondition(type: "Complete", status: "True", lastTransitionTime: now)],
            completionTime: now
        )
        let owner = OwnerReference(
            apiVersion: "batch/v1",
            kind: "Job",
            name: "j",
            uid: "job-\(name)",
            controller: true
        )
        let status = ContainerStatus(
            name: "worker",
            imageID: image,
            state: ContainerState(terminated: ended)
        )
        let pod = Pod(
            metadata: ObjectMeta(name: "\(name)-prepare-pod", namespace: "default", ownerReferences: [owner]),
            status: PodStatus(phase: "Succeeded", containerStatuses: [status])
        )
        return ObservedRun(run: run, pipeline: pipeline, jobs: [job], pods: [pod], options: Objects.options)
    }

    /// The key that the train step's Job of a run gets.
    private func key(_ facts: ObservedRun) throws -> String? {
        guard case .createJob(let job) = try facts.decide(now: now).writes.first else { return nil }
        #expect(job.metadata.labels?[Naming.stepLabel] == "train")
        return job.metadata.annotations?[Naming.cacheKeyAnnotation]
    }

    /// A run that has ended well, with that key.
    private func finished(_ name: String, key: String?, from other: String? = nil) -> ForecastRun {
        var run = Objects.run(of: Objects.pipeline(), gate: .passed)
        run.metadata = Objects.meta(name, uid: "uid-\(name)")
        run.status?.metrics = Objects.metrics(0.5)
        var step = StepStatus(name: "train", state: .succeeded, attempts: 1)
        step.cacheKey = key
        step.cachedFrom = other
        run.status?.steps = [StepStatus(name: "prepare", state: .succeeded, attempts: 1), step]
        return run
    }

    @Test("the same data, settings and image are not trained on again, and the status says whose result it is")
    func hit() throws {
        let first = try #require(try key(observed("demo-g1")))
        var facts = try observed("demo-g2")
        facts.family = [finished("demo-g1", key: first)]
        let plan = try facts.decide(now: now)
        #expect(plan.writes.isEmpty && plan.statusEvents.map(\.reason) == ["StepCached", "Completed"])
        #expect(plan.status?.steps?.last?.cachedFrom == "demo-g1" && plan.status?.steps?.last?.cacheKey == first)
        #expect(plan.status?.steps?.last?.attempts == 0 && plan.status?.steps?.last?.state == .succeeded)
        #expect(plan.status?.model?.version == "v1" && plan.status?.metrics?.mae == 0.5)
        #expect(plan.status?.gate?.outcome == .passed && plan.status?.isFinished == true)
        #expect(plan.status?.steps?.first?.image == Self.image && plan.status?.steps?.first?.cacheKey == nil)
        // A third run names the run that did the work.
        var second = finished("demo-g2", key: first, from: "demo-g1")
        second.metadata.creationTimestamp = now + 60
        facts = try observed("demo-g3")
        facts.family = [second]
        #expect(try facts.decide(now: now).status?.steps?.last?.cachedFrom == "demo-g1")
    }

    @Test("a gate is asked anew: another threshold needs no training")
    func gate() throws {
        let first = try key(observed("demo-g1"))
        var facts = try observed("demo-g2") { $0.gate = GateSpec(threshold: 0.1) }
        facts.family = [finished("demo-g1", key: first)]
        #expect(try facts.decide(now: now).status?.gate?.outcome == .failed)
    }

    @Test("whatever the step reads makes another key; what it does not read makes none")
    func keys() throws {
        let base = try key(observed("demo-g1"))
        #expect(base != nil)
        #expect(try key(observed("other-name")) == base)
        #expect(try key(observed("demo-g1") { $0.gate = nil }) == base)
        #expect(try key(observed("demo-g1") { $0.source.csv?.path = "b.csv" }) == base)
        #expect(try key(observed("demo-g1") { $0.worker = WorkerSpec(nodeSelector: ["a": "b"]) }) == base)
        #expect(try key(observed("demo-g1") { $0.model.nlinear = NLinearSpec(individual: false) }) == base)
        let others = [
            try key(observed("demo-g1", digest: "sha256:bb")), try key(observed("demo-g1", image: "x@sha256:22")),
            try key(observed("demo-g1") { $0.model.lookback = 25 }),
            try key(observed("demo-g1") { $0.preprocess = PreprocessSpec(scaler: PreprocessSpec.ScalerKind.none) }),
            try key(observed("demo-g1") { $0.split = SplitSpec(train: 0.6) }),
            try key(observed("demo-g1") { $0.series.seasonLength = 7 }),
            try key(
                observed("demo-g1") {
                    $0.store = StoreSpec(persistentVolumeClaim: ClaimReference(claimName: "other"))
                }
            ),
        ]
        #expect(Set(others.map { $0 ?? "" } + [base ?? ""]).count == others.count + 1)
    }

    @Test("cache: Disabled, an image that is not known, and results that are going away are no hits")
    func misses() throws {
        let first = try key(observed("demo-g1"))
        var facts = try observed("demo-g2") { $0.cache = .disabled }
        facts.family = [finished("demo-g1", key: first)]
        #expect(try key(facts) == first)
        facts = try observed("demo-g2", image: "")
        facts.family = [finished("demo-g1", key: nil)]
        #expect(try facts.decide(now: now).writes.count == 1 && key(facts) == nil)
        facts = try observed("demo-g2")
        var deleted = finished("demo-g1", key: first)
        deleted.metadata.deletionTimestamp = now
        var failed = finished("demo-g0", key: first)
        failed.status?.steps?[1].state = .failed
        facts.family = [deleted, failed]
        #expect(try key(facts) == first)
    }

    @Test("a look at a run with a taken result changes nothing, whether its pods are there or not")
    func steady() throws {
        let first = try key(observed("demo-g1"))
        var facts = try observed("demo-g2")
        facts.family = [finished("demo-g1", key: first)]
        facts.run.status = try facts.decide(now: now).status
        facts.run.status?.conditions = []
        facts.family = []
        let again = try facts.decide(now: now + 60)
        #expect(again.writes.isEmpty && again.status?.steps == facts.run.status?.steps)
        #expect(again.status?.model?.version == "v1" && again.status?.isFinished == true)
    }

    @Test("a promoted version of a taken result is not replaced by a later version of a run in between")
    func promotion() throws {
        var pipeline = Objects.pipeline(generation: 3)
        pipeline.status = ForecastPipelineStatus()
        pipeline.status?.model = Objects.model("v2")
        func run(_ name: String, _ version: String, age: TimeInterval) -> ForecastRun {
            var run = Objects.run(of: pipeline, gate: .passed, version: version)
            run.metadata.name = name
            run.metadata.creationTimestamp = now - age
            return run
        }
        let runs = [run("demo-g1", "v1", age: 90), run("demo-g2", "v2", age: 60), run("demo-g3", "v1", age: 30)]
        let observed = ObservedPipeline(
            pipeline: pipeline,
            runs: runs,
            runOfGeneration: runs[2],
            claim: StoreClaim(pipeline: pipeline, options: Objects.options).build(),
            ownServices: [],
            options: Objects.options
        )
        var plan = try observed.decide(now: now)
        #expect(plan.status?.model?.version == "v1" && plan.status?.previousModel?.version == "v2")
        // Deleting the object of a run does not change what is served.
        var later = observed
        later.pipeline.status = plan.status
        later.runs = Array(runs.prefix(2))
        later.runOfGeneration = nil
        plan = try later.decide(now: now)
        #expect((plan.status ?? later.pipeline.status)?.model?.version == "v1")
    }
}

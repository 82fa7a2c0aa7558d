// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import Testing

@testable import Operator

@Suite("What is decided about a run")
struct RunDecisionTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    @Test("a new run gets the Job of its first step, with its request in it, and nothing of later steps")
    func firstStep() throws {
        let plan = try observed().decide(now: now)
        guard plan.writes.count == 1, case .createJob(let job) = plan.writes.first else {
            Issue.record("\(plan.writes)")
            return
        }
        #expect(job.metadata.name == "demo-g1-prepare" && job.metadata.isControlled(by: "run-uid"))
        #expect(job.spec?.backoffLimit == 0 && job.spec?.template.spec.securityContext?.runAsNonRoot == true)
        let text = try #require(job.spec?.template.metadata?.annotations?[Naming.requestAnnotation])
        let request = try KubeJSON.decoder().decode(StepRequest.self, from: Data(text.utf8))
        #expect(request.step == "prepare" && request.run == "demo-g1" && request.spec == spec().withDefaults())
        #expect(plan.status?.steps?.map(\.state) == [.pending, .pending])
    }

    @Test("a worker's own words become the run's reason, and bad data is not tried again")
    func badData() throws {
        var result = StepResult(step: "prepare")
        result.failure = StepFailure(reason: .badData, message: "line 7, column 'x': 'abc' is not a number")
        let message = String(decoding: try result.encoded(), as: UTF8.self)
        let plan = try observed(ending: message, code: 65).decide(now: now)
        #expect(plan.writes.isEmpty)
        let condition = plan.status?.conditions?.condition(ConditionType.succeeded)
        #expect(condition?.status == .no && condition?.reason == "BadData")
        #expect(condition?.message.contains("line 7, column 'x'") == true)
        #expect(plan.statusEvents.first?.isWarning == true)
    }

    @Test("a source that did not answer is tried again after a pause that doubles, under a new name")
    func retries() throws {
        var result = StepResult(step: "prepare")
        result.failure = StepFailure(reason: .sourceUnreachable, message: "no answer")
        let message = String(decoding: try result.encoded(), as: UTF8.self)
        let early = try observed(ending: message, code: 69).decide(now: now.addingTimeInterval(1))
        #expect(early.writes.isEmpty && early.requeueAfter != nil)
        let later = try observed(ending: message, code: 69).decide(now: now.addingTimeInterval(11))
        guard case .createJob(let job) = later.writes.first else {
            Issue.record("\(later.writes)")
            return
        }
        #expect(job.metadata.name == "demo-g1-prepare-2")
    }

    @Test("a worker killed for memory names the limit and what to raise")
    func outOfMemory() throws {
        let plan = try observed(ending: nil, code: 137, reason: "OOMKilled").decide(now: now)
        let condition = plan.status?.conditions?.condition(ConditionType.succeeded)
        #expect(condition?.reason == "OOMKilled")
        #expect(condition?.message.contains("spec.worker.resources.limits.memory") == true)
    }

    @Test("a step is tried as often, and waits and may take as long, as its settings say")
    func limits() throws {
        var settings = StepSpec(name: .prepare)
        settings.attempts = 2
        settings.backoffSeconds = 60
        settings.deadlineSeconds = 600
        settings.resources = ResourcesSpec(limits: ["memory": "2Gi"])
        var result = StepResult(step: "prepare")
        result.failure = StepFailure(reason: .sourceUnreachable, message: "no answer")
        let message = String(decoding: try result.encoded(), as: UTF8.self)
        var facts = observed(ending: message, code: 69)
        facts.run.spec.template?.steps = [settings]
        facts.run.spec.template?.worker = WorkerSpec(resources: ResourcesSpec(limits: ["memory": "1Gi"]))
        #expect(try facts.decide(now: now + 59).requeueAfter == .milliseconds(1_001))
        guard case .createJob(let job) = try facts.decide(now: now + 60).writes.first else {
            Issue.record("no second attempt")
            return
        }
        #expect(job.spec?.activeDeadlineSeconds == 600)
        #expect(job.spec?.template.spec.containers.first?.resources?.limits == ["memory": "2Gi"])
        facts.jobs[0].metadata.labels?[Naming.attemptLabel] = "2"
        let last = try facts.decide(now: now + 600)
        #expect(last.writes.isEmpty && last.status?.conditions?.first?.message.contains("(attempt 2 of 2)") == true)
        #expect(StepLimits(settings).pause(after: 0) == 0 && StepLimits(settings).pause(after: 2) == 120)
        #expect(StepLimits(settings).pause(after: 100) == 3_600)
    }

    @Test("a step that took too long says how long it may, at once and without another attempt")
    func deadline() throws {
        var facts = observed(job: job())
        facts.jobs[0].spec = JobSpec(
            template: PodTemplateSpec(spec: PodSpec(containers: [])),
            activeDeadlineSeconds: 60
        )
        facts.jobs[0].status = JobStatus(conditions: [
            StatusCondition(type: "Failed", status: "True", reason: "DeadlineExceeded", lastTransitionTime: now)
        ])
        let plan = try facts.decide(now: now)
        let condition = plan.status?.conditions?.condition(ConditionType.succeeded)
        #expect(plan.writes.isEmpty && condition?.reason == "DeadlineExceeded")
        #expect(condition?.message.contains("longer than its 60 s; raise deadlineSeconds") == true)
    }

    @Test("a pod that went with its node is tried again once it is known to be gone")
    func nodeLoss() throws {
        var facts = observed(job: job())
        facts.jobs[0].status = JobStatus(conditions: [
            StatusCondition(type: "Failed", status: "True", reason: "BackoffLimitExceeded", lastTransitionTime: now)
        ])
        #expect(try facts.decide(now: now + 5).writes.isEmpty)
        #expect(try facts.decide(now: now + 31).writes.count == 1)
    }

    @Test("progress is written at once, then at most every five seconds; what else changes does not wait for that")
    func progress() throws {
        var facts = observed(job: job())
        facts.pods = [pod(uid: "pod-uid", owner: "job-uid")]
        facts.run.status = try facts.decide(now: now).status
        func said(_ message: String, at time: Date) -> StepProgress {
            var event = StepProgress(task: "Prepare", message: message, fraction: 0.1)
            event.time = time
            return event
        }
        facts.progress = ["pod-uid": said("one", at: now)]
        let first = try facts.decide(now: now)
        #expect(first.status?.steps?.first?.progress?.message == "one")
        facts.run.status = first.status
        facts.progress = ["pod-uid": said("two", at: now + 2)]
        let early = try facts.decide(now: now + 2)
        #expect(early.status == nil && early.requeueAfter == .milliseconds(3_001))
        #expect(try facts.decide(now: now + 5).status?.steps?.first?.progress?.message == "two")
        // After a restart nothing is known for a while.
        facts.progress = [:]
        #expect(try facts.decide(now: now + 6) == Plan())
        facts.jobs[0].status = JobStatus(conditions: [
            StatusCondition(type: "Failed", status: "True", reason: "DeadlineExceeded", lastTransitionTime: now - 60)
        ])
        let ended = try facts.decide(now: now + 2)
        #expect(ended.status?.isFinished == true && ended.status?.steps?.first?.progress == nil)
    }

    private func pod(uid: String, owner: String) -> Pod {
        let reference = OwnerReference(apiVersion: "batch/v1", kind: "Job", name: "j", uid: owner, controller: true)
        var pod = Pod(
            metadata: ObjectMeta(name: "demo-g1-prepare-x1", namespace: "default", ownerReferences: [reference]),
            status: PodStatus(phase: "Running")
        )
        pod.metadata.uid = uid
        return pod
    }

    @Test("a specification that contradicts itself ends the run without a Job")
    func invalid() throws {
        var bad = observed()
        bad.run.spec.template?.model.horizon = 0
        let plan = try bad.decide(now: now)
        #expect(plan.writes.isEmpty && plan.status?.isFinished == true)
        #expect(plan.status?.conditions?.first?.message.contains("spec.model.horizon") == true)
    }

    @Test("a look at the same facts again changes nothing")
    func steady() throws {
        var facts = observed(job: job())
        facts.run.status = try facts.decide(now: now).status
        let again = try facts.decide(now: now.addingTimeInterval(60))
        #expect(again == Plan())
    }

    private func spec() -> ForecastPipelineSpec {
        ForecastPipelineSpec(
            source: SourceSpec(csv: CSVSourceSpec(path: "a.csv")),
            series: SeriesSpec(timestamp: "time", targets: ["x"], frequency: "1h"),
            model: ModelSpec(lookback: 24, horizon: 6, nlinear: NLinearSpec())
        )
    }

    private func job() -> Job {
        var meta = ObjectMeta(
            name: "demo-g1-prepare",
            namespace: "default",
            labels: [Naming.stepLabel: "prepare", Naming.attemptLabel: "1"]
        )
        meta.uid = "job-uid"
        meta.creationTimestamp = now
        return Job(metadata: meta)
    }

    private func observed(ending message: String?, code: Int32, reason: String = "Error") -> ObservedRun {
        var failed = job()
        failed.status = JobStatus(conditions: [
            StatusCondition(type: "Failed", status: "True", lastTransitionTime: now)
        ])
        let owner = OwnerReference(apiVersion: "batch/v1", kind: "Job", name: "j", uid: "job-uid", controller: true)
        let ended = ContainerStateTerminated(exitCode: code, reason: reason, message: message)
        let pod = Pod(
            metadata: ObjectMeta(name: "demo-g1-prepare-x1", namespace: "default", ownerReferences: [owner]),
            status: PodStatus(
                phase: "Failed",
                containerStatuses: [ContainerStatus(name: "worker", state: ContainerState(terminated: ended))]
            )
        )
        return observed(job: failed, pods: [pod])
    }

    private func observed(job: Job? = nil, pods: [Pod] = []) -> ObservedRun {
        var meta = ObjectMeta(name: "demo-g1", namespace: "default")
        meta.uid = "run-uid"
        meta.generation = 1
        meta.creationTimestamp = now
        let run = ForecastRun(
            metadata: meta,
            spec: ForecastRunSpec(pipelineRef: NameReference(name: "demo"), trigger: .specChange, template: spec())
        )
        return ObservedRun(
            run: run,
            jobs: job.map { [$0] } ?? [],
            pods: pods,
            options: OperatorOptions(workerImage: "almanac.dev/worker:dev")
        )
    }
}

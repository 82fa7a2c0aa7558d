// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import Testing

@testable import Operator

@Suite("Why a pod does not run")
struct PodFailureTests {
    private func pod(_ status: PodStatus) -> Pod {
        Pod(metadata: Objects.meta("p", uid: "p"), status: status)
    }

    private func waiting(_ reason: String, _ message: String? = nil) -> Pod {
        let state = ContainerState(waiting: ContainerStateWaiting(reason: reason, message: message))
        return pod(PodStatus(phase: "Pending", containerStatuses: [ContainerStatus(name: "worker", state: state)]))
    }

    @Test(
        "an image that cannot be pulled is told with the kubelet's words",
        arguments: ["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"]
    )
    func image(reason: String) {
        let failure = PodFailure.holdingBack([waiting(reason, "no such image: x/y:1")])
        #expect(failure == StepFailure(reason: .imagePullFailed, message: "pod p: no such image: x/y:1"))
    }

    @Test("a thing that the pod mounts and that is not there is told")
    func configuration() {
        let failure = PodFailure.holdingBack([waiting("CreateContainerConfigError", "configmap \"a\" not found")])
        #expect(failure?.reason == .containerConfigError && failure?.message.contains("configmap") == true)
    }

    @Test("a pod that no node can take is told with the scheduler's words")
    func unschedulable() {
        var condition = StatusCondition(type: "PodScheduled", status: "False")
        condition.message = "0/1 nodes are available: 1 Insufficient memory."
        let failure = PodFailure.holdingBack([pod(PodStatus(phase: "Pending", conditions: [condition]))])
        #expect(failure?.reason == .unschedulable)
        #expect(failure?.message == "pod p: 0/1 nodes are available: 1 Insufficient memory.")
    }

    @Test("a pod on its way is no failure")
    func onItsWay() {
        #expect(PodFailure.holdingBack([waiting("ContainerCreating")]) == nil)
        #expect(PodFailure.holdingBack([pod(PodStatus(phase: "Running"))]) == nil)
        #expect(PodFailure.ofServing([pod(PodStatus(phase: "Running"))]) == nil)
    }

    @Test("an evicted pod may be tried again")
    func evicted() {
        let status = PodStatus(phase: "Failed", reason: "Evicted", message: "The node was low on memory.")
        let ending = PodFailure.ending(of: pod(status))
        #expect(ending.failure.reason == .evicted && ending.isRetryable)
        #expect(ending.failure.message.contains("low on memory"))
    }

    @Test(
        "an exit code tells whether another attempt may help",
        arguments: [(Int32(65), false), (69, true), (70, false), (75, true), (78, false), (139, true), (1, false)]
    )
    func exitCodes(code: Int32, isRetryable: Bool) {
        let state = ContainerState(terminated: ContainerStateTerminated(exitCode: code, message: "the log's end"))
        let status = PodStatus(phase: "Failed", containerStatuses: [ContainerStatus(name: "worker", state: state)])
        let ending = PodFailure.ending(of: pod(status))
        #expect(ending.isRetryable == isRetryable)
        #expect(ending.failure.message == "pod p ended with exit code \(code): the log's end")
    }
}

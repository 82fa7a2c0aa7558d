// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import Testing

@testable import Operator

@Suite("How many pods a service has")
struct ServiceScaleTests {
    private var scaled: ForecastService {
        var service = Objects.service()
        service.spec.autoscaling = ServingAutoscalingSpec(minReplicas: 2, maxReplicas: 6)
        service.spec.worker = WorkerSpec(resources: ResourcesSpec(requests: ["cpu": "500m"]))
        return service
    }

    private func world(_ service: ForecastService, pods: Int) throws -> ServiceWorld {
        var world = ServiceWorld(service, pods: (0..<pods).map { Objects.servingPod("pod-\($0)") })
        try world.settle()
        return world
    }

    @Test("with an autoscaler the operator sets no number, and does not undo what the autoscaler sets")
    func autoscaler() throws {
        var world = try world(scaled, pods: 1)
        #expect(world.facts.autoscaler?.spec?.minReplicas == 2 && world.facts.autoscaler?.spec?.maxReplicas == 6)
        #expect(world.facts.autoscaler?.spec?.scaleTargetRef.kind == "Deployment")
        world.facts.deployment?.spec?.replicas = 4
        world.facts.pods = (0..<4).map { Objects.servingPod("pod-\($0)") }
        world.rolledOut()
        world.takeUp()
        try world.settle()
        #expect(world.facts.deployment?.spec?.replicas == 4 && world.ready?.status == .yes)
        #expect(world.status?.replicas == 4)
    }

    @Test("a service stays Ready while its autoscaler adds pods, and is not with fewer than the fewest")
    func scalingUp() throws {
        var world = try world(scaled, pods: 2)
        world.facts.deployment?.spec?.replicas = 3
        world.facts.pods.append(Objects.servingPod("new", isReady: false))
        world.rolledOut()
        try world.settle(takingUp: false)
        #expect(world.ready?.status == .yes)
        world.facts.pods = [Objects.servingPod("pod-0"), Objects.servingPod("pod-1", isReady: false)]
        world.rolledOut()
        try world.settle(takingUp: false)
        #expect(world.ready?.status == .no)
    }

    @Test("the number of pods stays what it is when an autoscaler takes over, and when it goes")
    func handover() throws {
        var service = scaled
        service.spec.autoscaling = nil
        service.spec.replicas = 4
        var world = try world(service, pods: 4)
        #expect(world.facts.deployment?.spec?.replicas == 4)
        world.facts.service.spec.autoscaling = scaled.spec.autoscaling
        let plan = try world.facts.decide(now: world.now)
        let kinds = plan.writes.map { "\($0)".prefix { $0 != "(" } }
        #expect(kinds == ["keepReplicas", "applyDeployment", "applyAutoscaler"])
        try world.settle()
        #expect(world.facts.deployment?.spec?.replicas == 4 && world.keptReplicas == 4)
        world.facts.service.spec.autoscaling = nil
        let back = try world.facts.decide(now: world.now).writes.map { "\($0)".prefix { $0 != "(" } }
        #expect(back == ["deleteAutoscaler", "applyDeployment"])
        try world.settle()
        #expect(world.facts.autoscaler == nil && world.facts.deployment?.spec?.replicas == 4)
    }

    @Test("a budget is there where there may be more than one pod")
    func budget() throws {
        var world = try world(Objects.service(replicas: 2), pods: 2)
        #expect(world.facts.budget?.spec?.maxUnavailable == 1)
        #expect(world.facts.budget?.spec?.selector?.matchLabels == [Naming.serviceLabel: "demo"])
        world.facts.service.spec.replicas = 1
        world.facts.pods.removeLast()
        try world.settle()
        #expect(world.facts.budget == nil)
        #expect(try self.world(scaled, pods: 2).facts.budget != nil)
    }

    @Test("requests a second stand beside the processors, in thousandths")
    func requestsPerSecond() throws {
        var service = scaled
        #expect(service.spec.autoscaling?.targetRequestsPerSecond == nil)
        service.spec.autoscaling?.targetRequestsPerSecond = 12.5
        let scaler: HorizontalPodAutoscaler<V2>? = ServingScale(service: service).autoscaler()
        let metrics = try #require(scaler?.spec?.metrics)
        #expect(metrics.map(\.type) == ["Pods", "Resource"])
        #expect(metrics[0].pods?.metric.name == "almanac_serving_requests_per_second")
        #expect(metrics[0].pods?.target.averageValue == "12500m")
        service.spec.autoscaling?.targetRequestsPerSecond = 0
        #expect(service.spec.problems().map(\.description).contains { $0.contains("targetRequestsPerSecond") })
    }

    @Test("the versions of the server are found in its groups")
    func versions() {
        func groups(_ autoscaling: String, _ policy: String) -> APIGroupList {
            APIGroupList(
                groups: [("autoscaling", autoscaling), ("policy", policy)].map { name, version in
                    let found = APIGroup.Version(groupVersion: "\(name)/\(version)", version: version)
                    return APIGroup(name: name, versions: [found])
                }
            )
        }
        #expect(ServerVersions(groups("v2", "v1")) == ServerVersions())
        let old = ServerVersions(groups("v2beta2", "v1beta1"))
        #expect(!old.hasAutoscalingV2 && !old.hasPolicyV1)
        let autoscaler: HorizontalPodAutoscaler<V2>? = ServingScale(service: scaled).autoscaler()
        #expect(autoscaler?.as(V2Beta2.self).apiVersion == "autoscaling/v2beta2")
        #expect(autoscaler?.as(V2Beta2.self).spec == autoscaler?.spec)
    }
}

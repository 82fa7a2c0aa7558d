// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore
import Testing

@testable import Operator

@Suite("Drift")
struct DriftTests {
    private func deployment(_ change: (inout ForecastService) -> Void = { _ in }) throws -> Deployment {
        var service = Objects.service()
        change(&service)
        var pipeline = Objects.pipeline()
        pipeline.status = ForecastPipelineStatus()
        pipeline.status?.model = Objects.model("v1")
        let model = try #require(ServedVersion(service.spec, pipeline: pipeline))
        let goal = ServingGoal(model, service: service, pipeline: pipeline, present: nil, digest: "")
        return try Drift.stamped(ServingDeployment(service: service, goal: goal, options: Objects.options).build())
    }

    @Test("fields that the server adds are no drift, those that somebody changed are")
    func changed() throws {
        let desired = try deployment()
        var live = desired
        live.metadata.uid = "uid"
        live.metadata.annotations?["deployment.kubernetes.io/revision"] = "1"
        live.spec?.progressDeadlineSeconds = 600
        live.spec?.template.spec.schedulerName = "default-scheduler"
        #expect(try Drift.isUpToDate(live, with: desired))
        live.spec?.template.spec.containers[0].image = "somebody/else:1"
        #expect(try !Drift.isUpToDate(live, with: desired))
        #expect(try !Drift.isUpToDate(nil, with: desired))
    }

    @Test("a field that is no longer wanted is drift")
    func removed() throws {
        let before = try deployment { $0.spec.worker = WorkerSpec(nodeSelector: ["disk": "ssd"]) }
        #expect(try !Drift.isUpToDate(before, with: deployment()))
    }

    @Test(
        "a quantity that the server wrote in another way is no drift",
        arguments: [
            ("0.5", "500m", true), ("1024Mi", "1Gi", true), ("1000m", "1", true), ("1e3", "1k", true),
            ("1Gi", "1G", false), ("2", "2000", false),
        ]
    )
    func quantities(desired: String, live: String, isSame: Bool) throws {
        let wanted = try deployment {
            $0.spec.worker = WorkerSpec(resources: ResourcesSpec(limits: ["cpu": Quantity(stringLiteral: desired)]))
        }
        var found = wanted
        found.spec?.template.spec.containers[0].resources?.limits?["cpu"] = live
        #expect(try Drift.isUpToDate(found, with: wanted) == isSame)
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ForecastAPI
import Foundation
import HTTPTransport
import KubeClient
import KubeCore
import KubeTestSupport
import Testing
import Yams

@testable import CLI

@Suite("Runs at a real API server", .enabled(if: TestControlPlane.isAvailable), .serialized, .timeLimit(.minutes(2)))
struct RunClusterTests {
    private func cluster(as user: String? = nil) async throws -> RunCluster {
        let plane = try await TestControlPlane.shared()
        try await Self.installRuns(plane.client)
        var configuration = plane.configuration
        configuration.impersonation = user.map { .init(user: $0, groups: ["system:authenticated"]) }
        let client = KubeClient(configuration: configuration, transport: CurlTransport(configuration.transport()))
        let namespace = try await plane.makeNamespace("runs")
        return RunCluster(client: client, server: configuration.server, namespace: namespace)
    }

    private static func installRuns(_ client: KubeClient) async throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../crds/forecastruns.yaml")
        let object = try #require(try Yams.load(yaml: String(contentsOf: file, encoding: .utf8)))
        let body = try JSONSerialization.data(withJSONObject: object)
        let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        do {
            _ = try await client.send(KubeRequest(.post, path: path, contentType: "application/json", body: body))
        } catch let error as KubeError where error.isAlreadyExists {
            // Another test was quicker.
        }
        for _ in 0..<200 {
            if (try? await client.send(KubeRequest(path: "/apis/almanac.dev/v1alpha1/forecastruns"))) != nil { return }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// A run as it would be after it ended, in that namespace.
    private func make(_ name: String, in cluster: RunCluster) async throws -> ForecastRun {
        var run = RunsTests.run(name)
        run.metadata = ObjectMeta(name: name, namespace: cluster.namespace)
        let status = run.status
        var made = try await cluster.create(run)
        made.status = status
        return try await cluster.client.applyStatus(made, fieldManager: "test")
    }

    @Test("runs are listed, cloned and ended; a misspelt name is answered with the near one")
    func wholeWay() async throws {
        let cluster = try await cluster()
        let origin = try await make("demo-g1", in: cluster)
        let set = try #require(OverrideArgument(argument: "model.nlinear=null"))
        let more = try #require(OverrideArgument(argument: "model.dlinear.individual=true"))
        let clone = try RunsCommand.Clone.clone(of: origin, named: "wider", [set, more])
        let made = try await cluster.create(clone)
        // The null is what takes the other block away, so it must be there still.
        #expect(made.spec.overrides == clone.spec.overrides && made.spec.trigger == .clone)
        #expect(try await cluster.runs().map(\.metadata.name).sorted() == ["demo-g1", "wider"])
        #expect(try await cluster.runs(of: "other").isEmpty)

        let text = try await RunsCommand.Cancel.cancel("wider", in: cluster, patience: .zero)
        #expect(text.contains("is to end"))
        #expect(try await cluster.run("wider").spec.cancel == true)
        let before = try await RunsCommand.Cancel.cancel("demo-g1", in: cluster, patience: .zero)
        #expect(before == "run demo-g1 has ended before: Succeeded (Completed): MAE is fine")

        let error = await #expect(throws: CLIError.self) { _ = try await cluster.run("widr") }
        #expect(error?.description == "there is no run 'widr' in namespace \(cluster.namespace); did you mean 'wider'?")
        #expect(error?.exitStatus == 66)
    }

    @Test("who may not is told which role to ask for")
    func forbidden() async throws {
        let cluster = try await cluster(as: "nobody")
        let error = await #expect(throws: CLIError.self) { _ = try await cluster.runs() }
        #expect(error?.exitStatus == 77)
        #expect(error?.description.contains("almanac-view") == true)
    }

    @Test("without a kubeconfig the program says how to name one")
    func noCluster() throws {
        let options = try ClusterOptions.parse(["--kubeconfig", "/nowhere/config"])
        let error = #expect(throws: CLIError.self) { _ = try options.cluster() }
        #expect(error?.exitStatus == 78)
        #expect(
            error?.description
                == "no cluster: /nowhere/config: kubeconfig: there is no such file; --kubeconfig, KUBECONFIG and "
                + "--context choose one ('almanac run' needs none)"
        )
        #expect(throws: (any Error).self) { _ = try ClusterOptions.parse(["-n", "../x"]) }
    }
}

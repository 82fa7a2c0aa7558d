// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import HTTPTransport
import KubeClient
import KubeCore
import KubeRuntime
import KubeTestSupport
import Logging
import PrometheusMetrics
import Synchronization
import Testing
import Yams

@testable import Operator

/// A namespace of the test API server with our resource types, and operators that run in this process.
struct TestCluster: Sendable {
    /// A number that a test sets while a node reads it.
    final class Value: Sendable {
        private let value: Mutex<Double>
        init(_ value: Double) { self.value = Mutex(value) }
        func set(_ new: Double) { value.withLock { $0 = new } }
        var current: Double { value.withLock { $0 } }
    }

    let client: KubeClient
    let namespace: String
    /// The error that workers report.
    let mae = Value(0.5)
    /// The error of forecasts that have come true, of the canary where there is one.
    let liveMAE = Value(1)
    /// The digest of the workers' image; nodes that tell none keep results from being taken again.
    var imageID = ""
    /// What stands in a pod's log.
    var readLog: @Sendable (ObjectKey) async throws -> Data = { _ in Data() }
    private let configuration: KubeConfiguration
    private let registry = MetricsRegistry()

    /// A namespace whose operators are administrators, or the service account of the manifests in `deploy/`.
    static func make(role manifest: String? = nil) async throws -> TestCluster {
        let plane = try await TestControlPlane.shared()
        try await installTypes(plane.client)
        try await clear(plane.client)
        let namespace = try await plane.makeNamespace("operator")
        var configuration = plane.configuration
        if let manifest {
            try await grant(manifest, namespace, plane.client)
            let account = "system:serviceaccount:\(namespace):almanac-operator"
            configuration.impersonation = .init(user: account, groups: ["system:authenticated"])
        }
        return TestCluster(client: plane.client, namespace: namespace, configuration: configuration)
    }

    /// Removes what earlier tests have left: the operator sees all namespaces, and would go on asking for their pods.
    private static func clear(_ client: KubeClient) async throws {
        for pipeline in try await client.list(ForecastPipeline.self).items {
            let (namespace, name) = (pipeline.metadata.namespace, pipeline.metadata.name)
            try await client.delete(ForecastPipeline.self, namespace: namespace, name: name)
        }
        for service in try await client.list(ForecastService.self).items {
            let (namespace, name) = (service.metadata.namespace, service.metadata.name)
            try await client.delete(ForecastService.self, namespace: namespace, name: name)
        }
    }

    /// Applies the roles of a manifest, for the account of that namespace.
    private static func grant(_ manifest: String, _ namespace: String, _ client: KubeClient) async throws {
        for object in try documents(manifest) {
            guard let kind = object["kind"] as? String, kind != "ServiceAccount" else { continue }
            // The server reads this as YAML, which knows no `\/`.
            let data = try JSONSerialization.data(withJSONObject: object, options: .withoutEscapingSlashes)
            let text = String(decoding: data, as: UTF8.self)
                .replacing(#""almanac-system""#, with: "\"\(namespace)\"")
                .replacing(#""forecasts""#, with: "\"\(namespace)\"")
            let isCluster = kind.hasPrefix("Cluster")
            let plural = kind.lowercased() + "s"
            let place = isCluster ? plural : "namespaces/\(namespace)/\(plural)"
            let name = try #require((object["metadata"] as? [String: Any])?["name"] as? String)
            let path = "/apis/rbac.authorization.k8s.io/v1/\(place)/\(name)?fieldManager=test&force=true"
            _ = try await client.send(
                KubeRequest(.patch, path: path, contentType: "application/apply-patch+yaml", body: Data(text.utf8))
            )
        }
    }

    /// The objects of a file in `deploy/`.
    static func documents(_ manifest: String) throws -> [[String: Any]] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../deploy")
        let text = try String(contentsOf: folder.appending(path: manifest), encoding: .utf8)
        return try Yams.load_all(yaml: text).compactMap { $0 as? [String: Any] }
    }

    /// A client of whoever the operators are.
    var operatorClient: KubeClient {
        KubeClient(configuration: configuration, transport: CurlTransport(configuration.transport()))
    }

    private init(client: KubeClient, namespace: String, configuration: KubeConfiguration) {
        self.client = client
        self.namespace = namespace
        self.configuration = configuration
    }

    private static func installTypes(_ client: KubeClient) async throws {
        let crds = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../crds")
        for plural in ["forecastpipelines", "forecastruns", "forecastservices"] {
            let text = try String(contentsOf: crds.appending(path: "\(plural).yaml"), encoding: .utf8)
            let object = try #require(try Yams.load(yaml: text))
            let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
            do {
                let body = try JSONSerialization.data(withJSONObject: object)
                _ = try await client.send(
                    KubeRequest(.post, path: path, contentType: "application/json", body: body)
                )
            } catch let error as KubeError where error.isAlreadyExists {
                // Another suite was quicker.
            }
            try await wait("\(plural) are served") {
                (try? await client.send(KubeRequest(path: "/apis/almanac.dev/v1alpha1/\(plural)"))) != nil
            }
        }
    }

    /// Runs an operator for this namespace's sake while `body` does.
    func run(works: Bool, watchNamespace: String? = nil, _ body: @Sendable (TestCluster) async throws -> Void)
        async throws
    {
        var logger = Logger(label: "operator")
        logger.logLevel = .critical
        var options = Objects.options
        options.watchNamespace = watchNamespace
        let program = OperatorProgram(
            configuration: configuration,
            options: options,
            leaseNamespace: namespace,
            logger: logger
        )
        let versions = ServerVersions(try await client.apiGroups())
        let host = program.makeHost(
            registry: registry,
            checks: HealthChecks(),
            versions: versions,
            readLog: readLog
        ) { pod in
            try await FakeNode(client: client, namespace: namespace).report(of: pod)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await host.run() }
            let node = works ? Task { try await work() } : nil
            defer { node?.cancel() }
            try await body(self)
            host.stop()
            try await group.waitForAll()
        }
    }

    private func work() async throws {
        while !Task.isCancelled {
            var node = FakeNode(client: client, namespace: namespace, mae: mae.current, imageID: imageID)
            node.liveMAE = liveMAE.current
            try? await node.step()
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// How many writing requests the operators of this cluster have sent, but for the lease.
    func writes() -> Int {
        registry.render().split(separator: "\n").filter {
            $0.hasPrefix("rest_client_requests_total") && ($0.contains(#""PATCH""#) || $0.contains(#""POST""#))
        }
        .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.map { Int($0) }.reduce(0, +)
    }

    /// The same once there was none for three seconds: events are written after what they are about, and a busy machine
    /// takes its time.
    func writesOnceQuiet() async throws -> Int {
        for _ in 0..<20 {
            let before = writes()
            try await Task.sleep(for: .seconds(3))
            if writes() == before { return before }
        }
        throw Timeout(what: "the operator writes nothing for three seconds", status: "")
    }

    func apply(_ pipeline: ForecastPipeline) async throws {
        var pipeline = pipeline
        pipeline.metadata = ObjectMeta(name: pipeline.metadata.name, namespace: namespace)
        _ = try await client.apply(pipeline, fieldManager: "test")
    }

    func request(_ value: String) async throws {
        let path = "/apis/almanac.dev/v1alpha1/namespaces/\(namespace)/forecastpipelines/demo"
        try await patch(path, #"{"spec":{"runRequest":"\#(value)"}}"#, type: "application/merge-patch+json")
    }

    func patch(_ path: String, _ body: String, type: String = "application/strategic-merge-patch+json") async throws {
        _ = try await client.send(KubeRequest(.patch, path: path, contentType: type, body: Data(body.utf8)))
    }

    func pipeline() async throws -> ForecastPipeline {
        try await client.get(ForecastPipeline.self, namespace: namespace, name: "demo")
    }

    func service() async throws -> ForecastService? {
        try await client.list(ForecastService.self, namespace: namespace).items.first { $0.metadata.name == "demo" }
    }

    func deployment() async throws -> Deployment {
        try await client.get(Deployment.self, namespace: namespace, name: "demo")
    }

    /// Waits until `found` finds something.
    @discardableResult
    func until<Found>(_ what: String, _ found: () async throws -> Found?) async throws -> Found {
        for _ in 0..<300 {
            if let result = try await found() { return result }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw Timeout(what: what, status: "\((try? await pipeline())?.status as Any)")
    }

    /// Waits until something holds.
    func until(_ what: String, _ holds: () async throws -> Bool) async throws {
        try await until(what) { try await holds() ? true : nil }
    }

    private static func wait(_ what: String, _ holds: () async throws -> Bool) async throws {
        for _ in 0..<200 {
            if try await holds() { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Timeout(what: what, status: "")
    }

    struct Timeout: Error, CustomStringConvertible {
        var what: String
        var status: String
        var description: String { "waited in vain until \(what); \(status)" }
    }
}

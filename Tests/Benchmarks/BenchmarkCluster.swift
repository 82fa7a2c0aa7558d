// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import HTTPTransport
import KubeClient
import KubeCore
import KubeTestSupport
import Yams

/// A real API server with our resource types, and the release operator as a process of its own.
struct BenchmarkCluster: Sendable {
    let plane: TestControlPlane
    let operatorProgram: String

    static func start(operatorProgram: String) async throws -> BenchmarkCluster {
        let plane = try await TestControlPlane.start()
        let cluster = BenchmarkCluster(plane: plane, operatorProgram: operatorProgram)
        try await cluster.installTypes()
        try cluster.writeKubeconfig()
        return cluster
    }

    var client: KubeClient { plane.client }

    private var kubeconfig: String { plane.folder + "/kubeconfig" }

    /// The operator as a process, once it reconciles.
    func startOperator() async throws -> OperatorProcess {
        let ports = try FreePorts.take(2)
        let process = try OperatorProcess(
            program: operatorProgram,
            arguments: [
                "--kubeconfig", kubeconfig, "--worker-image", "almanac.dev/worker:dev",
                "--metrics-bind-address", "127.0.0.1:\(ports[0])",
                "--health-probe-bind-address", "127.0.0.1:\(ports[1])",
                "--leader-elect-namespace", "default", "--log-level", "error",
            ],
            metrics: "http://127.0.0.1:\(ports[0])/metrics",
            ready: "http://127.0.0.1:\(ports[1])/readyz"
        )
        try await process.waitUntilReady()
        return process
    }

    private func installTypes() async throws {
        let crds = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../crds")
        for plural in ["forecastpipelines", "forecastruns", "forecastservices"] {
            let text = try String(contentsOf: crds.appending(path: "\(plural).yaml"), encoding: .utf8)
            let body = try JSONSerialization.data(withJSONObject: try Yams.load(yaml: text) ?? [String: Any]())
            let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
            _ = try await client.send(KubeRequest(.post, path: path, contentType: "application/json", body: body))
            for _ in 0..<200 {
                if (try? await client.send(KubeRequest(path: "/apis/almanac.dev/v1alpha1/\(plural)"))) != nil { break }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    private func writeKubeconfig() throws {
        let text = """
            apiVersion: v1
            kind: Config
            clusters: [{name: c, cluster: {server: "\(plane.configuration.server)", certificate-authority: ca.crt}}]
            users: [{name: u, user: {client-certificate: admin.crt, client-key: admin.key}}]
            contexts: [{name: x, context: {cluster: c, user: u}}]
            current-context: x
            """
        try Data(text.utf8).write(to: URL(filePath: kubeconfig))
    }
}

/// A running operator.
final class OperatorProcess: Sendable {
    private let process: ChildProcess
    private let metrics: String
    private let ready: String
    private let transport = CurlTransport()
    /// When it was started.
    let started = ContinuousClock.now

    init(program: String, arguments: [String], metrics: String, ready: String) throws {
        let path = URL(filePath: program).path
        process = try ChildProcess(path, arguments)
        self.metrics = metrics
        self.ready = ready
    }

    func waitUntilReady() async throws {
        for _ in 0..<6_000 {
            if let answer = try? await transport.send(HTTPRequest(url: ready, timeout: .seconds(2))),
                answer.status == 200
            {
                return
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw BenchmarkError.notReady(process.isRunning ? "it runs" : process.readToEnd())
    }

    /// A metric's sum over all its time series whose line holds `part`.
    func metric(_ name: String, where part: String = "") async throws -> Double {
        let answer = try await transport.send(HTTPRequest(url: metrics))
        return String(decoding: answer.body, as: UTF8.self).split(separator: "\n")
            .filter { $0.hasPrefix(name + "{") || $0.hasPrefix(name + " ") }
            .filter { part.isEmpty || $0.contains(part) }
            .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0, +)
    }

    /// Resident memory in MB.
    func residentMegabytes() async throws -> Double { try await metric("process_resident_memory_bytes") / 1_048_576 }

    /// Ends it in order, as a rollout does.
    func stop() async throws {
        process.send(signal: SIGTERM)
        _ = try await process.ended()
    }

    /// Ends it at once.
    func kill() { process.kill() }
}

/// What keeps a benchmark from being run.
enum BenchmarkError: Error, CustomStringConvertible {
    case notReady(String)
    case timeout(String)

    var description: String {
        switch self {
        case .notReady(let output): "the operator did not become ready: \(output)"
        case .timeout(let what): "waited in vain until \(what)"
        }
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import HTTPTransport
import KubeCore
import Synchronization
import Testing
import WorkerTestSupport

@testable import Worker

@Suite(
    "The process that serves a configuration",
    .enabled(if: WorkerProcess.program != nil, "almanac-worker is not built beside the tests"),
    .timeLimit(.minutes(1))
)
struct ServeProcessTests {
    private struct Served {
        let process: WorkerProcess
        let url: String
        let admin: String
        let transport = CurlTransport()

        init(_ arguments: [String]) throws {
            process = try WorkerProcess(
                ["serve", "--host", "127.0.0.1", "--port", "0", "--admin-port", "0"] + arguments
            )
            // The two ports are listened on in any order, and a line of the log may come before.
            var lines: [String] = []
            while lines.count(where: { $0.contains(" on http://") }) < 2, lines.last != "" {
                lines.append(process.firstLine())
            }
            func address(_ words: String) throws -> String {
                let line = try #require(lines.first { $0.hasPrefix(words) }, "\(lines)")
                return String(line.dropFirst(words.count))
            }
            url = try address("listening on ")
            admin = try address("administration on ")
        }

        func status(_ path: String) async throws -> Int {
            try await transport.send(HTTPRequest(url: url + path)).status
        }

        func report() async throws -> ServingReport {
            let answer = try await transport.send(HTTPRequest(url: admin + ServingReport.path))
            return try KubeJSON.decoder().decode(ServingReport.self, from: answer.body)
        }

        func eventually(_ condition: (ServingReport) -> Bool) async throws -> ServingReport {
            while true {
                let report = try await report()
                if condition(report) { return report }
                try await Task.sleep(for: .milliseconds(20))
            }
        }

        var predict: HTTPRequest {
            HTTPRequest(
                method: "POST",
                url: "\(url)/v1/models/traffic:predict",
                headers: [HTTPHeader("Content-Type", "application/json")],
                body: Data("{\"instances\":[\([Double](repeating: 1, count: 48))]}".utf8)
            )
        }
    }

    /// What clients that ask again and again were answered.
    private final class Load: Sendable {
        private let state = Mutex((isDone: false, codes: Set<Int>()))

        var isDone: Bool { state.withLock(\.isDone) }
        var codes: [Int] { state.withLock { $0.codes.sorted() } }

        func count(_ code: Int) { state.withLock { _ = $0.codes.insert(code) } }
        func stop() { state.withLock { $0.isDone = true } }
    }

    private func write(_ configuration: ServingConfiguration, to path: String) throws {
        try KubeJSON.encoder().encode(configuration).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    /// Publishes a model that was trained at another time for each number.
    private func train(_ number: Int, in workspace: Workspace) async throws -> ServingConfiguration.Version {
        try workspace.write(Workspace.rows(600))
        var request = workspace.request([.prepare, .train, .evaluate, .publish])
        (request.run, request.version) = ("traffic-g\(number)", "g\(number)")
        let outcome = await StepRunner(transport: ScriptedTransport()).run(request)
        let model = try #require(outcome.result.model)
        return .init(version: model.version, uri: model.uri)
    }

    @Test("is alive at once, ready with a configuration, and changes versions under load without a failed request")
    func changes() async throws {
        let workspace = try Workspace()
        let (first, second) = (try await train(1, in: workspace), try await train(2, in: workspace))
        #expect(first.version != second.version)
        let file = workspace.folder.appendingPathComponent("serving.json").path
        let served = try Served(["--store", workspace.store, "--configuration", file, "--drain-seconds", "0.2"])
        #expect(try await served.status("/v2/health/live") == 200)
        #expect(try await served.status("/v2/health/ready") == 503)
        #expect(try await served.transport.send(served.predict).status == 503)
        try write(ServingConfiguration(revision: "r1", name: "traffic", stable: first), to: file)
        #expect(try await served.eventually { $0.revision == "r1" }.isReady)
        #expect(try await served.status("/v2/health/ready") == 200)

        let load = Load()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    while !load.isDone { load.count(try await served.transport.send(served.predict).status) }
                }
            }
            defer { load.stop() }
            var next = ServingConfiguration(revision: "r2", name: "traffic", stable: first)
            next.canary = .init(version: second, trafficPercent: 20)
            try write(next, to: file)
            let canary = try await served.eventually {
                $0.revision == "r2" && $0.versions.reduce(0) { $0 + $1.traffic.requests } >= 200
            }
            let counts = canary.versions.map { Double($0.traffic.requests) }
            // Exact at each moment, but for the few that are in flight.
            #expect(abs(counts[1] / (counts[0] + counts[1]) - 0.2) < 0.05)
            try write(ServingConfiguration(revision: "r3", name: "traffic", stable: second), to: file)
            _ = try await served.eventually { $0.revision == "r3" && $0.versions[0].traffic.requests >= 50 }
            load.stop()
            try await group.waitForAll()
        }
        #expect(load.codes == [200])
        let metrics = try await served.transport.send(HTTPRequest(url: served.admin + "/metrics")).body
        let text = String(decoding: metrics, as: UTF8.self)
        for line in [
            #"almanac_serving_model_info{model="traffic",version="\#(second.version)",kind="NLinear"} 1"#,
            #"almanac_serving_model_info{model="traffic",version="\#(first.version)",kind="NLinear"} 0"#,
            #"almanac_serving_model_load_seconds{model="traffic",version="\#(second.version)"}"#,
        ] { #expect(text.contains(line), "\(line)") }
        served.process.terminate()
        #expect(try await served.process.exitCode() == 0)
        await served.transport.shutdown()
    }

    @Test("loses no request when it is told to stop under load, as long as its clients leave while it drains")
    func stops() async throws {
        let workspace = try Workspace()
        let file = workspace.folder.appendingPathComponent("serving.json").path
        let configuration = ServingConfiguration(
            revision: "1",
            name: "traffic",
            stable: try await train(1, in: workspace)
        )
        try write(configuration, to: file)
        let served = try Served(["--store", workspace.store, "--configuration", file, "--drain-seconds", "1"])
        _ = try await served.eventually(\.isReady)
        let load = Load()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    while !load.isDone { load.count(try await served.transport.send(served.predict).status) }
                }
            }
            defer { load.stop() }
            try await Task.sleep(for: .milliseconds(200))
            served.process.terminate()
            while try await served.status("/v2/health/ready") != 503 {}
            #expect(try await served.report().isReady == false)
            try await Task.sleep(for: .milliseconds(400))
            load.stop()
            try await group.waitForAll()
        }
        #expect(load.codes == [200])
        #expect(try await served.process.exitCode() == 0)
        await served.transport.shutdown()
    }

    @Test("goes on with what it serves when a new version is damaged, and says so in its report")
    func damaged() async throws {
        let workspace = try Workspace()
        let (good, bad) = (try await train(1, in: workspace), try await train(2, in: workspace))
        try Data("other".utf8).write(to: URL(fileURLWithPath: "\(workspace.store)/\(bad.uri)/weights.safetensors"))
        let file = workspace.folder.appendingPathComponent("serving.json").path
        try write(ServingConfiguration(revision: "r1", name: "traffic", stable: good), to: file)
        let served = try Served(["--store", workspace.store, "--configuration", file, "--drain-seconds", "0"])
        _ = try await served.eventually { $0.revision == "r1" }
        try write(ServingConfiguration(revision: "r2", name: "traffic", stable: bad), to: file)
        let report = try await served.eventually { $0.problem != nil }
        #expect(report.problem?.reason == .artifactDigestMismatch && report.revision == "r1" && report.isReady)
        #expect(try await served.transport.send(served.predict).status == 200)
        served.process.terminate()
        #expect(try await served.process.exitCode() == 0)
        await served.transport.shutdown()
    }
}

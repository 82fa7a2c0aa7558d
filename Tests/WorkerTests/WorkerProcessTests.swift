// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import HTTPTransport
import KubeCore
import Testing
import WorkerTestSupport

@testable import Worker

@Suite(
    "The worker's process",
    .enabled(if: WorkerProcess.program != nil, "almanac-worker is not built beside the tests"),
    .timeLimit(.minutes(1))
)
struct WorkerProcessTests {
    private func write(_ request: StepRequest, in workspace: Workspace) throws -> (request: String, result: String) {
        let file = workspace.folder.appendingPathComponent("request.json")
        try KubeJSON.encoder().encode(request).write(to: file)
        return (file.path, workspace.folder.appendingPathComponent("result.json").path)
    }

    private func result(_ path: String) throws -> StepResult {
        try #require(StepResult.decode(try String(contentsOfFile: path, encoding: .utf8)))
    }

    @Test("run leaves a result and the exit code, on success and on failure")
    func exitCodes() async throws {
        let workspace = try Workspace()
        try workspace.write(Workspace.rows(600))
        let good = try write(workspace.request([.prepare]), in: workspace)
        let first = try WorkerProcess(["run", "--request", good.request, "--result", good.result])
        #expect(try await first.exitCode() == WorkerExitCode.success.rawValue)
        #expect(try result(good.result).dataset?.rows == 600)
        let bad = try write(workspace.request([.prepare]) { $0.series.targets = ["volume"] }, in: workspace)
        let second = try WorkerProcess(["run", "--request", bad.request, "--result", bad.result])
        #expect(try await second.exitCode() == WorkerExitCode.badData.rawValue)
        #expect(try result(bad.result).failure?.reason == .badData)
    }

    @Test("run says what is wrong with a request that it cannot understand")
    func requests() async throws {
        let workspace = try Workspace()
        let file = workspace.folder.appendingPathComponent("request.json")
        let target = workspace.folder.appendingPathComponent("result.json").path
        for (text, expected) in [
            ("{\"schemaVersion\":99}", "schemaVersion 99"), ("nonsense", "not a JSON object"),
            ("{\"schemaVersion\":1}", "request.json"),
        ] {
            try Data(text.utf8).write(to: file)
            let process = try WorkerProcess(["run", "--request", file.path, "--result", target])
            #expect(try await process.exitCode() == WorkerExitCode.badSpecification.rawValue)
            let failure = try #require(try result(target).failure)
            #expect(failure.reason == .invalidSpec && failure.message.contains(expected), "\(failure.message)")
        }
    }

    @Test("SIGTERM stops a run that waits for its source, with a result that asks for another try")
    func stopped() async throws {
        let silent = try SilentServer()
        let workspace = try Workspace()
        let request = workspace.request([.prepare]) {
            $0.source.csv = CSVSourceSpec(url: "http://127.0.0.1:\(silent.port)/data.csv")
        }
        let files = try write(request, in: workspace)
        let process = try WorkerProcess(["run", "--request", files.request, "--result", files.result])
        try await Task.sleep(for: .milliseconds(700))
        process.terminate()
        #expect(try await process.exitCode() == WorkerExitCode.tryAgain.rawValue)
        #expect(try result(files.result).failure != nil)
        #expect(try workspace.contents().isEmpty)
    }

    @Test("serve refuses a model that is not there or damaged, before it listens")
    func refusesModels() async throws {
        let workspace = try Workspace()
        let uri = try await train(in: workspace)
        let target = workspace.folder.appendingPathComponent("result.json").path
        let arguments = ["--store", workspace.store, "--port", "0", "--result", target]
        let missing = try WorkerProcess(["serve", "--model", "models/team/traffic/none"] + arguments)
        #expect(try await missing.exitCode() == WorkerExitCode.badSpecification.rawValue)
        #expect(try result(target).failure?.reason == .artifactNotFound)
        #expect(try result(target).step == "serve")
        try Data("other".utf8).write(to: URL(fileURLWithPath: "\(workspace.store)/\(uri)/weights.safetensors"))
        let damaged = try WorkerProcess(["serve", "--model", uri] + arguments)
        #expect(try await damaged.exitCode() == WorkerExitCode.badSpecification.rawValue)
        #expect(try result(target).failure?.reason == .artifactDigestMismatch)
    }

    @Test("SIGTERM turns readiness off at once, requests are answered while draining, and the exit code is 0")
    func drains() async throws {
        let workspace = try Workspace()
        let uri = try await train(in: workspace)
        let server = try WorkerProcess([
            "serve", "--store", workspace.store, "--model", uri, "--host", "127.0.0.1", "--port", "0",
            "--drain-seconds", "1",
        ])
        let line = server.firstLine()
        let url = try #require(line.split(separator: " ").last.map(String.init))
        #expect(line == "listening on \(url)")
        let transport = CurlTransport()
        let history = [Double](repeating: 1, count: 48)
        let predict = HTTPRequest(
            method: "POST",
            url: "\(url)/v1/models/traffic:predict",
            headers: [HTTPHeader("Content-Type", "application/json")],
            body: Data("{\"instances\":[\(history)]}".utf8)
        )
        #expect(try await transport.send(HTTPRequest(url: "\(url)/v2/health/ready")).status == 200)
        #expect(try await transport.send(predict).status == 200)
        server.terminate()
        try await Task.sleep(for: .milliseconds(200))
        #expect(try await transport.send(HTTPRequest(url: "\(url)/v2/health/ready")).status == 503)
        #expect(try await transport.send(predict).status == 200)
        #expect(try await server.exitCode() == 0)
        await #expect(throws: HTTPTransportError.self) { try await transport.send(predict) }
        await transport.shutdown()
    }

    /// Publishes a model and returns its path in the store.
    private func train(in workspace: Workspace) async throws -> String {
        try workspace.write(Workspace.rows(600))
        let outcome = await StepRunner(transport: ScriptedTransport())
            .run(workspace.request([.prepare, .train, .evaluate, .publish]))
        return try #require(outcome.result.model?.uri)
    }
}

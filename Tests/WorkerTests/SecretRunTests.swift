// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import HTTPTransport
import Testing
import WorkerTestSupport

@testable import Worker

@Suite("A source that wants a Secret")
struct SecretRunTests {
    private let workspace: Workspace
    private let reference = SecretReference(name: "data")

    init() throws {
        workspace = try Workspace()
    }

    private func write(_ token: String) throws {
        let folder = workspace.folder.appendingPathComponent("data")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(token.utf8).write(to: folder.appendingPathComponent("token"))
    }

    @Test("a source gets the credentials of its Secret")
    func sourceIsAsked() async throws {
        try write("t0ken\n")
        let csv =
            (["time,value"] + Workspace.rows(400).map { $0.split(separator: ",").prefix(2).joined(separator: ",") })
            .joined(separator: "\n")
        let server = ScriptedTransport(body: Data(csv.utf8), asks: HTTPHeader("Authorization", "Bearer t0ken"))
        let outcome = await StepRunner(transport: server).run(request(secretsPath: workspace.folder.path))
        #expect(outcome.exitCode == .success)
        #expect(outcome.result.dataset?.rows == 400)
    }

    @Test("wrong credentials are a reason of their own, and never shown")
    func rejected() async throws {
        try write("wr0ng")
        let server = ScriptedTransport(asks: HTTPHeader("Authorization", "Bearer t0ken"))
        let outcome = await StepRunner(transport: server).run(request(secretsPath: workspace.folder.path))
        #expect(outcome.exitCode == .badSpecification)
        #expect(outcome.result.failure?.reason == .credentialsRejected)
        #expect(outcome.result.failure?.message.contains("wr0ng") == false)
    }

    @Test("a Secret that is not there yet may be there at the next attempt")
    func notThereYet() async throws {
        let outcome = await StepRunner(transport: ScriptedTransport()).run(request(secretsPath: workspace.folder.path))
        #expect(outcome.exitCode == .tryAgain)
        #expect(outcome.result.failure?.reason == .secretNotFound)
    }

    private func request(secretsPath: String) -> StepRequest {
        var request = workspace.request([.prepare]) {
            $0.source.csv = CSVSourceSpec(url: "http://data.example/x.csv")
            $0.source.csv?.secretRef = reference
        }
        request.secretsPath = secretsPath
        return request
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import Testing
import WorkerTestSupport

@testable import Worker

@Suite(
    "Clients that others wrote",
    .enabled(if: ClientEnvironment.programs != nil && WorkerProcess.program != nil, "no clients ('make setup')"),
    .timeLimit(.minutes(3))
)
struct ClientTests {
    /// Serves a fitted model by the built program for the time of `body`.
    private func serve(_ body: (_ url: String) async throws -> Void) async throws {
        let workspace = try Workspace()
        try workspace.write(Workspace.rows(600))
        let outcome = await StepRunner(transport: ScriptedTransport())
            .run(workspace.request([.prepare, .train, .evaluate, .publish]) { $0.intervals = IntervalsSpec() })
        let uri = try #require(outcome.result.model?.uri)
        let server = try WorkerProcess([
            "serve", "--store", workspace.store, "--model", uri, "--host", "127.0.0.1", "--port", "0",
            "--drain-seconds", "0",
        ])
        let url = try #require(server.firstLine().split(separator: " ").last.map(String.init))
        try await body(url)
        server.terminate()
        #expect(try await server.exitCode() == 0)
    }

    @Test("get the same forecast as a bare request", arguments: ["tritonclient", "kserve", "mlflow"])
    func clients(_ name: String) async throws {
        try await serve { url in
            let problem = try await ClientEnvironment.script(name, url)
            #expect(problem == nil, "\(problem ?? "")")
        }
    }
}

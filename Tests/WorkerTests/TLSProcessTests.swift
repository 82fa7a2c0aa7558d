// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import HTTPTransport
import KubeCore
import KubeTestSupport
import Testing
import WorkerTestSupport

@testable import Serving
@testable import Worker

@Suite(
    "The process that serves by TLS",
    .enabled(if: TestCertificates.missing == nil && WorkerProcess.program != nil, "no openssl, or no almanac-worker"),
    .timeLimit(.minutes(1))
)
struct TLSProcessTests {
    @Test("is ready with its certificate, takes up the next one without a restart, and reports one that is broken")
    func rotation() async throws {
        let workspace = try Workspace()
        try workspace.write(Workspace.rows(600))
        let outcome = await StepRunner(transport: ScriptedTransport())
            .run(workspace.request([.prepare, .train, .evaluate, .publish]))
        let uri = try #require(outcome.result.model?.uri)
        let secret = try CertificateSecret()
        let process = try WorkerProcess([
            "serve", "--store", workspace.store, "--model", uri, "--host", "127.0.0.1", "--port", "0", "--admin-port",
            "0", "--drain-seconds", "0", "--tls", secret.folder,
        ])
        // The log and the two ports come in any order.
        var addresses: [String: String] = [:]
        while addresses.count < 2 {
            let line = process.firstLine()
            try #require(!line.isEmpty)
            let words = line.split(separator: " ")
            if let first = words.first, let last = words.last, last.contains("://127.0.0.1:") {
                addresses[String(first)] = String(last)
            }
        }
        let (url, admin) = (try #require(addresses["listening"]), try #require(addresses["administration"]))
        #expect(url.hasPrefix("https://") && admin.hasPrefix("http://"))
        let plain = CurlTransport()
        func report() async throws -> ServingReport {
            let answer = try await plain.send(HTTPRequest(url: admin + ServingReport.path))
            return try KubeJSON.decoder().decode(ServingReport.self, from: answer.body)
        }
        func eventually(_ condition: (ServingReport) -> Bool) async throws -> ServingReport {
            while true {
                let report = try await report()
                if condition(report) { return report }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        let without = try await report()
        #expect(!without.isReady && without.access?.first?.reason == .certificateInvalid)
        #expect(try await plain.send(HTTPRequest(url: admin + "/v2/health/ready")).status == 503)
        let first = try await secret.renew("first")
        #expect(try await eventually(\.isReady).access == nil)
        let client = CurlTransport(.init(tls: .init(ca: .file(first))))
        #expect(try await client.send(HTTPRequest(url: url + "/v2/health/ready")).status == 200)
        try secret.write(Data("broken".utf8), as: CertificateFolder.certificateName)
        let broken = try await eventually { $0.access != nil }
        #expect(broken.isReady && broken.access?.first?.keepsClientsOut == false)
        let second = try await secret.renew("second")
        _ = try await eventually { $0.access == nil }
        let late = CurlTransport(.init(tls: .init(ca: .file(second))))
        #expect(try await late.send(HTTPRequest(url: url + "/v2/health/ready")).status == 200)
        #expect(try await client.send(HTTPRequest(url: url + "/v2/health/ready")).status == 200)
        let metrics = try await plain.send(HTTPRequest(url: admin + "/metrics")).body
        #expect(
            String(decoding: metrics, as: UTF8.self).contains(
                "almanac_serving_certificate_not_after_timestamp_seconds 1"
            )
        )
        for each in [plain, client, late] { await each.shutdown() }
        process.terminate()
        #expect(try await process.exitCode() == 0)
    }
}

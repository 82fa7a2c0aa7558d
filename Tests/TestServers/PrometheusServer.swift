// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import KubeTestSupport

/// A real Prometheus on loopback that scrapes nothing and has what a test gave it, in a folder that goes with it.
package final class PrometheusServer: Sendable {
    /// The server's address.
    package let url: String
    private let supervisor: ServerSupervisor

    /// Why there can be no server on this machine; nil if there can.
    package static let unavailable: String? = {
        guard programs.allSatisfy({ FileManager.default.isExecutableFile(atPath: $0) }) else {
            print("skipped: tests with a real Prometheus: no \(programs); install prometheus ('make setup')")
            return "no prometheus"
        }
        return nil
    }()

    /// Whether there can be a server on this machine.
    package static var isAvailable: Bool { unavailable == nil }

    private static let programs = ["/usr/bin/prometheus", "/usr/bin/promtool"]

    /// Starts a server with samples, given as lines of the OpenMetrics text format, and waits until it is ready.
    package init(samples: [String]) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("prometheus-\(UUID().uuidString)")
        let data = folder.appendingPathComponent("data").path
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        try (samples + ["# EOF", ""]).joined(separator: "\n")
            .write(to: folder.appendingPathComponent("samples"), atomically: true, encoding: .utf8)
        try "global: {}\n".write(to: folder.appendingPathComponent("c.yml"), atomically: true, encoding: .utf8)
        let blocks = [
            "tsdb", "create-blocks-from", "openmetrics", "-q", folder.appendingPathComponent("samples").path, data,
        ]
        let status = try await ChildProcess(Self.programs[1], blocks).ended()
        guard status == 0 else { throw TestServerError.refused("promtool ended with status \(status)") }
        let port = try FreePorts.take(1)[0]
        url = "http://127.0.0.1:\(port)"
        supervisor = try ServerSupervisor(
            commands: [
                [
                    Self.programs[0], "--config.file=\(folder.path)/c.yml", "--storage.tsdb.path=\(data)",
                    "--storage.tsdb.retention.time=100y", "--query.lookback-delta=1s",
                    "--web.listen-address=127.0.0.1:\(port)",
                ]
            ],
            folder: folder.path
        )
        let transport = CurlTransport()
        for _ in 0..<600 {
            if let answer = try? await transport.send(HTTPRequest(url: url + "/-/ready")), answer.status == 200 {
                return
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw TestServerError.notReady("prometheus", supervisor.logTails())
    }

    /// Ends the server.
    package func stop() { supervisor.stop() }
}

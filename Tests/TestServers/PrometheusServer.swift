// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import KubeTestSupport

/// A real Prometheus on loopback, in a folder that goes with it: one that scrapes nothing and has what a test gave it, or one
/// that scrapes what a test serves.
package final class PrometheusServer: Sendable {
    /// The server's address.
    package let url: String
    private let supervisor: ServerSupervisor
    private let transport = CurlTransport()

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

    /// What is scraped.
    package struct Target: Sendable {
        /// Where `/metrics` is, as `http://127.0.0.1:8080`.
        package var url: String
        /// Labels that every sample gets which has none of that name itself.
        package var labels: [String: String]

        /// A target.
        package init(url: String, labels: [String: String]) { (self.url, self.labels) = (url, labels) }
    }

    /// One sample of an answer.
    package struct Sample: Sendable, Equatable {
        /// Its labels, its name among them as `__name__`.
        package var labels: [String: String]
        /// Its value.
        package var value: Double
    }

    /// Starts a server that scrapes this target each second, and waits until it has done so twice.
    package convenience init(scraping target: Target) async throws {
        let labels = target.labels.sorted { $0.key < $1.key }.map { "\($0.key): \"\($0.value)\"" }
        let place = target.url.replacing("http://", with: "")
        let configuration = """
            global: {scrape_interval: 1s, scrape_timeout: 1s}
            scrape_configs:
              - job_name: almanac
                honor_labels: true
                static_configs: [{targets: ["\(place)"], labels: {\(labels.joined(separator: ", "))}}]

            """
        try await self.init(folder: try Self.makeFolder(), configuration: configuration, options: [])
        for _ in 0..<200 {
            if try await ask("count_over_time(up[1m]) > 1 and up == 1").first != nil { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw TestServerError.notReady("the first samples of prometheus", supervisor.logTails())
    }

    /// Starts a server with samples, given as lines of the OpenMetrics text format, and waits until it is ready.
    package convenience init(samples: [String]) async throws {
        let folder = try Self.makeFolder()
        let data = folder.appendingPathComponent("data").path
        try (samples + ["# EOF", ""]).joined(separator: "\n")
            .write(to: folder.appendingPathComponent("samples"), atomically: true, encoding: .utf8)
        let blocks = [
            "tsdb", "create-blocks-from", "openmetrics", "-q", folder.appendingPathComponent("samples").path, data,
        ]
        let status = try await ChildProcess(Self.programs[1], blocks).ended()
        guard status == 0 else { throw TestServerError.refused("promtool ended with status \(status)") }
        let options = ["--storage.tsdb.retention.time=100y", "--query.lookback-delta=1s"]
        try await self.init(folder: folder, configuration: "global: {}\n", options: options)
    }

    private static func makeFolder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("prometheus-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("data"),
            withIntermediateDirectories: true
        )
        return folder
    }

    /// Starts a server over the data in that folder and waits until it is ready.
    private init(folder: URL, configuration: String, options: [String]) async throws {
        try configuration.write(to: folder.appendingPathComponent("c.yml"), atomically: true, encoding: .utf8)
        let port = try FreePorts.take(1)[0]
        url = "http://127.0.0.1:\(port)"
        supervisor = try ServerSupervisor(
            commands: [
                [
                    Self.programs[0], "--config.file=\(folder.path)/c.yml", "--storage.tsdb.path=\(folder.path)/data",
                    "--web.listen-address=127.0.0.1:\(port)",
                ] + options
            ],
            folder: folder.path
        )
        for _ in 0..<600 {
            if let answer = try? await transport.send(HTTPRequest(url: url + "/-/ready")), answer.status == 200 {
                return
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw TestServerError.notReady("prometheus", supervisor.logTails())
    }

    /// What a query gives now.
    package func ask(_ query: String) async throws -> [Sample] {
        struct Answer: Decodable {
            struct Data: Decodable { var result: [Result] }
            struct Result: Decodable { var metric: [String: String], value: [Number] }
            var data: Data
        }
        /// The time as a number, then the value as a text.
        struct Number: Decodable {
            var value: Double
            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let text = try? container.decode(String.self) {
                    value = Double(text) ?? .nan
                } else {
                    value = try container.decode(Double.self)
                }
            }
        }
        let allowed = CharacterSet.alphanumerics
        let text = query.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
        let answer = try await transport.send(HTTPRequest(url: "\(url)/api/v1/query?query=\(text)"))
        guard answer.status == 200 else {
            throw TestServerError.refused("\(query): \(String(decoding: answer.body, as: UTF8.self))")
        }
        return try JSONDecoder().decode(Answer.self, from: answer.body).data.result.map {
            Sample(labels: $0.metric, value: $0.value.last?.value ?? .nan)
        }
    }

    /// Ends the server.
    package func stop() { supervisor.stop() }
}

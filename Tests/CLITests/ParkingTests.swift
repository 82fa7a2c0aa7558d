// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import HTTPTransport
import KubeCore
import Synchronization
import TestServers
import Testing

@testable import CLI

@Suite(
    "The parking sample, from a real InfluxDB and back",
    .enabled(if: InfluxServer.isAvailable, "no influxd"),
    .enabled(if: BuiltWorker.program != nil, "almanac-worker is not built beside the tests"),
    .timeLimit(.minutes(2))
)
struct ParkingTests {
    private static let repository = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// A folder with Secrets and a store, which goes with its owner.
    private final class Bench: Sendable {
        let folder: URL
        let written = Mutex("")

        init() throws {
            folder = FileManager.default.temporaryDirectory.appendingPathComponent("parking-\(UUID().uuidString)")
            let secret = folder.appendingPathComponent("secrets/influxdb")
            try FileManager.default.createDirectory(at: secret, withIntermediateDirectories: true)
            try Data("\(InfluxServer.user)\n".utf8).write(to: secret.appendingPathComponent("username"))
            try Data(InfluxServer.password.utf8).write(to: secret.appendingPathComponent("password"))
        }

        deinit { try? FileManager.default.removeItem(at: folder) }

        func run(_ server: InfluxServer) async throws -> Int32 {
            let sample = ParkingTests.repository.appending(path: "deploy/samples/parking.yaml")
            let text = try String(contentsOf: sample, encoding: .utf8)
                .replacing("http://influxdb:8086", with: server.url)
            let local = LocalPipeline(
                pipeline: try PipelineFile.pipeline(in: text, path: "parking.yaml"),
                folder: folder,
                options: RunOptions(
                    store: folder.appendingPathComponent("store"),
                    worker: try #require(BuiltWorker.program),
                    serve: false,
                    keepServing: false,
                    secrets: folder.appendingPathComponent("secrets")
                ),
                console: Console(
                    isTerminal: false,
                    width: 80,
                    style: .plain,
                    write: { text in self.written.withLock { $0 += text } },
                    writeError: { text in self.written.withLock { $0 += text } }
                ),
                transport: NoTransport(),
                backoff: { _ in .zero }
            )
            return try await local.run()
        }

        var text: String { written.withLock { $0 } }
    }

    /// A hundred days of a car park up to now, every ten minutes, and one of another that the query leaves out.
    private func fill(_ server: InfluxServer) async throws -> Int {
        let now = Int(Date().timeIntervalSince1970) / 600 * 600
        let lines = (0..<14_400).map { index in
            let time = now - (14_399 - index) * 600
            let day = 2 * Double.pi * Double(time % 86_400) / 86_400
            let taken = 200 - 150 * cos(day) + 40 * sin(day / 2 + Double(time / 86_400)) + Double(index % 7)
            return "spaces,garage=noord taken=\(taken) \(time)"
        }
        try await server.fill("parking", lines: lines + ["spaces,garage=zuid taken=1 \(now)"])
        return now / 3_600 * 3_600
    }

    private struct Answer: Decodable {
        struct Result: Decodable { var series: [Series]? }
        struct Series: Decodable { var values: [[Double?]] }
        var results: [Result]
    }

    /// The rows of a query's only series.
    private func rows(_ query: String, _ server: InfluxServer) async throws -> [[Double?]] {
        let answer = try await server.ask(query, database: "parking")
        return try JSONDecoder().decode(Answer.self, from: Data(answer.utf8)).results.first?.series?.first?.values ?? []
    }

    @Test("trains on the window, writes the next two days back, and Grafana's queries find both")
    func wholeRun() async throws {
        let server = try await InfluxServer()
        let hour = try await fill(server)
        let bench = try Bench()
        #expect(try await bench.run(server) == 0, "\(bench.text)")
        let forecast = try await rows(
            "SELECT value, step, issued FROM forecast WHERE pipeline = 'parking' AND garage = 'noord' AND quantile = ''",
            server
        )
        #expect(forecast.map { $0[0] } == (0..<48).map { Double(hour + $0 * 3_600) })
        #expect(forecast.map { $0[2] } == (1...48).map { Double($0) })
        #expect(forecast.allSatisfy { ($0[3] ?? 0) >= Double(hour) })
        for row in forecast {
            let time = Int(row[0] ?? 0)
            // The sample forecasts the mean of thirty hours.
            let hours = (0..<30).map { hour in
                let day = 2 * Double.pi * (Double((time - hour * 3_600) % 86_400) + 1_500) / 86_400
                return 200 - 150 * cos(day)
            }
            #expect(abs((row[1] ?? 0) - hours.reduce(0, +) / 30) < 60, "\(row)")
        }
        var bounds: [[Double]] = []
        for quantile in ["0.025", "0.1", "0.5", "0.9", "0.975"] {
            let query = "SELECT value, step, issued FROM forecast WHERE garage = 'noord' AND quantile = '\(quantile)'"
            let found = try await rows(query, server)
            #expect(found.map { [$0[0], $0[2], $0[3]] } == forecast.map { [$0[0], $0[2], $0[3]] }, "\(quantile)")
            bounds.append(found.compactMap { $0[1] })
        }
        for (lower, upper) in zip(bounds, bounds.dropFirst()) {
            #expect(zip(lower, upper).allSatisfy { $0 <= $1 } && lower != upper)
        }
        #expect(bench.text.contains("80 % interval holds"), "\(bench.text)")
        let version = try #require(bench.text.firstMatch(of: /[0-9]{8}-[0-9]{6}/)).output
        for query in try Self.dashboardQueries() {
            let window = "time >= \(hour - 7 * 86_400)s and time <= \(hour + 2 * 86_400)s"
            let asked = query.replacing("$timeFilter", with: window).replacing("$version", with: version)
            let answer = try await server.ask(asked, database: "parking")
            #expect(answer.contains(#""values":[["#) && !answer.contains("error"), "\(asked): \(answer.prefix(300))")
        }
        server.stop()
    }

    @Test("ends with the reason and the field when the password is wrong, and shows it nowhere")
    func wrongPassword() async throws {
        let server = try await InfluxServer()
        let bench = try Bench()
        let secret = bench.folder.appendingPathComponent("secrets/influxdb/password")
        try Data("wr0ng-word".utf8).write(to: secret)
        #expect(try await bench.run(server) == WorkerExitCode.badSpecification.rawValue)
        #expect(bench.text.contains("\(server.url)/query rejected the credentials (status 401)"), "\(bench.text)")
        #expect(!bench.text.contains("wr0ng-word"))
        server.stop()
    }

    /// The queries of the dashboard's panels and variables.
    private static func dashboardQueries() throws -> [String] {
        struct Dashboard: Decodable {
            struct Panel: Decodable { var targets: [Target] }
            struct Target: Decodable { var query: String }
            struct Templating: Decodable { var list: [Variable] }
            struct Variable: Decodable { var type: String, query: String }
            var panels: [Panel]
            var templating: Templating
        }
        let file = repository.appending(path: "deploy/grafana/parking.json")
        let dashboard = try JSONDecoder().decode(Dashboard.self, from: Data(contentsOf: file))
        let variables = dashboard.templating.list.filter { $0.type == "query" }.map(\.query)
        let queries = dashboard.panels.flatMap(\.targets).map(\.query) + variables
        #expect(queries.count == 7)
        return queries
    }
}

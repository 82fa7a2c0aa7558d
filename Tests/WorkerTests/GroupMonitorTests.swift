// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import HTTPTransport
import KubeCore
import TestSupport
import Testing
import WorkerTestSupport

@testable import Worker

/// As `MonitorRunTests`, of a pipeline whose rows are of several stores.
@Suite(
    "The accuracy of a service over several series",
    .enabled(if: WorkerProcess.program != nil, "almanac-worker is not built beside the tests"),
    .timeLimit(.minutes(2))
)
struct GroupMonitorTests {
    private static let start: Int64 = 1_704_067_200
    private static let stores = ["north", "south", "a \"b\", ü"]
    private let workspace: Workspace
    /// By store.
    private let values: [[Double]]

    init() throws {
        workspace = try Workspace()
        var random = SeededRandom(seed: 17)
        values = Self.stores.indices.map { store in
            (0..<800).map { row in
                let season = sin(2 * Double.pi * Double(row + 5 * store) / 24)
                return pow(20, Double(store)) * (10 + 3 * season + Double.random(in: -1...1, using: &random))
            }
        }
    }

    /// The first rows of each store, as the file has them.
    private func write(_ count: Int, moved: Double = 1) throws {
        var rows: [String] = []
        for row in 0..<count {
            let time = Date(timeIntervalSince1970: Double(Self.start) + Double(row) * 3_600).formatted(.iso8601)
            for (store, name) in Self.stores.enumerated() {
                let value = values[store][row] * (row < 700 ? 1 : moved)
                rows.append("\(time),\"\(name.replacing("\"", with: "\"\""))\",\(value)")
            }
        }
        try workspace.write(rows, header: "time,store,value")
    }

    private func run(_ request: StepRequest) async -> StepRunner.Outcome {
        await StepRunner(transport: CurlTransport()).run(request)
    }

    private func train() async throws -> ServingConfiguration.Version {
        try write(600)
        var request = workspace.request([.prepare, .train, .evaluate, .publish]) { $0.series.groupBy = ["store"] }
        (request.run, request.version) = ("traffic-g1", "g1")
        let outcome = await run(request)
        let model = try #require(outcome.result.model, "\(outcome.result.failure?.message ?? "")")
        return .init(version: model.version, uri: model.uri)
    }

    private func monitor(
        _ stable: ServingConfiguration.Version,
        drift: Bool = false,
        _ change: (inout ForecastPipelineSpec) -> Void = { $0.series.groupBy = ["store"] }
    ) -> StepRequest {
        var request = workspace.request([.monitor], change)
        request.createdTime = Date(timeIntervalSince1970: Date.now.timeIntervalSince1970.rounded())
        request.monitor = MonitorRequest(service: "traffic", stable: stable, windowSeconds: 3_600, drift: drift)
        return request
    }

    /// Asks for what follows some rows of each store; gives back the forecasts by store and row.
    private func ask(_ stable: ServingConfiguration.Version, after rows: [Int]) async throws -> [[Int: [Double]]] {
        struct Answer: Decodable { let predictions: [[Double]] }
        var configuration = ServingConfiguration(revision: "r1", name: "traffic", stable: stable)
        configuration.remembering = .init(forecastsPerSecond: 1_000, shadowsCanary: false)
        let file = workspace.folder.appendingPathComponent("serving.json")
        try KubeJSON.encoder().encode(configuration).write(to: file, options: .atomic)
        let process = try WorkerProcess([
            "serve", "--host", "127.0.0.1", "--port", "0", "--configuration", file.path, "--drain-seconds", "0",
            "--store", workspace.store,
        ])
        let url = String(process.firstLine().dropFirst("listening on ".count))
        let transport = CurlTransport()
        while try await transport.send(HTTPRequest(url: url + "/v2/health/ready")).status != 200 {
            try await Task.sleep(for: .milliseconds(20))
        }
        var answers = [[Int: [Double]]](repeating: [:], count: Self.stores.count)
        for row in rows {
            // All stores in one request.
            let instances = try Self.stores.indices.map { store -> String in
                let history = values[store][(row - 47)...row].map { "\($0)" }.joined(separator: ",")
                let name = String(decoding: try JSONEncoder().encode(Self.stores[store]), as: UTF8.self)
                let end = Self.start + Int64(row) * 3_600
                return #"{"history":[\#(history)],"end":\#(end),"series":{"store":\#(name)}}"#
            }
            let answer = try await transport.send(
                HTTPRequest(
                    method: "POST",
                    url: "\(url)/v1/models/traffic:predict",
                    headers: [HTTPHeader("Content-Type", "application/json")],
                    body: Data(#"{"instances":[\#(instances.joined(separator: ","))]}"#.utf8)
                )
            )
            #expect(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
            let predictions = try JSONDecoder().decode(Answer.self, from: answer.body).predictions
            for store in Self.stores.indices { answers[store][row] = predictions[store] }
        }
        process.terminate()
        #expect(try await process.exitCode() == 0)
        await transport.shutdown()
        return answers
    }

    private func expectClose(_ found: Double?, _ wanted: Double) {
        #expect(abs((found ?? .nan) - wanted) <= 2e-5 * abs(wanted), "\(String(describing: found)) \(wanted)")
    }

    @Test("pools the errors of all of them, each against the rows of its own, and names the worst")
    func several() async throws {
        let stable = try await train()
        let rows = Array(stride(from: 600, to: 790, by: 9))
        let answers = try await ask(stable, after: rows)
        try write(800)
        let outcome = await run(monitor(stable))
        let result = try #require(outcome.result.monitoring, "\(outcome.result.failure?.message ?? "")")
        let errors = Self.stores.indices.map { store -> [Double] in
            answers[store].flatMap { row, forecast -> [Double] in
                forecast.enumerated().compactMap { step, value in
                    row + 1 + step < 800 ? abs(value - values[store][row + 1 + step]) : nil
                }
            }
        }
        let all = errors.flatMap(\.self)
        #expect(result.series == 3 && result.forecasts == 3 * rows.count && result.otherSeries == 0)
        #expect(result.stable?.errors.values == all.count)
        expectClose(result.stable?.errors.mae, all.reduce(0, +) / Double(all.count))
        // The season of a day within the training rows, 420 of 600.
        let scaled = Self.stores.indices.map { store -> Double in
            let naive = (24..<420).reduce(0.0) { $0 + abs(values[store][$1] - values[store][$1 - 24]) } / 396
            return errors[store].reduce(0, +) / Double(errors[store].count) / naive
        }
        expectClose(result.stable?.errors.mase, scaled.reduce(0, +) / 3)
        let worst = zip(Self.stores, scaled).sorted { $0.1 > $1.1 }
        #expect(result.worstSeries?.map(\.series) == worst.map { "store=\($0.0)" })
        expectClose(result.worstSeries?.first?.mase, worst[0].1)
        let other = await run(monitor(stable) { _ in })
        #expect(other.result.failure?.reason == .invalidSpec)
        #expect(other.result.failure?.message.contains("the served version was trained with [store]") == true)
    }

    @Test("holds inputs against the training rows of their own series")
    func drift() async throws {
        let stable = try await train()
        func drift(moved: Double) async throws -> ColumnDrift {
            try write(800, moved: moved)
            var request = monitor(stable, drift: true)
            request.monitor?.windowSeconds = 96 * 3_600
            request.createdTime = Date(timeIntervalSince1970: Double(Self.start + 800 * 3_600))
            let outcome = await run(request)
            let drift = outcome.result.monitoring?.drift?.first
            return try #require(drift, "\(outcome.result.failure?.message ?? "")")
        }
        let (still, gone) = (try await drift(moved: 1), try await drift(moved: 1.5))
        #expect(still.column == "value" && still.rows == 3 * 96 && still.psi < 0.2, "\(still)")
        #expect(gone.psi > 1 && gone.ks > 0.5, "\(gone)")
    }
}

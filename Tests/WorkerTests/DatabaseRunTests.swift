// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation
import HTTPTransport
import KubeCore
import TestServers
import Testing
import WorkerTestSupport

@testable import Worker

@Suite(
    "Runs from InfluxDB to InfluxDB",
    .enabled(if: InfluxServer.isAvailable, "no influxd"),
    .serialized,
    .timeLimit(.minutes(2))
)
struct InfluxRunTests {
    private static let bench = SharedServer()

    private actor SharedServer {
        private var started: InfluxServer?

        func server() async throws -> InfluxServer {
            if let started { return started }
            let server = try await InfluxServer()
            let lines = Workspace.rows(1_000).enumerated().map { index, row in
                "traffic value=\(row.split(separator: ",")[1]) \(1_704_067_200 + index * 3_600)"
            }
            try await server.fill("city", lines: lines)
            started = server
            return server
        }
    }

    private let workspace: Workspace
    private let server: InfluxServer
    private let all: [StepTask] = [.prepare, .train, .evaluate, .publish]

    init() async throws {
        workspace = try Workspace()
        server = try await Self.bench.server()
        try write(password: InfluxServer.password)
    }

    private func write(password: String) throws {
        let folder = workspace.folder.appendingPathComponent("secrets/influx")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(InfluxServer.user.utf8).write(to: folder.appendingPathComponent("username"))
        try Data(password.utf8).write(to: folder.appendingPathComponent("password"))
    }

    private func request(
        _ tasks: [StepTask],
        sink: String? = nil,
        _ change: (inout ForecastPipelineSpec) -> Void = { _ in }
    ) -> StepRequest {
        var request = workspace.request(tasks) { spec in
            var source = InfluxDBSourceSpec(
                url: server.url,
                database: "city",
                query: "SELECT mean(value) AS value FROM traffic WHERE $timeFilter GROUP BY time(1h) fill(none)"
            )
            source.secretRef = SecretReference(name: "influx")
            // The first 40 rows lie before it.
            let from = Date(timeIntervalSince1970: 1_704_067_200 + 40 * 3_600)
            spec.source = SourceSpec(influxdb: source, window: DataWindowSpec(from: from))
            var place = InfluxDBSinkSpec(url: sink ?? server.url, database: "city")
            place.measurement = "f_\(workspace.folder.lastPathComponent.suffix(12))"
            place.tags = ["site": "a, b"]
            place.secretRef = SecretReference(name: "influx")
            spec.publish = PublishSpec(forecasts: [ForecastSinkSpec(influxdb: place)])
            change(&spec)
        }
        request.secretsPath = workspace.folder.appendingPathComponent("secrets").path
        return request
    }

    private func run(_ request: StepRequest) async -> StepRunner.Outcome {
        await StepRunner(transport: CurlTransport(), sinkPauses: []).run(request)
    }

    private func written(_ request: StepRequest) async throws -> String {
        let measurement = request.spec.publish?.forecasts?[0].influxdb?.measurement ?? ""
        return try await server.ask(
            "SELECT value, step, issued FROM \(measurement) GROUP BY pipeline, version, \"column\", site",
            database: "city"
        )
    }

    @Test("read the window, and write the forecast once, however often the step is done")
    func wholeRun() async throws {
        let request = request(all)
        let outcome = await run(request)
        #expect(outcome.exitCode == .success, "\(outcome.result.failure?.message ?? "")")
        #expect(outcome.result.dataset?.rows == 960)
        let first = try await written(request)
        let tags = #""tags":{"column":"value","pipeline":"traffic","site":"a, b","version":"20261121-030000"}"#
        #expect(first.contains(tags), "\(first)")
        let file = try ArtifactStore(root: workspace.store)
            .readRunFile(ForecastFile.name, namespace: "team", run: "traffic-g1")
        let forecast = try KubeJSON.decoder().decode(ForecastFile.self, from: Data(file)).first.forecast
        let values = try #require(forecast.values["value"])
        let start = 1_704_067_200 + 1_000 * 3_600
        for (index, value) in values.enumerated() {
            #expect(first.contains("[\(start + index * 3_600),\(value),\(index + 1),1795230000]"))
        }
        #expect(await run(request).result.model == outcome.result.model)
        #expect(try await written(request) == first)
    }

    @Test("read a series for each tag's value, and write a point for each with that tag")
    func groups() async throws {
        let lines = Workspace.rows(600).enumerated().flatMap { index, row in
            let (cells, time) = (row.split(separator: ","), 1_704_067_200 + index * 3_600)
            return [#"noord\ 1"#, "zuid"].enumerated().map { place, garage in
                "spaces,garage=\(garage) taken=\(cells[1 + place]) \(time)"
            }
        }
        try await server.fill("city", lines: lines)
        let request = request(all) {
            $0.source.influxdb?.query =
                "SELECT mean(taken) AS taken FROM spaces WHERE $timeFilter GROUP BY time(1h), garage fill(none)"
            $0.series.targets = ["taken"]
            $0.series.groupBy = ["garage"]
        }
        let outcome = await run(request)
        #expect(outcome.exitCode == .success, "\(outcome.result.failure?.message ?? "")")
        #expect(outcome.result.dataset?.series == 2 && outcome.result.dataset?.rows == 1_120)
        let file = try workspace.artifacts.readRunFile(ForecastFile.name, namespace: "team", run: "traffic-g1")
        let forecast = try KubeJSON.decoder().decode(ForecastFile.self, from: Data(file))
        #expect(forecast.series.map(\.key) == [["noord 1"], ["zuid"]])
        let measurement = request.spec.publish?.forecasts?[0].influxdb?.measurement ?? ""
        for series in forecast.series {
            let answer = try await server.ask(
                "SELECT value, step FROM \(measurement) WHERE garage = '\(series.key[0])' GROUP BY garage",
                database: "city"
            )
            let start = 1_704_067_200 + 600 * 3_600
            for (index, value) in (series.forecast.values["taken"] ?? []).enumerated() {
                #expect(answer.contains("[\(start + index * 3_600),\(value),\(index + 1)]"), "\(answer)")
            }
        }
    }

    @Test("write no forecast of a model that does not pass its gate, unless the gate only watches")
    func gate() async throws {
        let failing = request(all) { $0.gate = GateSpec(threshold: 0) }
        #expect(await run(failing).exitCode == .success)
        #expect(try await written(failing).contains("series") == false)
        let watching = request(all) { $0.gate = GateSpec(threshold: 0, mode: .dryRun) }
        #expect(await run(watching).exitCode == .success)
        #expect(try await written(watching).contains("series"))
    }

    @Test(
        "fail where the forecast cannot be written, with the version registered",
        .enabled(if: CannedServer.isAvailable)
    )
    func sinkDown() async throws {
        let down = try await CannedServer([CannedServer.answer("503 Down", #"{"error":"starting"}"#)])
        let outcome = await run(request(all, sink: down.url))
        #expect(outcome.exitCode == .unreachable)
        #expect(outcome.result.failure?.reason == .sinkUnreachable)
        #expect(
            outcome.result.failure?.message.contains("\(down.url)/write: the server answered with status 503") == true
        )
        let versions = try ArtifactStore(root: workspace.store).versions(namespace: "team", pipeline: "traffic")
        #expect(versions == ["20261121-030000"])
        let refused = await run(request(all) { $0.publish?.forecasts?[0].influxdb?.database = "nowhere" })
        #expect(refused.exitCode == .badSpecification && refused.result.failure?.reason == .writeRefused)
    }

    @Test("tell a wrong password, a missing key, a wrong query and an empty window apart")
    func faults() async throws {
        func failure(_ change: (inout ForecastPipelineSpec) -> Void = { _ in }) async throws -> (
            Reason, WorkerExitCode, String
        ) {
            let outcome = await run(request([.prepare], change))
            let failure = try #require(outcome.result.failure)
            return (failure.reason, outcome.exitCode, failure.message)
        }
        let empty = try await failure {
            $0.source.window = DataWindowSpec(
                from: Date(timeIntervalSince1970: 0),
                to: Date(timeIntervalSince1970: 9e8)
            )
        }
        #expect(empty.0 == .noData && empty.1 == .badData, "\(empty.2)")
        let query = try await failure { $0.source.influxdb?.query = "SELECT FROM x WHERE $timeFilter" }
        #expect(query.0 == .invalidSpec && query.2.contains("spec.source.influxdb.query: "), "\(query.2)")
        let database = try await failure { $0.source.influxdb?.database = "nowhere" }
        #expect(database.0 == .sourceUnreachable && database.1 == .badSpecification, "\(database.2)")
        try write(password: "other-secret")
        let password = try await failure()
        #expect(password.0 == .credentialsRejected && password.1 == .badSpecification, "\(password.2)")
        #expect(!password.2.contains("other-secret"))
        try FileManager.default.removeItem(at: workspace.folder.appendingPathComponent("secrets/influx/password"))
        let missing = try await failure()
        #expect(missing.0 == .secretNotFound && missing.2.contains("spec.source.influxdb.secretRef"), "\(missing.2)")
    }
}

@Suite("Runs from Prometheus", .enabled(if: PrometheusServer.isAvailable, "no prometheus"), .timeLimit(.minutes(1)))
struct PrometheusRunTests {
    @Test("read a column for each value of a label")
    func labels() async throws {
        let workspace = try Workspace()
        let lines = Workspace.rows(600).enumerated().flatMap { index, row in
            let (cells, time) = (row.split(separator: ","), 1_704_067_200 + index * 60)
            return [#"cars{road="value"} \#(cells[1]) \#(time)"#, #"cars{road="other"} \#(cells[2]) \#(time)"#]
        }
        let server = try await PrometheusServer(samples: ["# TYPE cars gauge"] + lines)
        var source = PrometheusSourceSpec(url: server.url, query: "cars")
        source.columnLabel = "road"
        let request = workspace.request([.prepare]) {
            $0.series.targets = ["other", "value"]
            $0.series.frequency = "1min"
            $0.model = ModelSpec(lookback: 48, horizon: 12, nlinear: NLinearSpec())
            let (from, to) = (Date(timeIntervalSince1970: 1_704_067_200), Date(timeIntervalSince1970: 1_704_103_200))
            $0.source = SourceSpec(prometheus: source, window: DataWindowSpec(from: from, to: to))
        }
        let outcome = await StepRunner(transport: CurlTransport()).run(request)
        #expect(outcome.result.dataset?.rows == 600, "\(outcome.result.failure?.message ?? "")")
        server.stop()
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation
import HTTPTransport
import KubeCore
import TestServers
import TestSupport
import Testing
import WorkerTestSupport

@testable import Connectors
@testable import Worker

/// A served model, asked over HTTP, stopped by a signal; then the task that compares what it said with what came true.
@Suite(
    "The accuracy of a service",
    .enabled(if: WorkerProcess.program != nil, "almanac-worker is not built beside the tests"),
    .timeLimit(.minutes(2))
)
struct MonitorRunTests {
    private static let start: Int64 = 1_704_067_200
    private let workspace: Workspace
    private let rows = Workspace.rows(1_000)
    private let values: [Double]

    init() throws {
        workspace = try Workspace()
        values = rows.map { Double($0.split(separator: ",")[1]) ?? .nan }
    }

    private func run(_ request: StepRequest) async -> StepRunner.Outcome {
        await StepRunner(transport: CurlTransport()).run(request)
    }

    /// Publishes a model of the first 600 rows.
    private func train(
        _ version: String,
        _ change: (inout ForecastPipelineSpec) -> Void = { _ in }
    ) async throws -> ServingConfiguration.Version {
        try workspace.write(Array(rows.prefix(600)))
        var request = workspace.request([.prepare, .train, .evaluate, .publish], change)
        (request.run, request.version, request.secretsPath) = ("traffic-\(version)", version, secrets)
        let outcome = await run(request)
        let model = try #require(outcome.result.model, "\(outcome.result.failure?.message ?? "")")
        return .init(version: model.version, uri: model.uri)
    }

    private var secrets: String { workspace.folder.appendingPathComponent("secrets").path }

    private func write(secret: String, _ values: [String: String]) throws {
        let folder = URL(filePath: secrets).appending(path: secret)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (key, value) in values { try Data(value.utf8).write(to: folder.appending(path: key)) }
    }

    private struct Answer: Decodable { let predictions: [[Double]] }

    /// What the service has answered: the forecast from each row.
    private func ask(
        _ configuration: ServingConfiguration,
        _ store: [String],
        from histories: some Sequence<Int>
    ) async throws -> [Int: (version: String, values: [Double])] {
        let file = workspace.folder.appendingPathComponent("serving.json")
        try KubeJSON.encoder().encode(configuration).write(to: file, options: .atomic)
        let process = try WorkerProcess(
            ["serve", "--host", "127.0.0.1", "--port", "0", "--configuration", file.path, "--drain-seconds", "0"]
                + store
        )
        let url = String(process.firstLine().dropFirst("listening on ".count))
        let transport = CurlTransport()
        while try await transport.send(HTTPRequest(url: url + "/v2/health/ready")).status != 200 {
            try await Task.sleep(for: .milliseconds(20))
        }
        var answers: [Int: (version: String, values: [Double])] = [:]
        for row in histories {
            let history = values[(row - 47)...row].map { "\($0)" }.joined(separator: ",")
            let end = Self.start + Int64(row) * 3_600
            let answer = try await transport.send(
                HTTPRequest(
                    method: "POST",
                    url: "\(url)/v1/models/traffic:predict",
                    headers: [HTTPHeader("Content-Type", "application/json")],
                    body: Data(#"{"instances":[{"history":[\#(history)],"end":\#(end)}]}"#.utf8)
                )
            )
            let version = answer.headers.first(named: "Almanac-Model-Version") ?? ""
            answers[row] = (version, try JSONDecoder().decode(Answer.self, from: answer.body).predictions[0])
        }
        process.terminate()
        #expect(try await process.exitCode() == 0)
        await transport.shutdown()
        return answers
    }

    private func configuration(
        _ stable: ServingConfiguration.Version,
        canary: ServingConfiguration.Version? = nil
    ) -> ServingConfiguration {
        var configuration = ServingConfiguration(revision: "r1", name: "traffic", stable: stable)
        configuration.canary = canary.map { .init(version: $0, trafficPercent: 50) }
        configuration.remembering = .init(forecastsPerSecond: 1_000, shadowsCanary: canary != nil)
        return configuration
    }

    /// The request of the task, as of now.
    private func monitor(
        _ stable: ServingConfiguration.Version,
        canary: ServingConfiguration.Version? = nil,
        windowSeconds: Int = 3_600,
        drift: Bool = false,
        _ change: (inout ForecastPipelineSpec) -> Void = { _ in }
    ) -> StepRequest {
        var request = workspace.request([.monitor], change)
        request.createdTime = Date(timeIntervalSince1970: Date.now.timeIntervalSince1970.rounded())
        request.secretsPath = secrets
        request.monitor = MonitorRequest(
            service: "traffic",
            stable: stable,
            canary: canary,
            windowSeconds: windowSeconds,
            drift: drift
        )
        return request
    }

    /// The mean of |forecast - truth| over the rows that there are, and how many these are.
    private func expected(_ answers: [Int: (version: String, values: [Double])], rows: Int = 1_000) -> (Double, Int) {
        let errors = answers.flatMap { row, answer in
            answer.values.enumerated().compactMap { step, value in
                row + 1 + step < rows ? abs(value - values[row + 1 + step]) : nil
            }
        }
        return (errors.reduce(0, +) / Double(errors.count), errors.count)
    }

    private func expectClose(_ found: Double?, _ wanted: Double) {
        #expect(abs((found ?? .nan) - wanted) <= 2e-5 * abs(wanted), "\(String(describing: found)) \(wanted)")
    }

    @Test("is that of the forecasts it issued, against the rows that the file has by then")
    func file() async throws {
        let stable = try await train("g1")
        let answers = try await ask(
            configuration(stable),
            ["--store", workspace.store],
            from: stride(from: 600, to: 999, by: 7)
        )
        try workspace.write(rows)
        let outcome = await run(monitor(stable))
        let result = try #require(outcome.result.monitoring, "\(outcome.result.failure?.message ?? "")")
        let (mae, count) = expected(answers)
        #expect(result.stable?.errors.values == count && result.forecasts == answers.count)
        #expect(result.pending == answers.count * 12 - count && result.otherSeries == 0)
        expectClose(result.stable?.errors.mae, mae)
        // The season of a day within the training rows, 420 of 600.
        var naive = 0.0
        for row in 24..<420 { naive += abs(values[row] - values[row - 24]) / 396 }
        expectClose(result.stable?.errors.mase, mae / naive)
        #expect(result.stable?.bands.map(\.toStep) == [2, 4, 6, 8, 10, 12])
        #expect(result.drift == nil && result.comparison == nil)
        #expect(try outcome.result.encoded().count <= StepResult.maximumBytes)

        try workspace.write(Array(rows.prefix(700)))
        let early = await run(monitor(stable)).result.monitoring
        let sooner = expected(answers.filter { $0.key < 700 }, rows: 700)
        #expect(early?.stable?.errors.values == sooner.1)
        expectClose(early?.stable?.errors.mae, sooner.0)
        try workspace.write(rows.map { $0.replacing(",1", with: ",2") })
        let other = await run(monitor(stable)).result.monitoring
        #expect((other?.otherSeries ?? 0) + (other?.forecasts ?? 0) == answers.count && (other?.otherSeries ?? 0) > 0)
    }

    @Test("of a version on trial stands beside that of the stable one, on the same histories")
    func shadowed() async throws {
        let (stable, canary) = (
            try await train("g1"),
            try await train("g2") { $0.model = ModelSpec(lookback: 48, horizon: 6, seasonalNaive: SeasonalNaiveSpec()) }
        )
        let answers = try await ask(
            configuration(stable, canary: canary),
            ["--store", workspace.store],
            from: stride(from: 610, to: 980, by: 10)
        )
        #expect(Set(answers.values.map(\.version)) == ["g1", "g2"])
        try workspace.write(rows)
        let result = try #require(await run(monitor(stable, canary: canary)).result.monitoring)
        #expect(result.forecasts == answers.count)
        let pair = try #require(result.comparison)
        #expect(pair.canary.errors.values == answers.count * 6 && pair.stable.errors.values == answers.count * 6)
        // The naive forecast is the same whoever makes it.
        var naive: [Double] = []
        for row in answers.keys {
            for step in 1...6 { naive.append(abs(values[row + step - 24] - values[row + step])) }
        }
        expectClose(pair.canary.errors.mae, naive.reduce(0, +) / Double(naive.count))
        #expect(pair.stable.errors.mae < pair.canary.errors.mae)
    }

    @Test("tells how far the inputs have moved, and says nothing of forecasts that are too old or were never made")
    func drift() async throws {
        let stable = try await train("g1")
        let moved = rows.enumerated().map { index, row in
            index < 800 ? row : "\(row.split(separator: ",")[0]),\(values[index] + 30),0,text"
        }
        try workspace.write(moved)
        var request = monitor(stable, windowSeconds: 200 * 3_600, drift: true)
        request.createdTime = Date(timeIntervalSince1970: Double(Self.start + 1_000 * 3_600))
        let result = try #require(await run(request).result.monitoring)
        #expect(result.forecasts == 0 && result.stable == nil && result.from == nil)
        let drift = try #require(result.drift?.first)
        #expect(drift.column == "value" && drift.rows == 200 && drift.ks == 1 && drift.psi > 5)
        request.monitor?.windowSeconds = 100
        #expect(await run(request).result.monitoring?.drift == [])
    }

    @Test("passes damaged and foreign files over, and removes segments that are older than the window, and no others")
    func folder() async throws {
        let stable = try await train("g1")
        try workspace.write(rows)
        let (store, now) = (workspace.artifacts, Int64(Date.now.timeIntervalSince1970 * 1_000))
        let folder = try LiveFolder(store, namespace: "team", service: "traffic")
        func remember(_ issued: Int64, _ row: Int, in folder: LiveFolder, of process: String = "pod-a") throws {
            let forecast = RememberedForecast(
                version: "g1",
                issued: issued,
                end: Self.start + Int64(row) * 3_600,
                last: [values[row]],
                values: [Double](repeating: 100, count: 12)
            )
            let name = SegmentName(issued: issued, number: 0)
            try folder.write("\(name)", of: process, bytes: try ForecastSegment([forecast]).encoded())
        }
        try remember(now - 60_000, 700, in: folder)
        try remember(now - 60_000, 700, in: folder, of: "pod-b")
        try remember(now + 900_000, 710, in: folder, of: "pod-b")
        try remember(now - 7_200_000, 720, in: folder)
        try remember(now - 7_200_000, 720, in: folder, of: "pod-gone")
        let other = try LiveFolder(store, namespace: "team", service: "other")
        try remember(now - 7_200_000, 720, in: other)
        try folder.write("\(SegmentName(issued: now, number: 1))", of: "pod-a", bytes: [1, 2, 3])
        let later = try SafetensorsFile(tensors: [], metadata: ["schemaVersion": "9"]).encoded()
        try folder.write("\(SegmentName(issued: now, number: 2))", of: "pod-a", bytes: later)
        try folder.write("notes.txt", of: "pod-a", bytes: [1])
        let said = Shared<[String]>([])
        var runner = StepRunner(transport: CurlTransport())
        runner.progress = ProgressReporter { event in said.withLock { $0.append(event.message) } }
        let result = try #require(await runner.run(monitor(stable)).result.monitoring)
        #expect(result.forecasts == 2 && result.stable?.errors.values == 24)
        #expect(try folder.processes() == ["pod-a", "pod-b"])
        #expect(try folder.files(of: "pod-a").count == 4 && folder.files(of: "pod-b").count == 2)
        #expect(try other.files(of: "pod-a").count == 1)
        let text = said.withLock { $0.joined(separator: "\n") }
        #expect(text.contains("live/team/traffic/pod-a/\(now)-1.safetensors: the remembered forecasts cannot be used"))
        #expect(text.contains("2 forecasts are remembered, 2 old files were removed"), "\(text)")
        #expect(text.contains("it has schemaVersion 9, this worker knows 2"), "\(text)")
        var since = monitor(stable)
        since.monitor?.since = Date(timeIntervalSince1970: Double(now / 1_000) + 600)
        #expect(await run(since).result.monitoring?.forecasts == 1)
    }

    @Test("is read from InfluxDB, for just the times that are needed", .enabled(if: InfluxServer.isAvailable))
    func influx() async throws {
        let server = try await InfluxServer()
        defer { server.stop() }
        let lines = values.enumerated().map { "traffic value=\($1) \(Self.start + Int64($0) * 3_600)" }
        try await server.fill("city", lines: lines)
        try write(secret: "influx", ["username": InfluxServer.user, "password": InfluxServer.password])
        let stable = try await train("g1")
        let answers = try await ask(configuration(stable), ["--store", workspace.store], from: [700, 760, 990])
        let outcome = await run(
            monitor(stable) { spec in
                var source = InfluxDBSourceSpec(
                    url: server.url,
                    database: "city",
                    query: "SELECT mean(value) AS value FROM traffic WHERE $timeFilter GROUP BY time(1h) fill(none)"
                )
                source.secretRef = SecretReference(name: "influx")
                spec.source = SourceSpec(influxdb: source, window: DataWindowSpec(lookbackPeriod: "1d"))
            }
        )
        let result = try #require(outcome.result.monitoring, "\(outcome.result.failure?.message ?? "")")
        let (mae, count) = expected(answers)
        #expect(result.stable?.errors.values == count && count == 12 + 12 + 9)
        expectClose(result.stable?.errors.mae, mae)
    }

    @Test("is remembered in a bucket, and not with keys that may not write", .enabled(if: SeaweedFS.isAvailable))
    func bucket() async throws {
        let server = try await SeaweedFS.shared()
        let keys = try S3Credentials(accessKeyID: SeaweedFS.keys.id, secretAccessKey: SeaweedFS.keys.secret)
        let place = try S3Bucket(endpoint: server.endpoint, name: "models")
        let client = S3Client(bucket: place, credentials: .fixed(keys), transport: CurlTransport())
        _ = try await client.send(S3Client.Call(method: "PUT", expected: [409]))
        let bucket = S3StoreSpec(
            endpoint: server.endpoint,
            bucket: "models",
            prefix: "live-\(UUID().uuidString)",
            secretRef: SecretReference(name: "s3")
        )
        func login(_ keys: (id: String, secret: String)) throws {
            try write(secret: "s3", ["accessKeyID": keys.id, "secretAccessKey": keys.secret])
        }
        try login(SeaweedFS.keys)
        let stable = try await train("g1") { $0.store = StoreSpec(s3: bucket) }
        let text = String(decoding: try KubeJSON.encoder().encode(bucket), as: UTF8.self)
        let options = ["--s3", text, "--secrets", secrets]
        let answers = try await ask(configuration(stable), options, from: [700, 760])
        try login(SeaweedFS.readerKeys)
        _ = try await ask(configuration(stable), options, from: [800])
        try login(SeaweedFS.keys)
        try workspace.write(rows)
        let outcome = await run(monitor(stable) { $0.store = StoreSpec(s3: bucket) })
        let result = try #require(outcome.result.monitoring, "\(outcome.result.failure?.message ?? "")")
        #expect(result.forecasts == 2)
        expectClose(result.stable?.errors.mae, expected(answers).0)
        var later = monitor(stable, windowSeconds: 1) { $0.store = StoreSpec(s3: bucket) }
        later.createdTime += 3_600
        #expect(await run(later).result.monitoring?.forecasts == 0)
        #expect(try await client.list(prefix: "\(bucket.prefix ?? "")/live/").objects.isEmpty)
    }

    @Test("cannot be asked without saying what, or of a version that is not there")
    func unasked() async throws {
        let stable = try await train("g1")
        var request = monitor(stable)
        request.monitor = nil
        #expect(await run(request).result.failure?.reason == .invalidSpec)
        request.monitor = monitor(stable, windowSeconds: .max).monitor
        #expect(await run(request).result.failure?.message.contains("monitor.windowSeconds: must be") == true)
        let missing = await run(monitor(.init(version: "g9", uri: "models/team/traffic/g9")))
        #expect(missing.result.failure?.reason == .artifactNotFound && missing.exitCode == .badSpecification)
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation
import HTTPTransport
import KubeCore
import KubeTestSupport
import TestServers
import Testing
import TimeZones

@testable import CLI
@testable import Connectors

/// `deploy/samples/s3.yaml` with the real worker and a real S3 server: each step is a process, as each is a Job.
@Suite(
    "The sample with a bucket",
    .enabled(if: SeaweedFS.isAvailable && BuiltWorker.program != nil, "needs weed, and almanac-worker built"),
    .timeLimit(.minutes(2))
)
struct S3SampleTests {
    private final class Folder: Sendable {
        let url: URL

        /// With a Secret `s3`.
        init(secretAccessKey: String = SeaweedFS.keys.secret) throws {
            url = FileManager.default.temporaryDirectory.appendingPathComponent("almanac-s3-\(UUID())")
            let secret = url.appendingPathComponent("secrets/s3")
            try FileManager.default.createDirectory(at: secret, withIntermediateDirectories: true)
            try Data(SeaweedFS.keys.id.utf8).write(to: secret.appendingPathComponent("accessKeyID"))
            try Data("\(secretAccessKey)\n".utf8).write(to: secret.appendingPathComponent("secretAccessKey"))
        }

        deinit { try? FileManager.default.removeItem(at: url) }
    }

    private func client(_ bucket: String) async throws -> S3Client {
        let keys = try S3Credentials(accessKeyID: SeaweedFS.keys.id, secretAccessKey: SeaweedFS.keys.secret)
        let place = try S3Bucket(endpoint: try await SeaweedFS.shared().endpoint, name: bucket)
        let client = S3Client(bucket: place, credentials: .fixed(keys), transport: CurlTransport())
        _ = try await client.send(S3Client.Call(method: "PUT", expected: [409]))
        return client
    }

    /// Three parts of hourly rows with a season of a day.
    private func upload() async throws {
        let client = try await client("data")
        for part in 0..<3 {
            let rows = (part * 300..<(part + 1) * 300).map { row in
                let time = KubeTime.format(Date(timeIntervalSince1970: 1_704_067_200 + Double(row) * 3_600))
                return "\(time),\(100 + 10 * sin(2 * Double.pi * Double(row) / 24) + Double(row % 7))\n"
            }
            try await client.put("load/part-\(part).csv", Array(("time,value\n" + rows.joined()).utf8))
        }
    }

    private func sample() async throws -> ForecastPipeline {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        var pipeline = try PipelineFile(path: root.appendingPathComponent("deploy/samples/s3.yaml").path).pipeline
        #expect(pipeline.problems(zones: ZoneDatabase()).isEmpty)
        let endpoint = try await SeaweedFS.shared().endpoint
        pipeline.spec.source.csv?.s3?.endpoint = endpoint
        pipeline.spec.publish?.forecasts?[0].parquet?.s3?.endpoint = endpoint
        pipeline.spec.store?.s3?.endpoint = endpoint
        return pipeline
    }

    private func run(_ pipeline: ForecastPipeline, _ folder: Folder) async throws -> LocalRunner.Outcome {
        let runner = LocalRunner(
            identity: RunIdentity(
                namespace: "team",
                pipeline: pipeline.metadata.name,
                name: "load-\(UUID().uuidString.prefix(8).lowercased())",
                createdTime: Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.down))
            ),
            spec: pipeline.spec.template,
            worker: try #require(BuiltWorker.program),
            store: folder.url.appendingPathComponent("store"),
            source: folder.url,
            secrets: folder.url.appendingPathComponent("secrets"),
            backoff: { _ in .zero }
        )
        return try await runner.run { _, _ in }
    }

    @Test("reads partitions of one bucket, leaves forecast and model in buckets, and is served; nothing is on a disk")
    func whole() async throws {
        _ = try await client("models")
        try await upload()
        let folder = try Folder()
        let pipeline = try await sample()
        let outcome = try await run(pipeline, folder)
        #expect(outcome.exitStatus == 0, "\(outcome.observations)")
        let results = outcome.observations.values.compactMap { observation -> StepResult? in
            if case .succeeded(let result) = observation.state { result } else { nil }
        }
        #expect(results.compactMap(\.dataset).first?.rows == 900)
        let model = try #require(results.compactMap(\.model).first)
        #expect(model.uri == "s3://models/forecasts/models/team/load/\(model.version)")
        #expect(!FileManager.default.fileExists(atPath: folder.url.appendingPathComponent("store").path))
        let file = "s3://data/forecasts/team/load/\(model.version).parquet"
        let forecast = try await ParquetSource(
            timestamp: "time",
            values: ["value", "step"],
            transport: CurlTransport()
        )
        .read(try S3Location(file), of: try await client("data")).frame
        #expect(forecast.timestamps == (0..<24).map { 1_704_067_200 + (900 + $0) * 3_600 })
        #expect(forecast.columns[1] == (1...24).map(Double.init))
        let s3 = try #require(pipeline.spec.store?.s3)
        let server = try KubeTestSupport.ChildProcess(
            try #require(BuiltWorker.program).path,
            [
                "serve", "--s3", String(decoding: try KubeJSON.encoder().encode(s3), as: UTF8.self),
                "--secrets", folder.url.appendingPathComponent("secrets").path, "--model", model.uri,
                "--host", "127.0.0.1", "--port", "0", "--drain-seconds", "0",
            ]
        )
        let line = server.readLine()
        #expect(line.hasPrefix("listening on http://"), "\(line)")
        let address = line.dropFirst("listening on ".count)
        let answer = try await CurlTransport().send(HTTPRequest(url: "\(address)/v2/models/load"))
        #expect(answer.status == 200 && String(decoding: answer.body, as: UTF8.self).contains(model.version))
        server.send(signal: SIGTERM)
        #expect(try await server.ended() == 0)
    }

    @Test("says which credentials are wrong, without them, and is not tried again")
    func wrongSecret() async throws {
        let folder = try Folder(secretAccessKey: "not-the-secret")
        var pipeline = try await sample()
        let store = try await run(pipeline, folder)
        pipeline.spec.store = nil
        for outcome in [store, try await run(pipeline, folder)] {
            #expect(outcome.exitStatus == WorkerExitCode.badSpecification.rawValue)
            let observation = try #require(outcome.observations["prepare"] ?? outcome.observations.values.first)
            guard case .failed(let failure, isRetryable: false) = observation.state else {
                Issue.record("\(observation)")
                return
            }
            #expect(failure.reason == .credentialsRejected)
            #expect(failure.message.contains("check secretAccessKey") && !failure.message.contains("not-the-secret"))
        }
    }

    @Test("says which Secret is missing")
    func missingSecret() async throws {
        let folder = try Folder()
        try FileManager.default.removeItem(at: folder.url.appendingPathComponent("secrets/s3"))
        let outcome = try await run(try await sample(), folder)
        let failures = outcome.observations.values.compactMap { observation -> StepFailure? in
            if case .failed(let failure, _) = observation.state { failure } else { nil }
        }
        #expect(failures.first?.reason == .secretNotFound)
        #expect(failures.first?.message.contains("spec.store.s3.secretRef") == true)
    }
}

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
import WorkerTestSupport

@testable import Connectors
@testable import Worker

@Suite("Runs that leave their forecast as files", .timeLimit(.minutes(2)))
struct ForecastFileRunTests {
    private let workspace: Workspace
    private let all: [StepTask] = [.prepare, .train, .evaluate, .publish]
    /// Below a place, with the extension to come.
    private static let name = "team/traffic/20261121-030000"

    init() throws {
        workspace = try Workspace()
        try workspace.write(Workspace.rows(600))
    }

    private func request(
        _ sinks: [ForecastSinkSpec],
        _ change: (inout ForecastPipelineSpec) -> Void = { _ in }
    ) -> StepRequest {
        var request = workspace.request(all) { spec in
            spec.publish = PublishSpec(forecasts: sinks)
            change(&spec)
        }
        request.sinksPath = workspace.folder.appendingPathComponent("sinks").path
        request.secretsPath = workspace.folder.appendingPathComponent("secrets").path
        return request
    }

    private func run(_ request: StepRequest) async -> StepRunner.Outcome {
        await StepRunner(transport: CurlTransport(), sinkPauses: []).run(request)
    }

    /// What the run forecast, as the store has it.
    private func forecast() throws -> ForecastFile.Part {
        let file = try workspace.artifacts.readRunFile(ForecastFile.name, namespace: "team", run: "traffic-g1")
        return try KubeJSON.decoder().decode(ForecastFile.self, from: Data(file)).first.forecast
    }

    private func write(keys: (id: String, secret: String)) throws {
        let folder = workspace.folder.appendingPathComponent("secrets/s3")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(keys.id.utf8).write(to: folder.appendingPathComponent("accessKeyID"))
        try Data(keys.secret.utf8).write(to: folder.appendingPathComponent("secretAccessKey"))
    }

    @Test("in claims: whole, below namespace, pipeline and version, and the same bytes however often the step is done")
    func claims() async throws {
        let sinks = [
            ForecastSinkSpec(
                csv: FileSinkSpec(path: "/out/csv", persistentVolumeClaim: ClaimReference(claimName: "a"))
            ),
            ForecastSinkSpec(
                parquet: FileSinkSpec(path: "out", persistentVolumeClaim: ClaimReference(claimName: "b"))
            ),
        ]
        let request = request(sinks)
        let outcome = await run(request)
        #expect(outcome.exitCode == .success, "\(outcome.result.failure?.message ?? "")")
        let root = try #require(request.sinksPath)
        let paths = ["\(root)/a/out/csv/\(Self.name).csv", "\(root)/b/out/\(Self.name).parquet"]
        let files = try paths.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
        let expected = try forecast()
        let times = expected.times.map { Int64($0.timeIntervalSince1970) }
        let selection = CSVSelection(timestamp: "time", values: ["value"])
        let csv = try await CSVSource(selection: selection, transport: CurlTransport()).read(paths[0]).frame
        let source = ParquetSource(timestamp: "time", values: ["value"], transport: CurlTransport())
        for frame in [csv, try await source.read(paths[1]).frame] {
            #expect(frame.timestamps == times)
            #expect(frame.columns == [expected.values["value"]])
        }
        #expect(String(decoding: files[0], as: UTF8.self).contains(",2026-11-21T03:00:00Z,1,"))
        #expect(await run(request).result.model == outcome.result.model)
        #expect(try paths.map { try Data(contentsOf: URL(fileURLWithPath: $0)) } == files)
        let left = FileManager.default.subpaths(atPath: root) ?? []
        #expect(left.filter { $0.contains(".partial") } == [])
    }

    @Test("nowhere, where the model does not pass its gate")
    func gate() async throws {
        let request = request([ForecastSinkSpec(csv: FileSinkSpec(path: "f"))]) { $0.gate = GateSpec(threshold: 0) }
        #expect(await run(request).exitCode == .success)
        #expect(!FileManager.default.fileExists(atPath: try #require(request.sinksPath)))
    }

    @Test("in a bucket, and what is wrong with the bucket or its keys", .enabled(if: SeaweedFS.isAvailable))
    func bucket() async throws {
        let server = try await SeaweedFS.shared()
        try write(keys: SeaweedFS.keys)
        let folder = "forecasts/\(UUID().uuidString)"
        func sink(_ bucket: String) -> [ForecastSinkSpec] {
            let place = S3ServerSpec(endpoint: server.endpoint, secretRef: SecretReference(name: "s3"))
            return [ForecastSinkSpec(parquet: FileSinkSpec(url: "s3://\(bucket)/\(folder)/", s3: place))]
        }
        let keys = try S3Credentials(accessKeyID: SeaweedFS.keys.id, secretAccessKey: SeaweedFS.keys.secret)
        let place = try S3Bucket(endpoint: server.endpoint, name: "data")
        let client = S3Client(bucket: place, credentials: .fixed(keys), transport: CurlTransport())
        _ = try await client.send(S3Client.Call(method: "PUT", expected: [409]))
        let outcome = await run(request(sink("data")))
        #expect(outcome.exitCode == .success, "\(outcome.result.failure?.message ?? "")")
        let source = ParquetSource(timestamp: "time", values: ["value"], transport: CurlTransport())
        let frame = try await source.read(S3Location("s3://data/\(folder)/"), of: client).frame
        #expect(frame.columns == [try forecast().values["value"]])

        try write(keys: SeaweedFS.readerKeys)
        let denied = await run(request(sink("data"))).result.failure
        #expect(denied?.reason == .credentialsRejected, "\(denied?.message ?? "")")
        #expect(denied?.message.contains("PUT s3://data/\(folder)/\(Self.name).parquet") == true)
        try write(keys: (SeaweedFS.keys.id, "other-secret"))
        let wrong = await run(request(sink("data"))).result.failure
        #expect(wrong?.reason == .credentialsRejected, "\(wrong?.message ?? "")")
        #expect(wrong?.message.contains("other-secret") == false)
        try FileManager.default.removeItem(at: workspace.folder.appendingPathComponent("secrets/s3"))
        let none = await run(request(sink("data"))).result.failure
        #expect(none?.reason == .secretNotFound)
        #expect(none?.message.contains("spec.publish.forecasts[0].parquet.s3.secretRef") == true)
        #expect(none?.message.contains("'accessKeyID' and 'secretAccessKey'") == true, "\(none?.message ?? "")")
    }

    @Test("a pod without the claim refuses a path, and says which field")
    func noClaim() async throws {
        var request = request([ForecastSinkSpec(csv: FileSinkSpec(path: "f"))])
        request.sinksPath = nil
        let outcome = await run(request)
        #expect(outcome.exitCode == .badSpecification)
        #expect(outcome.result.failure?.reason == .invalidSpec)
        let field = "spec.publish.forecasts[0].csv.persistentVolumeClaim"
        #expect(outcome.result.failure?.message.hasPrefix(field) == true)
    }

    @Test(
        "a disk that is full while the file is written: a reason, the path, and nothing half-written",
        .enabled(if: WorkerProcess.program != nil)
    )
    func fullDisk() async throws {
        // A short history, small weights and a long forecast, so that of all files only the sink's meets the limit.
        try workspace.write(Workspace.rows(2_600))
        let whole = request([ForecastSinkSpec(csv: FileSinkSpec(path: "f"))]) {
            $0.model = ModelSpec(lookback: 24, horizon: 200, seasonalNaive: SeasonalNaiveSpec())
        }
        var request = whole
        request.tasks = [.prepare, .train, .evaluate]
        #expect(await run(request).exitCode == .success)
        request.tasks = [.publish]
        let folder = workspace.folder
        let file = folder.appendingPathComponent("request.json")
        try KubeJSON.encoder().encode(request).write(to: file)
        let result = folder.appendingPathComponent("result.json").path
        let program = try #require(WorkerProcess.program).path
        // The limit is the nearest that a process without rights has to a full disk; the signal would end the process.
        let limited = "trap '' XFSZ; ulimit -f \(Self.limitBlocks); exec \"$@\""
        let arguments = ["-c", limited, "sh", program, "run", "--request", file.path, "--result", result]
        let worker = try ChildProcess("/bin/sh", arguments)
        let status = try await worker.ended()
        let said = try #require(StepResult.decode(try String(contentsOfFile: result, encoding: .utf8)))
        #expect(status == WorkerExitCode.unreachable.rawValue, "\(said)")
        #expect(said.failure?.reason == .sinkUnreachable)
        let path = "\(try #require(request.sinksPath))/f/\(Self.name).csv"
        #expect(said.failure?.message.hasPrefix("cannot write to \(path): write ") == true, "\(said)")
        #expect(said.failure?.message.hasSuffix("File too large") == true, "\(said)")
        let left = FileManager.default.subpaths(atPath: "\(try #require(request.sinksPath))/f") ?? []
        #expect(left.sorted() == ["team", "team/traffic"])
    }

    /// Of 512 bytes: less than the 200 rows of CSV, more than any file of the store.
    private static let limitBlocks = 26
}

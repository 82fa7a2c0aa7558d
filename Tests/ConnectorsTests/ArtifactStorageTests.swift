// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import KubeTestSupport
import Synchronization
import TestServers
import Testing

@testable import Connectors
@testable import Forecasting

/// What a store promises, in a directory and in a bucket of a real server.
@Suite("A store in a directory and in a bucket", .timeLimit(.minutes(2)))
struct ArtifactStorageTests {
    enum Kind: CaseIterable, Sendable {
        case directory
        case bucket

        static var available: [Kind] { SeaweedFS.isAvailable ? allCases : [.directory] }
    }

    /// Runs a body that may block, on a thread of its own, with an empty store.
    private func withStore(_ kind: Kind, _ body: @escaping @Sendable (ArtifactStore) throws -> Void) async throws {
        @Sendable func onThread(_ store: ArtifactStore) async throws {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                DispatchQueue(label: "store").async { continuation.resume(with: Result { try body(store) }) }
            }
        }
        switch kind {
        case .directory:
            let root = FileManager.default.temporaryDirectory.appending(path: "almanac-store-\(UUID())").path
            defer { try? FileManager.default.removeItem(atPath: root) }
            try await onThread(ArtifactStore(root: root))
        case .bucket:
            let client = try await S3Server.client(partSize: 5 << 20)
            try await S3ArtifactStorage.withStorage(of: client, prefix: "/stores/\(UUID())/") { storage in
                try await onThread(ArtifactStore(storage))
            }
        }
    }

    private static func artifact(weight: Double = 1, created: String = "2026-11-21T00:00:00Z") throws -> Artifact {
        let values = (0..<96).map { weight * sin(Double($0)) + Double($0 % 24) }
        let shape = try WindowShape(lookback: 24, horizon: 6, channels: 1, targets: 1)
        let times = (0..<96).map { 1_700_000_000 + 3_600 * Int64($0) }
        let frame = try TimeSeriesFrame(timestamps: times, names: ["load"], columns: [values])
        let segment = TrainingData.Segment(
            columns: [values],
            timestamps: times,
            train: 0..<96,
            validation: 0..<0
        )
        let data = TrainingData([segment], frequency: try Frequency("1h"))
        let forecaster = try Forecaster(
            model: ModelConfiguration.nlinear(individual: false).fit(data, shape: shape).model,
            scaler: Scaler(kind: .standard, fitting: frame, rows: 0..<96),
            columns: frame.names,
            frequency: Frequency("1h")
        )
        return try Artifact(
            forecaster: PanelForecaster(forecaster),
            evaluation: nil,
            inputExample: values.prefix(24).map { [$0] },
            origin: .init(
                data: DatasetReference(digest: "sha256:00", rows: 96, from: "a", to: "b"),
                created: created,
                producer: "almanac-worker test"
            )
        )
    }

    private static func address(_ version: String = "v1") throws -> ArtifactAddress {
        try ArtifactAddress(namespace: "team", pipeline: "traffic", version: version)
    }

    @Test("a version comes back as it was, may be published again, and never changes", arguments: Kind.available)
    func versions(kind: Kind) async throws {
        try await withStore(kind) { store in
            let artifact = try Self.artifact()
            #expect(throws: ForecastingError.self) { try store.load(Self.address()) }
            let published = try store.publish(artifact, as: Self.address())
            #expect(try store.load(Self.address()) == artifact)
            #expect(try store.digest(of: Self.address()) == published.digest)
            #expect(try store.publish(Self.artifact(created: "later"), as: Self.address()) == published)
            let other = try Self.artifact(weight: 5)
            let error = #expect(throws: ForecastingError.self) { try store.publish(other, as: Self.address()) }
            #expect(error == .artifactExists(path: store.storage.path("models/team/traffic/v1")))
            _ = try store.publish(other, as: Self.address("v2"))
            #expect(try store.versions(namespace: "team", pipeline: "traffic") == ["v1", "v2"])
            #expect(try store.versions(namespace: "team", pipeline: "none").isEmpty)
            let uri = try store.uri(of: Self.address())
            #expect(try store.address(ofURI: uri) == Self.address())
            #expect(uri.hasPrefix("s3://models/stores/") == (kind == .bucket))
        }
    }

    @Test("of writers of one version one wins, and what is there is whole and its own", arguments: Kind.available)
    func writers(kind: Kind) async throws {
        try await withStore(kind) { store in
            let artifacts = try (1...4).map { try Self.artifact(weight: Double($0)) }
            for round in 0..<3 {
                let address = try Self.address("r\(round)")
                let published = Mutex<[ArtifactStore.Published]>([])
                DispatchQueue.concurrentPerform(iterations: artifacts.count) { index in
                    guard let one = try? store.publish(artifacts[index], as: address) else { return }
                    published.withLock { $0.append(one) }
                }
                let winners = published.withLock { $0 }
                #expect(winners.count == 1)
                #expect(try store.digest(of: address) == winners.first?.digest)
                #expect(try artifacts.contains(store.load(address)))
            }
        }
    }

    @Test("data sets and files of runs come back as they were, large ones too", arguments: Kind.available)
    func files(kind: Kind) async throws {
        try await withStore(kind) { store in
            // More than a bucket is asked for at a time.
            let times = (0..<700_000).map { 60 * Int64($0) }
            let values = times.map { Double($0).squareRoot() }
            let frame = try TimeSeriesFrame(timestamps: times, names: ["a"], columns: [values])
            let reference = try store.saveDataset(Panel(frame), frequency: Frequency("1min"))
            #expect(try store.saveDataset(Panel(frame), frequency: Frequency("1min")) == reference)
            #expect(try store.loadDataset(reference).panel.series[0].frame.columns == [values])
            for bytes in [[1, 2], [3]] as [[UInt8]] {
                try store.writeRunFile("file", namespace: "team", run: "r1", bytes: bytes)
                #expect(try store.readRunFile("file", namespace: "team", run: "r1") == bytes)
            }
            try store.removeRunFile("file", namespace: "team", run: "r1")
            try store.removeRunFile("file", namespace: "team", run: "r1")
            #expect(throws: ForecastingError.self) { try store.readRunFile("file", namespace: "team", run: "r1") }
        }
    }

    @Test("damaged and missing parts are named", arguments: Kind.available)
    func damage(kind: Kind) async throws {
        try await withStore(kind) { store in
            let artifact = try Self.artifact()
            _ = try store.publish(artifact, as: Self.address())
            let digest = try #require(artifact.manifest.files.values.first)
            let part = kind == .bucket ? digest.dropFirst(7) + ".weights.safetensors" : "weights.safetensors"
            let key = "models/team/traffic/v1/\(part)"
            let bytes = try #require(try store.storage.read(key))
            try store.storage.replace(key, with: bytes.dropLast() + [7])
            let damaged = #expect(throws: ForecastingError.self) { try store.load(Self.address()) }
            #expect(damaged?.description.contains("was damaged or replaced") == true)
            try store.storage.remove(key)
            let missing = #expect(throws: ForecastingError.self) { try store.load(Self.address()) }
            guard case .artifactNotFound? = missing else {
                Issue.record("\(String(describing: missing))")
                return
            }
        }
    }

    @Test("a data set that is damaged anywhere, cut short, or gone is named", arguments: Kind.available)
    func damagedDataset(kind: Kind) async throws {
        try await withStore(kind) { store in
            let times = (0..<50).map { 3_600 * Int64($0) }
            let frame = try TimeSeriesFrame(timestamps: times, names: ["a"], columns: [times.map(Double.init)])
            let reference = try store.saveDataset(Panel(frame), frequency: Frequency("1h"))
            let key = "datasets/\(reference.digest.dropFirst(7)).safetensors"
            let good = try #require(try store.storage.read(key))
            func message() -> String {
                #expect(throws: ForecastingError.self) { try store.loadDataset(reference) }?.description ?? ""
            }
            // In the header's length, in the header, in the last value; then shorter and longer.
            var cases: [[UInt8]] = [0, 7, 20, good.count - 1].map { place in
                var bytes = good
                bytes[place] ^= 1
                return bytes
            }
            cases += [good.dropLast(), good + [0], Array(good.prefix(5)), [0]]
            for bytes in cases {
                try store.storage.replace(key, with: bytes)
                #expect(message().contains("was damaged or replaced"))
            }
            try store.storage.replace(key, with: good)
            #expect(try store.loadDataset(reference).panel.series[0].frame.columns == frame.columns)
            try store.storage.remove(key)
            #expect(message().contains(store.storage.path(key)))
        }
    }

    @Test("a clean-up leaves what the rule keeps, and what nobody may judge", arguments: Kind.available)
    func cleanup(kind: Kind) async throws {
        try await withStore(kind) { store in
            let artifact = try Self.artifact()
            for version in 1...5 { _ = try store.publish(artifact, as: Self.address("v\(version)")) }
            for (run, pipeline) in [("old", "traffic"), ("kept", "traffic"), ("others", "weather")] {
                let owner = RunOwner(pipeline: pipeline, created: "2026-11-20T00:00:00Z")
                let digest = String(repeating: run == "old" ? "a" : "b", count: 64)
                let reference = DatasetReference(digest: "sha256:\(digest)", rows: 1, from: "a", to: "b")
                let files = [
                    RunOwner.fileName: try JSONEncoder().encode(owner),
                    "dataset.json": try JSONEncoder().encode(reference),
                ]
                for (name, data) in files {
                    try store.writeRunFile(name, namespace: "team", run: run, bytes: Array(data))
                }
                try store.storage.replace("datasets/\(digest).safetensors", with: [1])
            }
            let rule = try ArtifactRetention(
                address: Self.address("v5"),
                keptVersions: 1,
                protectedVersions: ["v1"],
                run: "now",
                runCreated: "2026-11-21T00:00:00Z",
                protectedRuns: ["kept"]
            )
            let now = Int64(Date().timeIntervalSince1970)
            let report = store.clean(rule, now: now)
            #expect(report.failures.isEmpty)
            #expect(report.removed == ["v3", "v2"].map { "models/team/traffic/\($0)" } + ["runs/team/old"])
            #expect(try store.versions(namespace: "team", pipeline: "traffic") == ["v1", "v4", "v5"])
            #expect(try store.storage.folders(in: "runs/team", holding: RunOwner.fileName) == ["kept", "others"])
            #expect(try store.storage.files(in: "datasets").count == 2)
            let later = store.clean(rule, now: now + 90_000)
            #expect(later.removed == ["datasets/\(String(repeating: "a", count: 64)).safetensors"])
            #expect(store.clean(rule, now: now + 90_000) == CleanupReport())
            #expect(try store.load(Self.address("v4")) == artifact)
        }
    }
}

@Suite("A store in a bucket", .enabled(if: SeaweedFS.isAvailable), .timeLimit(.minutes(2)))
struct S3ArtifactStorageTests {
    @Test("what dead writers left is invisible and goes after its time: lone parts, uploads without an end")
    func leftovers() async throws {
        let client = try await S3Server.client()
        let prefix = "leftovers-\(UUID())"
        try await client.put("\(prefix)/models/team/traffic/v9/abc.weights.safetensors", [1])
        let begun = S3Client.Call(
            method: "POST",
            key: "\(prefix)/models/team/traffic/v8/abc.weights.safetensors",
            query: [("uploads", "")]
        )
        _ = try await client.send(begun)
        try await S3ArtifactStorage.withStorage(of: client, prefix: prefix) { storage in
            let now = Int64(Date().timeIntervalSince1970)
            let (young, old) = try await Self.onThread {
                let folder = "models/team/traffic"
                #expect(try storage.folders(in: folder, holding: "manifest.json").isEmpty)
                let young = try storage.removeLeftovers(in: folder, sealedBy: "manifest.json", before: now - 3_600)
                let old = try storage.removeLeftovers(in: folder, sealedBy: "manifest.json", before: now + 3_600)
                return (young, old)
            }
            #expect(young.isEmpty)
            #expect(old == ["models/team/traffic/v8/abc.weights.safetensors", "models/team/traffic/v9"])
        }
        #expect(try await client.list(prefix: prefix).objects.isEmpty)
        #expect(try await client.unfinishedUploads(prefix: prefix).isEmpty)
    }

    @Test("threads that wait for a storage whose task has ended, or is cancelled, go on with an error")
    func endings() async throws {
        let client = try S3Server.scripted(ScriptedS3(status: 200))
        let storage = try await S3ArtifactStorage.withStorage(of: client, prefix: nil) { $0 }
        await #expect(throws: ForecastingError.self) { try await Self.onThread { try storage.read("a") } }
        let silent = S3Client(bucket: client.bucket, credentials: .anonymous, transport: SilentTransport())
        let waiting = try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await S3ArtifactStorage.withStorage(of: silent, prefix: nil) { storage in
                    do {
                        _ = try await Self.onThread { try storage.read("a") }
                        return false
                    } catch {
                        return error is ForecastingError
                    }
                }
            }
            try await Task.sleep(for: .milliseconds(50))
            group.cancelAll()
            return try await group.next()
        }
        #expect(waiting == true)
    }

    private static func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value
    {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: "store").async { continuation.resume(with: Result { try body() }) }
        }
    }
}

/// Never answers.
private struct SilentTransport: HTTPTransport {
    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        try await Task.sleep(for: .seconds(3_600))
        return HTTPResponse(status: 500)
    }

    func stream(_ request: HTTPRequest) async throws -> HTTPStreamingResponse { throw CancellationError() }
}

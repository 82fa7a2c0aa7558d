// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Forecasting

@Suite("Artifact store")
struct ArtifactStoreTests {
    static func withRoot<Result>(_ body: (String) throws -> Result) throws -> Result {
        let root = FileManager.default.temporaryDirectory.appending(path: "almanac-store-\(UUID().uuidString)").path()
        defer { try? FileManager.default.removeItem(atPath: root) }
        return try body(root)
    }

    static func frame() throws -> TimeSeriesFrame {
        var generator = SeededRandom(seed: 5)
        let columns = (0..<2).map { _ in LinearModelTests.walk(200, &generator).map { 100 + 10 * $0 } }
        let times = (0..<200).map { 1_700_000_000 + 3_600 * Int64($0) }
        return try TimeSeriesFrame(timestamps: times, names: ["load", "heat"], columns: columns)
    }

    static func artifact(individual: Bool = false, created: String = "2026-11-21T00:00:00Z") throws -> Artifact {
        let frame = try frame()
        let split = try DataSplit(rows: 200, train: 0.7, validation: 0.1, lookback: 24, horizon: 6)
        let scaler = Scaler(kind: .standard, fitting: frame, rows: split.train)
        let shape = try WindowShape(lookback: 24, horizon: 6, channels: 2, targets: 2)
        let series = frame.columns.enumerated().map { scaler.scaled($1[split.train], column: $0) }
        let model = try ModelConfiguration.nlinear(individual: individual).fit(series: series, shape: shape)
        let forecaster = try Forecaster(model: model, scaler: scaler, columns: frame.names, frequency: Frequency("1h"))
        let backtest = try Backtest(
            candidate: forecaster,
            seasonLength: 24,
            windows: RollingOrigin(test: split.test, lookback: 24, horizon: 6)
        ) { _ in forecaster }
        let report = try backtest.run(on: frame, train: split.train).summary
        return try Artifact(
            forecaster: PanelForecaster(forecaster),
            evaluation: report,
            inputExample: (0..<24).map { row in frame.columns.map { $0[row] } },
            origin: .init(
                data: DatasetReference(digest: "sha256:00", rows: 200, from: "a", to: "b"),
                created: created,
                producer: "almanac-worker test"
            )
        )
    }

    static func address(_ version: String = "v1") throws -> ArtifactAddress {
        try ArtifactAddress(namespace: "default", pipeline: "parking", version: version)
    }

    @Test("a published artifact is loaded whole and forecasts to the last bit as before")
    func roundTrip() throws {
        try Self.withRoot { root in
            let store = ArtifactStore(root: root)
            let artifact = try Self.artifact()
            _ = try store.publish(artifact, as: Self.address())
            let loaded = try store.load(Self.address())
            #expect(loaded == artifact)
            let history = artifact.manifest.inputExample.flatMap { $0 }
            let forecast = try loaded.panelForecaster().forecast(history: history)
            #expect(try artifact.panelForecaster().forecast(history: history) == forecast)
            #expect(forecast.count == 12)
            #expect(try store.versions(namespace: "default", pipeline: "parking") == ["v1"])
        }
    }

    @Test("a manifest of the first schema is read as scaling alone, one of a later schema is refused")
    func schemas() throws {
        let manifest = try Self.artifact().manifest
        func read(_ version: Int) throws -> ArtifactManifest {
            let text = String(decoding: try manifest.encoded(), as: UTF8.self)
            #expect(text.contains(#""schemaVersion" : 2"#))
            let other = text.replacing(#""schemaVersion" : 2"#, with: #""schemaVersion" : \#(version)"#)
            return try ArtifactManifest(decoding: Array(other.utf8), path: "manifest.json")
        }
        let first = try read(1)
        #expect(first.schemaVersion == 1 && first.preprocessing == manifest.preprocessing)
        #expect(first.preprocessing.onlyScales && first.preprocessing.warmUp == 0)
        let error = #expect(throws: ForecastingError.self) { try read(6) }
        #expect(error?.description.contains("its schema version is 6, this program reads 1 to 5") == true)
    }

    @Test("the same artifact may be published again, another one under the same version may not")
    func republishing() throws {
        try Self.withRoot { root in
            let store = ArtifactStore(root: root)
            let first = try store.publish(Self.artifact(), as: Self.address())
            let later = try Self.artifact(created: "2026-11-22T00:00:00Z")
            #expect(try store.publish(later, as: Self.address()) == first)
            let other = try Self.artifact(individual: true)
            #expect(throws: ForecastingError.artifactExists(path: root + "/models/default/parking/v1")) {
                try store.publish(other, as: Self.address())
            }
        }
    }

    @Test("missing and damaged files are named")
    func damage() throws {
        try Self.withRoot { root in
            let store = ArtifactStore(root: root)
            let missing = root + "/models/default/parking/v1"
            #expect(throws: ForecastingError.artifactNotFound(path: missing)) { try store.load(Self.address()) }
            _ = try store.publish(Self.artifact(), as: Self.address())
            let path = missing + "/weights.safetensors"
            var bytes = try #require(try POSIXFileSystem().read(path))
            bytes[bytes.count - 1] ^= 1
            try POSIXFileSystem().write(SegmentedBytes(bytes), to: path)
            let error = #expect(throws: ForecastingError.self) { try store.load(Self.address()) }
            guard case .artifactDigestMismatch(path, _, _)? = error else {
                Issue.record("not a digest mismatch: \(String(describing: error))")
                return
            }
            try POSIXFileSystem().write(SegmentedBytes(Array("{}".utf8)), to: missing + "/manifest.json")
            let manifest = #expect(throws: ForecastingError.self) { try store.load(Self.address()) }
            #expect(manifest?.description.contains("schemaVersion") == true)
        }
    }

    @Test("a crash at any step leaves nothing or the whole version, and publishing again completes it")
    func crashes() throws {
        let artifact = try Self.artifact()
        let older = try Self.artifact(individual: true)
        var step = 0
        var survivedWhole = false
        while !survivedWhole {
            for keptShare in [0, 0.5, 0.99] {
                try Self.withRoot { root in
                    let healthy = ArtifactStore(root: root)
                    _ = try healthy.publish(older, as: Self.address("v0"))
                    let files = CrashingFileSystem(dyingAt: step, keptShare: keptShare)
                    let dying = ArtifactStore(DirectoryStorage(root: root, files: files))
                    let published = try? dying.publish(artifact, as: Self.address())
                    survivedWhole = !files.isDead
                    #expect(survivedWhole == (published != nil))
                    #expect(try healthy.load(Self.address("v0")) == older)
                    let versions = try healthy.versions(namespace: "default", pipeline: "parking")
                    if versions.contains("v1") {
                        #expect(try healthy.load(Self.address()) == artifact)
                    } else {
                        #expect(throws: ForecastingError.self) { try healthy.load(Self.address()) }
                    }
                    _ = try healthy.publish(artifact, as: Self.address())
                    #expect(try healthy.load(Self.address()) == artifact)
                }
            }
            step += 1
        }
        #expect(step > 6)
    }

    @Test("a crash while a file of a run is replaced leaves the old or the new content")
    func crashingReplacement() throws {
        for step in 0..<8 {
            try Self.withRoot { root in
                let healthy = ArtifactStore(root: root)
                try healthy.writeRunFile("metrics.json", namespace: "default", run: "r1", bytes: [1, 1, 1, 1])
                let files = CrashingFileSystem(dyingAt: step, keptShare: 0.5)
                try? ArtifactStore(DirectoryStorage(root: root, files: files))
                    .writeRunFile("metrics.json", namespace: "default", run: "r1", bytes: [2, 2, 2, 2])
                let content = try healthy.readRunFile("metrics.json", namespace: "default", run: "r1")
                #expect(content == [1, 1, 1, 1] || content == [2, 2, 2, 2])
            }
        }
    }

    @Test("datasets are named by their content and come back as they were")
    func datasets() throws {
        try Self.withRoot { root in
            let store = ArtifactStore(root: root)
            let frame = try Self.frame()
            let reference = try store.saveDataset(Panel(frame), frequency: Frequency("1h"))
            #expect(try store.saveDataset(Panel(frame), frequency: Frequency("1h")) == reference)
            #expect(reference.from == "2023-11-14T22:13:20Z")
            let loaded = try store.loadDataset(reference)
            #expect(loaded.frequency.description == "1h")
            #expect(loaded.panel.groupBy.isEmpty && loaded.ahead == nil)
            #expect(loaded.panel.series[0].frame.timestamps == frame.timestamps)
            #expect(loaded.panel.names == frame.names)
            #expect(loaded.panel.series[0].frame.columns == frame.columns)
        }
    }

    @Test(
        "names that lead out of the store are refused",
        arguments: ["", ".", "..", "../x", "a/b", ".hidden", "-x", "a\0b"]
    )
    func names(name: String) {
        #expect(throws: ForecastingError.self) {
            try ArtifactAddress(namespace: "default", pipeline: "parking", version: name)
        }
    }

    @Test("mutated manifests give an error or a manifest, never a trap")
    func manifestFuzz() throws {
        var generator = SeededRandom(seed: 9)
        let bytes = try Self.artifact().manifest.encoded()
        let weights = try Self.artifact().weights
        for _ in 0..<400 {
            var mutated = bytes
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                mutated[Int.random(in: 0..<mutated.count, using: &generator)] = .random(in: 32...126, using: &generator)
            }
            guard let manifest = try? ArtifactManifest(decoding: mutated, path: "manifest.json") else { continue }
            _ = try? Artifact(manifest: manifest, weights: weights).panelForecaster()
        }
    }

    @Test("a history that does not fit or holds no number is refused with its row and column")
    func histories() throws {
        let forecaster = try Self.artifact().panelForecaster()
        #expect(throws: ForecastingError.self) { try forecaster.forecast(history: [1, 2, 3]) }
        var history = [Double](repeating: 100, count: 48)
        history[5] = .nan
        let error = #expect(throws: ForecastingError.self) { try forecaster.forecast(history: history) }
        #expect(error?.description.contains("row 3 of 24, column 'heat'") == true)
    }
}

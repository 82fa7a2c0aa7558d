// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Forecasting

@Suite("Artifacts of several series")
struct PanelArtifactTests {
    private static let origin = ArtifactManifest.Origin(
        data: DatasetReference(digest: "sha256:00", rows: 1_200, from: "a", to: "b"),
        created: "2026-11-21T00:00:00Z",
        producer: "almanac-worker test"
    )

    /// Series with all kinds of preprocessing by chance, each on a level and a scale of its own.
    private static func fitted(
        seed: UInt64,
        _ scope: PanelScope,
        hasIntervals: Bool = true
    ) throws -> (panel: Panel, forecaster: PanelForecaster, train: [Range<Int>]) {
        let random = try RandomPreprocessing(seed: seed, hasGaps: seed % 2 == 0)
        let panel = try Panel(
            groupBy: ["store"],
            series: (0..<3).map { place in
                let columns = random.frame.columns.map { column in column.map { $0 * pow(7, Double(place)) } }
                let frame = try TimeSeriesFrame(
                    timestamps: random.frame.timestamps.map { $0 + Int64(place) * 86_400 * 7 },
                    names: random.frame.names,
                    columns: columns
                )
                return Panel.Series(key: SeriesKey(["s\(place)"]), frame: frame)
            }
        )
        let kinds: [ModelConfiguration] = [
            .nlinear(individual: true), .dlinear(individual: false, kernelSize: 3), .seasonalNaive(seasonLength: 4),
        ]
        let recipe = ForecasterRecipe(
            configuration: kinds[Int(seed % 3)],
            shape: try WindowShape(
                lookback: 8,
                horizon: 3,
                channels: random.settings.channels(columns: random.frame.names.count, targets: random.targets),
                targets: random.targets
            ),
            preprocessing: random.settings,
            frequency: random.frequency,
            scope: scope
        )
        let train = panel.series.map { _ in random.train }
        let fitted = try recipe.fitted(on: panel, rows: train).forecaster
        guard hasIntervals else { return (panel, fitted, train) }
        let first = random.train.upperBound - fitted.common.historyShape.lookback
        let calibrated = try ConformalFit(IntervalLevels([50, 80])).calibrated(
            fitted,
            on: panel,
            validation: panel.series.map { _ in first..<380 }
        )
        return (panel, calibrated, train)
    }

    private static func artifact(
        seed: UInt64,
        _ scope: PanelScope
    ) throws -> (artifact: Artifact, forecaster: PanelForecaster, panel: Panel, profiles: [TrainingProfile]) {
        let (panel, forecaster, train) = try fitted(seed: seed, scope)
        let profiles = try zip(forecaster.forecasters, zip(panel.series, train)).map { forecaster, part in
            try TrainingProfile(of: part.0.frame, train: part.1, for: forecaster, seasonLength: 7)
        }
        let shape = forecaster.common.historyShape
        let artifact = try Artifact(
            forecaster: forecaster,
            evaluation: nil,
            profiles: profiles,
            inputExample: (0..<shape.lookback).map { _ in [Double](repeating: 3, count: shape.channels) },
            origin: origin
        )
        return (artifact, forecaster, panel, profiles)
    }

    @Test(
        "models, preprocessing, intervals and profiles of all series come back to the last bit",
        arguments: 0..<40 as Range<UInt64>
    )
    func roundTrip(seed: UInt64) throws {
        let scope: PanelScope = seed % 4 < 2 ? .global : .local
        let (artifact, forecaster, panel, profiles) = try Self.artifact(seed: seed, scope)
        #expect(artifact.manifest.schemaVersion == 4)
        try ArtifactStoreTests.withRoot { root in
            let store = ArtifactStore(root: root)
            let first = try store.publish(artifact, as: ArtifactStoreTests.address())
            let loaded = try store.load(ArtifactStoreTests.address())
            #expect(try loaded == artifact && store.publish(loaded, as: ArtifactStoreTests.address()) == first)
            let again = try loaded.panelForecaster()
            #expect(again.keys == forecaster.keys && again.groupBy == ["store"] && again.scope == scope)
            #expect(try loaded.profiles() == profiles)
            let shape = forecaster.common.historyShape
            for (place, series) in panel.series.enumerated() {
                let (one, other) = (forecaster.forecasters[place], again.forecasters[place])
                #expect(one.preprocessor == other.preprocessor && one.intervals == other.intervals)
                #expect(one.model.tensors == other.model.tensors)
                let history = series.frame.rowMajor((390 - shape.lookback)..<390)
                func forecast(_ forecaster: PanelForecaster) throws -> [UInt64] {
                    let end = series.frame.timestamps[389]
                    return try forecaster.forecast(history: history, ends: [end], series: [place]).map(\.bitPattern)
                }
                #expect(try forecast(forecaster) == forecast(again))
            }
        }
    }

    @Test("one series that is not grouped is written as it was before there were groups")
    func single() throws {
        let (panel, forecaster, train) = try Self.fitted(seed: 3, .local)
        let one = forecaster.forecasters[0]
        let profile = try TrainingProfile(of: panel.series[0].frame, train: train[0], for: one, seasonLength: 7)
        let shape = one.historyShape
        let artifact = try Artifact(
            forecaster: PanelForecaster(one),
            evaluation: nil,
            profiles: [profile],
            inputExample: (0..<shape.lookback).map { _ in [Double](repeating: 3, count: shape.channels) },
            origin: Self.origin
        )
        #expect(artifact.manifest.schemaVersion == 2 && artifact.manifest.profile == profile)
        #expect(try artifact.profiles() == [profile])
        let text = String(decoding: try artifact.manifest.encoded(), as: UTF8.self)
        #expect(!text.contains("groups") && !text.contains("keys"))
        let names = one.model.tensors.map(\.name) + [ForecastIntervals.tensorName]
        #expect(artifact.weights.tensors.map(\.name) == names)
        #expect(try artifact.panelForecaster().groupBy.isEmpty)
    }

    @Test("series that do not fit each other have no forecaster, and without all their profiles no artifact")
    func unlike() throws {
        let (_, forecaster, _) = try Self.fitted(seed: 3, .local)
        let bare = try Self.fitted(seed: 3, .local, hasIntervals: false).forecaster
        #expect(throws: ForecastingError.self) {
            try PanelForecaster(
                groupBy: ["store"],
                keys: forecaster.keys,
                forecasters: [forecaster.forecasters[0], bare.forecasters[1], forecaster.forecasters[2]]
            )
        }
        let shape = forecaster.common.historyShape
        let example = (0..<shape.lookback).map { _ in [Double](repeating: 3, count: shape.channels) }
        #expect(throws: ForecastingError.self) {
            try Artifact(forecaster: bare, evaluation: nil, profiles: [], inputExample: example, origin: Self.origin)
        }
    }

    @Test("groups in a schema that knows of none, and a fourth schema without them, are refused")
    func schemas() throws {
        let manifest = try Self.artifact(seed: 3, .global).artifact.manifest
        let text = String(decoding: try manifest.encoded(), as: UTF8.self)
        func read(_ text: String) throws { _ = try ArtifactManifest(decoding: Array(text.utf8), path: "manifest.json") }
        try read(text)
        for version in [1, 2, 3, 5] {
            let other = text.replacing(#""schemaVersion" : 4"#, with: #""schemaVersion" : \#(version)"#)
            let error = #expect(throws: ForecastingError.self) { try read(other) }
            #expect(error?.description.contains("it must be 4") == true)
        }
        #expect(throws: ForecastingError.self) { try read(text.replacing(#""groups""#, with: #""others""#)) }
    }

    @Test("damaged tensors of series are refused", arguments: PanelScope.allCases)
    func damaged(scope: PanelScope) throws {
        let artifact = try Self.artifact(seed: 6, scope).artifact
        func refused(_ tensors: [NamedTensor], _ name: String) {
            #expect(throws: ForecastingError.self, "\(name)") {
                let damaged = Artifact(manifest: artifact.manifest, weights: try SafetensorsFile(tensors: tensors))
                _ = try damaged.panelForecaster()
                _ = try damaged.profiles()
            }
        }
        let tensors = artifact.weights.tensors
        for (place, tensor) in tensors.enumerated() {
            var without = tensors
            without.remove(at: place)
            refused(without, "without \(tensor.name)")
            guard case .float64(let values) = tensor.values else { continue }
            var other = tensors
            let infinite = [Double](repeating: -.infinity, count: values.count)
            other[place] = NamedTensor(name: tensor.name, shape: tensor.shape, values: .float64(infinite))
            refused(other, "infinite \(tensor.name)")
            other[place] = NamedTensor(name: tensor.name, shape: [values.count], values: .float64(values))
            refused(other, "flat \(tensor.name)")
        }
    }

    @Test("no manifest and no weights make the reader trap", arguments: PanelScope.allCases)
    func fuzz(scope: PanelScope) throws {
        var random = SeededRandom(seed: 9)
        let artifact = try Self.artifact(seed: 6, scope).artifact
        let (manifest, weights) = (try artifact.manifest.encoded(), try artifact.weights.encoded())
        func use(_ manifest: ArtifactManifest, _ weights: SafetensorsFile) {
            let mutated = Artifact(manifest: manifest, weights: weights)
            _ = try? mutated.profiles()
            guard let forecaster = try? mutated.panelForecaster() else { return }
            let shape = forecaster.common.historyShape
            guard shape.inputCount < 10_000 else { return }
            _ = try? forecaster.forecast(
                history: [Double](repeating: 1, count: shape.inputCount),
                ends: [1_700_000_000],
                series: [forecaster.keys.count - 1]
            )
        }
        let length = 8 + weights[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        for round in 0..<600 {
            var bytes = round % 2 == 0 ? manifest : weights
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                // Half of the changes of a file of weights hit its header.
                let end = round % 4 == 1 ? length : bytes.count
                bytes[Int.random(in: 0..<end, using: &random)] = .random(
                    in: round % 4 == 3 ? 0...255 : 32...126,
                    using: &random
                )
            }
            if round % 2 == 0 {
                guard let read = try? ArtifactManifest(decoding: bytes, path: "manifest.json") else { continue }
                use(read, artifact.weights)
            } else {
                guard let read = try? SafetensorsFile(decoding: bytes) else { continue }
                use(artifact.manifest, read)
            }
        }
        // Numbers that stand where others are expected.
        let text = String(decoding: manifest, as: UTF8.self)
        for (part, other) in [
            ("\"s0\"", "\"s9\""), ("\"s1\"", "\"s0\""), ("\"store\"\n", "\"store\", \"item\"\n"),
            ("\"seasonLength\" : 7", "\"seasonLength\" : -1"), ("\"windows\" : ", "\"windows\" : -"),
            ("\"windows\" : ", "\"windows\" : 9"),
        ] {
            let changed = text.replacing(part, with: other)
            #expect(changed != text, "\(part)")
            guard let read = try? ArtifactManifest(decoding: Array(changed.utf8), path: "manifest.json") else {
                continue
            }
            #expect(throws: ForecastingError.self, "\(other)") {
                let mutated = Artifact(manifest: read, weights: artifact.weights)
                _ = try mutated.panelForecaster()
                _ = try mutated.profiles()
            }
        }
    }

    @Test("as many series as there may be are written and read in time that grows with their number")
    func many() throws {
        func seconds(_ count: Int) throws -> Double {
            let shape = try WindowShape(lookback: 24, horizon: 6, channels: 1, targets: 1)
            let model = try ModelConfiguration.nlinear(individual: false).fit(
                series: [(0..<96).map { sin(Double($0)) }],
                shape: shape
            )
            let panel = try PanelForecaster(
                groupBy: ["store"],
                keys: (0..<count).map { SeriesKey(["\(10_000 + $0)"]) },
                forecasters: (0..<count).map { place in
                    try Forecaster(
                        model: model,
                        scaler: Scaler(kind: .standard, centers: [Double(place)], scales: [1 + Double(place)]),
                        columns: ["load"],
                        frequency: Frequency("1h")
                    )
                },
                scope: .global
            )
            let clock = ContinuousClock()
            let start = clock.now
            let artifact = try Artifact(
                forecaster: panel,
                evaluation: nil,
                inputExample: (0..<24).map { [Double($0)] },
                origin: Self.origin
            )
            let (manifest, weights) = (try artifact.manifest.encoded(), try artifact.weights.encoded())
            let written = clock.now
            let loaded = Artifact(
                manifest: try ArtifactManifest(decoding: manifest, path: "manifest.json"),
                weights: try SafetensorsFile(decoding: weights)
            )
            let again = try loaded.panelForecaster()
            let took = clock.now - written
            #expect(
                again.keys.count == count
                    && again.forecasters.last?.preprocessor == panel.forecasters.last?.preprocessor
            )
            print(
                "\(count) series: written in \(written - start), read in \(took), \(manifest.count + weights.count) bytes"
            )
            return took / .seconds(1)
        }
        _ = try seconds(100)
        let (few, most) = (try seconds(1_000), try seconds(Panel.mostSeries))
        // Quadratic work would take a hundred times as long.
        #expect(most < 40 * max(few, 0.01))
    }
}

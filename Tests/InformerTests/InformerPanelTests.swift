// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import Testing

@testable import Forecasting
@testable import Tensor

@Suite("An Informer of several series")
struct InformerPanelTests {
    private static let rows = [200, 150, 170]

    private static func panel() throws -> Panel {
        try Panel(
            groupBy: ["store"],
            series: rows.enumerated().map { place, rows in
                let (level, scale) = (Double(100 * place), Double(place + 1))
                let values = (0..<rows).map { row -> Double in
                    let wave = sin(Double(row) / 4)
                    return level + scale * (wave + 0.1 * Double(row * 7 % 5))
                }
                let frame = try TimeSeriesFrame(
                    timestamps: (0..<rows).map { 1_700_000_000 / 3_600 * 3_600 + 3_600 * Int64($0 + place) },
                    names: ["load"],
                    columns: [values]
                )
                return Panel.Series(key: SeriesKey(["s\(place)"]), frame: frame)
            }
        )
    }

    private static func recipe(_ scope: PanelScope) throws -> ForecasterRecipe {
        var network = InformerConfiguration(inputs: 1, outputs: 1, marks: 4, lookback: 12, labelLength: 6, horizon: 4)
        (network.dModel, network.heads, network.feedForward, network.factor) = (8, 2, 16, 2)
        return ForecasterRecipe(
            configuration: .informer(network: network, training: InformerFitTests.training(epochs: 2)),
            shape: try WindowShape(lookback: 12, horizon: 4, channels: 1, targets: 1),
            frequency: try Frequency("1h"),
            validationShare: 0.2,
            threads: 2,
            scope: scope
        )
    }

    private static let train = rows.map { 0..<($0 - 50) }
    private static let validation = rows.map { ($0 - 62)..<($0 - 10) }

    private static func fitted(
        _ scope: PanelScope,
        _ checkpoints: MemoryCheckpoints? = nil,
        observe: @escaping @Sendable (FitEvent) -> Void = { _ in }
    ) throws -> ForecasterRecipe.PanelFitted {
        try recipe(scope).fitted(
            on: panel(),
            rows: train,
            validation: validation,
            checkpoints: checkpoints,
            observe: observe
        )
    }

    @Test("windows are those of each series, and none crosses a border", arguments: 0..<50 as Range<UInt64>)
    func borders(seed: UInt64) throws {
        var random = RandomStreams(seed: seed)
        func number(_ bound: Int) -> Int { Int(random.integers(1, below: bound)[0]) }
        let (lookback, horizon) = (1 + number(6), 1 + number(4))
        let network = InformerConfiguration(
            inputs: 2,
            outputs: 1,
            marks: 1,
            lookback: lookback,
            labelLength: 0,
            horizon: horizon
        )
        var next = 0.0
        let segments = (0..<(1 + number(4))).map { _ -> (columns: [[Double]], marks: [Float]) in
            let rows = 1 + number(30)
            // Each row has a number of its own, in order.
            let first = (0..<rows).map { _ in
                next += 1
                return next
            }
            return ([first, first.map { -$0 }], [Float](repeating: 0, count: rows))
        }
        let ranges = segments.map { segment -> Range<Int> in
            let (one, other) = (number(segment.marks.count + 1), number(segment.marks.count + 1))
            return min(one, other)..<max(one, other)
        }
        let windows = InformerWindows(network, segments: segments)
        var (expected, truth): ([Int], [Float]) = ([], [])
        for (segment, range) in zip(segments, ranges) {
            for first in range where first + lookback + horizon <= range.upperBound {
                expected.append(Int(segment.columns[0][first]) - 1)
                truth += segment.columns[0][(first + lookback)..<(first + lookback + horizon)].map { Float($0) }
            }
        }
        let starts = windows.starts(in: ranges)
        #expect(starts == expected && windows.truth(starts) == truth)
    }

    @Test("one grouped series gives to the last bit the model of the series alone", arguments: PanelScope.allCases)
    func single(scope: PanelScope) throws {
        let series = try Self.panel().series[0]
        let recipe = try Self.recipe(scope)
        let grouped = try recipe.fitted(
            on: Panel(groupBy: ["store"], series: [series]),
            rows: [Self.train[0]],
            validation: [Self.validation[0]]
        )
        let alone = try recipe.fitted(
            on: Panel(series.frame),
            rows: [Self.train[0]],
            validation: [Self.validation[0]]
        )
        #expect(grouped.forecaster.common.model.tensors == alone.forecaster.common.model.tensors)
        #expect(grouped.training == alone.training)
    }

    @Test("a model of all series learns from all of them, and a refit holds back rows of each")
    func global() throws {
        let fitted = try Self.fitted(.global)
        #expect(fitted.training?.epochs == 2 && fitted.training?.validationLoss != nil)
        #expect(fitted.forecaster.scope == .global)
        let other = try Self.panel().map { series throws(ForecastingError) in
            guard series.key.values == ["s2"] else { return series.frame }
            return try TimeSeriesFrame(
                timestamps: series.frame.timestamps,
                names: series.frame.names,
                columns: [series.frame.columns[0].reversed()]
            )
        }
        let again = try Self.recipe(.global).fitted(on: other, rows: Self.train, validation: Self.validation)
        #expect(again.forecaster.common.model.tensors != fitted.forecaster.common.model.tensors)
        let refit = try Self.recipe(.global).refitted(on: Self.panel(), rows: Self.train)
        #expect(refit.keys == fitted.forecaster.keys)
    }

    @Test("a training over all series that was killed ends with the same bits as one that was not")
    func resumesGlobal() throws {
        let whole = try Self.fitted(.global)
        let broken = MemoryCheckpoints(saves: 1)
        #expect(throws: ForecastingError.self) { try Self.fitted(.global, broken) }
        let seen = Mutex<[FitEvent]>([])
        let resumed = try Self.fitted(.global, MemoryCheckpoints(broken.load())) { event in
            seen.withLock { $0.append(event) }
        }
        #expect(seen.withLock { $0.first } == .resumed(epoch: 1, of: 2))
        #expect(resumed.forecaster.common.model.tensors == whole.forecaster.common.model.tensors)
        #expect(resumed.training == whole.training)
    }

    @Test("trainings of a model each go on in the series in which they were killed")
    func resumesLocal() throws {
        let whole = try Self.fitted(.local)
        let checkpoints = MemoryCheckpoints()
        checkpoints.parts.withLock { $0[1] = MemoryCheckpoints(saves: 1) }
        let error = #expect(throws: ForecastingError.self) { try Self.fitted(.local, checkpoints) }
        #expect(error?.description.hasPrefix("series store=s1: ") == true)
        let left = checkpoints.parts.withLock { $0 }
        #expect(left.keys.sorted() == [0, 1] && checkpoints.load() == nil)
        checkpoints.parts.withLock { $0[1] = MemoryCheckpoints(left[1]?.load()) }
        let seen = Mutex<[FitEvent]>([])
        let resumed = try Self.fitted(.local, checkpoints) { event in
            if case .steps = event { return }
            seen.withLock { $0.append(event) }
        }
        let events = seen.withLock { $0 }
        #expect(
            events.prefix(4) == [
                .series(label: "store=s0", number: 1, of: 3), .resumed(epoch: 2, of: 2),
                .series(label: "store=s1", number: 2, of: 3), .resumed(epoch: 1, of: 2),
            ]
        )
        #expect(events.count == 4 + 1 + 1 + 2)
        for (one, other) in zip(resumed.forecaster.forecasters, whole.forecaster.forecasters) {
            #expect(one.model.tensors == other.model.tensors)
        }
        #expect(resumed.training == whole.training)
    }

    @Test("series with too few windows for a batch together are told how many rows there are")
    func tooFew() throws {
        let error = #expect(throws: ForecastingError.self) {
            try Self.recipe(.global).fitted(on: Self.panel(), rows: [0..<20, 0..<20, 0..<20])
        }
        #expect(
            error?.description.hasPrefix("the train part of all 3 series, for a batch of 16 windows has 60 rows")
                == true
        )
    }
}

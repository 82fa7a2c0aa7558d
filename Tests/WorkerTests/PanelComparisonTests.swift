// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import TestSupport
import Testing

@testable import Forecasting
@testable import Worker

@Suite("Forecasts of several series held against what came true")
struct PanelComparisonTests {
    private static let start: Int64 = 1_704_067_200
    private static let (rowCount, horizon) = (60, 4)
    private static let keys = [SeriesKey(["north", "1"]), SeriesKey(["north", "2"]), SeriesKey(["south", "1"])]
    private static let groupBy = ["store", "item"]

    private let random: SeededRandom
    /// By series: the rows that came true, of levels that are far apart.
    private let rows: [[Double]]

    init() {
        var random = SeededRandom(seed: 3)
        rows = (0..<3).map { series in
            (0..<Self.rowCount).map { row in
                row == 31 + series ? .nan : pow(100, Double(series)) * Double.random(in: 1...2, using: &random)
            }
        }
        self.random = random
    }

    private func frame(_ values: [Double]) throws -> TimeSeriesFrame {
        let times = values.indices.map { Self.start + Int64($0) * 3_600 }
        return try TimeSeriesFrame(timestamps: times, names: ["value"], columns: [values])
    }

    private func forecaster(_ series: Int, reach: Double = 0.2) throws -> (Forecaster, TrainingProfile) {
        let train = try frame((0..<48).map { pow(100, Double(series)) * (1.5 + sin(Double($0 * (series + 1)))) })
        let recipe = ForecasterRecipe(
            configuration: .seasonalNaive(seasonLength: 2),
            shape: try WindowShape(lookback: 4, horizon: Self.horizon, channels: 1, targets: 1),
            preprocessing: PreprocessorSettings(scaler: .none),
            frequency: try Frequency("1h")
        )
        let offset = reach * pow(100, Double(series))
        let offsets = (0..<Self.horizon).flatMap { _ -> [Double] in [-offset, 0, offset] }
        let intervals = ForecastIntervals(levels: try IntervalLevels([80]), windows: 9, offsets: offsets)
        let forecaster = try recipe.fitted(on: Panel(train), rows: [0..<48]).forecaster.common.adding(intervals)
        return (forecaster, try TrainingProfile(of: train, train: 0..<48, for: forecaster, seasonLength: 2))
    }

    private func subject(_ version: String) throws -> LiveComparison.Subject {
        let parts = try Self.keys.indices.map { try forecaster($0) }
        return LiveComparison.Subject(
            version: version,
            panel: try PanelForecaster(groupBy: Self.groupBy, keys: Self.keys, forecasters: parts.map(\.0)),
            profiles: parts.map(\.1)
        )
    }

    /// A version that knows one of the series alone.
    private func subject(_ version: String, of series: Int) throws -> LiveComparison.Subject {
        let (forecaster, profile) = try forecaster(series)
        return LiveComparison.Subject(version: version, panel: PanelForecaster(forecaster), profiles: [profile])
    }

    /// The rows of all series, one after the other by time, and a series that no version knows.
    private func source(groupBy: [String] = Self.groupBy) throws -> SeriesRows {
        let columns = rows + [[Double](repeating: 7, count: Self.rowCount)]
        let keys = Self.keys + [SeriesKey(["west", "1"])]
        let times = (0..<Self.rowCount).flatMap { row in columns.map { _ in Self.start + Int64(row) * 3_600 } }
        let values = (0..<Self.rowCount).flatMap { row in columns.map { $0[row] } }
        return SeriesRows(
            try TimeSeriesFrame(timestamps: times, names: ["value"], columns: [values]),
            labels: SeriesRows.Labels(
                groupBy: groupBy,
                keys: keys,
                codes: (0..<Self.rowCount).flatMap { _ in (0..<4).map(Int32.init) }
            )
        )
    }

    /// Forecasts of both versions for each series: with the right last row and a wrong one, past and to come.
    private func forecasts() -> [RememberedForecast] {
        var random = random
        return (0..<200).flatMap { index -> [RememberedForecast] in
            let (series, row) = (index % 3, Int.random(in: 0..<Self.rowCount + 3, using: &random))
            let level = pow(100, Double(series))
            let last = row < Self.rowCount && !random.chance(20) ? rows[series][row] : level
            let versions = random.chance(50) ? ["g12", "g13"] : ["g12"]
            return versions.map { version in
                RememberedForecast(
                    version: version,
                    series: Self.keys[series],
                    issued: Int64(index),
                    end: Self.start + Int64(row) * 3_600,
                    last: [last],
                    values: (0..<Self.horizon).map { _ in level * Double.random(in: 1...2, using: &random) }
                )
            }
        }
    }

    private func result(
        _ rows: SeriesRows,
        _ stable: LiveComparison.Subject,
        _ canary: LiveComparison.Subject,
        _ forecasts: [RememberedForecast]
    ) throws -> MonitorResult {
        let truth = try PanelTruth(rows, of: stable.panel, due: Self.start + 1_000_000)
        return LiveComparison(truth: truth, stable: stable, canary: canary, earliest: Self.start).result(forecasts)
    }

    private func expectPooled(_ found: LiveErrors?, _ parts: [LiveErrors?]) throws {
        let found = try #require(found)
        let parts = try parts.map { try #require($0) }
        let counts = parts.map { Double($0.errors.values) }
        func pooled(_ number: (LiveErrors) -> Double) -> Double {
            zip(parts, counts).reduce(0) { $0 + number($1.0) * $1.1 } / counts.reduce(0, +)
        }
        #expect(found.errors.values == parts.reduce(0) { $0 + $1.errors.values })
        let mase = parts.reduce(0) { $0 + ($1.errors.mase ?? .nan) } / Double(parts.count)
        for (ours, theirs) in [
            (found.errors.mae, pooled(\.errors.mae)), (found.errors.mse, pooled(\.errors.mse)),
            (found.errors.bias, pooled(\.errors.bias)), (found.errors.mase ?? .nan, mase),
        ] { #expect(abs(ours - theirs) <= 1e-5 * max(abs(theirs), abs(found.errors.mae)), "\(ours) \(theirs)") }
        #expect(found.bands.reduce(0) { $0 + $1.errors.values } == found.errors.values)
        guard let levels = found.intervals else { return }
        let coverage = pooled { $0.intervals?.first?.coverage ?? .nan }
        #expect(abs((levels.first?.coverage ?? .nan) - coverage) <= 1e-3, "\(levels) \(coverage)")
    }

    @Test("count as those of each series by itself do: values alike, the scaled error as the mean of the series'")
    func pooled() throws {
        let remembered = forecasts()
        var unknown = remembered[0]
        unknown.series = SeriesKey(["west", "1"])
        var single = remembered[0]
        single.series = .single
        let (stable, canary) = (try subject("g12"), try subject("g13"))
        let found = try result(source(), stable, canary, remembered + [unknown, single])
        let parts = try Self.keys.indices.map { series in
            let own = remembered.filter { $0.series == Self.keys[series] }
                .map { forecast in
                    var forecast = forecast
                    forecast.series = .single
                    return forecast
                }
            let rows = SeriesRows(try frame(rows[series]))
            return try result(rows, subject("g12", of: series), subject("g13", of: series), own)
        }
        #expect(found.series == 3 && parts.allSatisfy { $0.series == nil })
        #expect(found.forecasts == parts.reduce(0) { $0 + $1.forecasts } && found.forecasts > 20)
        #expect(found.pending == parts.reduce(0) { $0 + $1.pending })
        #expect(found.otherSeries == parts.reduce(0) { $0 + $1.otherSeries } + 2)
        #expect(found.from == parts.compactMap(\.from).min() && found.to == parts.compactMap(\.to).max())
        try expectPooled(found.stable, parts.map(\.stable))
        #expect(found.stable?.intervals?.count == 1)
        let own = zip(Self.keys, parts).map { ($0.0.label(Self.groupBy), $0.1.stable?.errors.mase ?? .nan) }
            .sorted { $0.1 > $1.1 }
        #expect(found.worstSeries?.map(\.series) == own.map(\.0) && found.worstSeries?.map(\.mase) == own.map(\.1))
        #expect(parts.allSatisfy { $0.worstSeries == nil })
        try expectPooled(found.comparison?.canary, parts.map(\.comparison?.canary))
        try expectPooled(found.comparison?.stable, parts.map(\.comparison?.stable))
    }

    @Test("wait where the source has no row of their series, and are compared for the others")
    func absent() throws {
        let south = try #require(source().labels)
        let kept = south.codes.indices.filter { south.codes[$0] != 2 }
        let frame = try source().frame
        let rows = SeriesRows(
            frame.picking(kept),
            labels: SeriesRows.Labels(
                groupBy: Self.groupBy,
                keys: south.keys,
                codes: kept.map { south.codes[$0] }
            )
        )
        let found = try result(rows, subject("g12"), subject("g13"), forecasts())
        #expect(found.series == 2 && found.stable != nil)
        let own = forecasts().filter { $0.version == "g12" && $0.series == Self.keys[2] }
        #expect(found.pending >= own.count * Self.horizon)
        let none = SeriesRows(try self.frame([]))
        let waiting = try result(none, subject("g12"), subject("g13"), forecasts())
        #expect(waiting.forecasts == 0 && waiting.otherSeries == 0 && waiting.series == 0)
    }

    @Test("need a source that tells series as the version does, and rows on its grid, or the message says which not")
    func refused() throws {
        let panel = try subject("g12").panel
        let renamed = #expect(throws: WorkerError.self) {
            _ = try PanelTruth(source(groupBy: ["shop", "item"]), of: panel, due: 0)
        }
        #expect(
            renamed?.description.contains(
                "is [shop, item] by now, and the served version was trained with [store, item]"
            )
                == true
        )
        let single = try subject("g12", of: 0).panel
        let grouped = #expect(throws: WorkerError.self) { _ = try PanelTruth(source(), of: single, due: 0) }
        #expect(grouped?.description.contains("trained with none") == true)
        let twice = SeriesRows(
            try TimeSeriesFrame(
                timestamps: [Self.start, Self.start, Self.start],
                names: ["value"],
                columns: [[1, 2, 3]]
            ),
            labels: SeriesRows.Labels(groupBy: Self.groupBy, keys: Self.keys, codes: [0, 1, 1])
        )
        let doubled = #expect(throws: ForecastingError.self) { _ = try PanelTruth(twice, of: panel, due: 0) }
        #expect(doubled?.description.contains("store=north, item=2") == true, "\(doubled?.description ?? "")")
    }
}

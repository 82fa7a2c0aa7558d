// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Forecasting

@Suite("The future stays out of sight, of a series' own rows and of others'")
struct PanelLeakTests {
    /// The panel with wild values in one series from a row on.
    private func planted(_ panel: Panel, in planted: Int, from row: Int) throws -> Panel {
        var series = panel.series
        let frame = series[planted].frame
        series[planted] = Panel.Series(
            key: series[planted].key,
            frame: try TimeSeriesFrame(
                timestamps: frame.timestamps,
                names: frame.names,
                columns: frame.columns.map { column in
                    column.enumerated().map { $0 < row ? $1 : 1e4 + Double($0 % 3) }
                }
            )
        )
        return try Panel(groupBy: panel.groupBy, series: series)
    }

    /// By model and series: the errors of the windows.
    private func tables(_ report: BacktestReport) -> [[[ForecastMetrics]]] {
        [report.candidate, report.seasonalNaive].map { score in
            score.tallies.map { $0?.table.map(\.original) ?? [] }
        }
    }

    @Test(
        "what comes behind a window of one series moves no error of the others, and none of its own before",
        arguments: 0..<40
    )
    func wild(seed: UInt64) throws {
        let data = try ScoredPanel(seed: seed, series: 3)
        var settings = PreprocessorSettings()
        settings.missing = .interpolate
        let recipe = try data.recipe(settings)
        let place = Int(seed % 3)
        let windows = data.windows[place]
        let kept = windows.count / 2
        let row = windows.origin(kept - 1) + windows.horizon
        func report(_ panel: Panel) throws -> BacktestReport {
            let candidate = try recipe.fitted(on: panel, rows: data.train).forecaster
            return try Backtest(candidate: candidate, seasonLength: 5, windows: data.windows) { _ in candidate }
                .run(on: panel, train: data.train)
        }
        let (before, after) = (try report(data.panel), try report(planted(data.panel, in: place, from: row)))
        for (left, right) in zip(tables(before), tables(after)) {
            for series in 0..<3 {
                let count = series == place ? kept : left[series].count
                #expect(left[series].prefix(count) == right[series].prefix(count), "series \(series)")
            }
            #expect(left[place] != right[place])
        }
        for series in [0, 1, 2] where series != place {
            #expect(before.bySeries[series] == after.bySeries[series])
        }
    }

    @Test("a fit for a window sees no row of any series from its window on", arguments: 0..<10)
    func refits(seed: UInt64) throws {
        let data = try ScoredPanel(seed: seed, stride: 4, series: 3)
        let recipe = try data.recipe()
        let windows = try data.panel.series.map { series in
            let rows = series.frame.rowCount
            return try RollingOrigin(test: 20..<rows, lookback: 6, horizon: 4, windows: 3, strideSteps: 4)
        }
        func report(_ panel: Panel) throws -> BacktestReport {
            let candidate = try recipe.fitted(on: panel, rows: data.train).forecaster
            return try Backtest(candidate: candidate, seasonLength: 5, windows: windows, mode: .expanding) {
                rows throws(ForecastingError) in try recipe.refitted(on: panel, rows: rows)
            }.run(on: panel, train: data.train)
        }
        // The last window's rows of all series: no error of an earlier window knows of them.
        var panel = data.panel
        for place in 0..<3 { panel = try planted(panel, in: place, from: windows[place].origin(2)) }
        for (left, right) in zip(tables(try report(data.panel)), tables(try report(panel))) {
            #expect(left.map { $0.prefix(2) } == right.map { $0.prefix(2) })
            #expect(left.map(\.last) != right.map(\.last))
        }
    }

    @Test("each series has a profile of its own train rows")
    func profiles() throws {
        let data = try ScoredPanel(seed: 2, series: 3)
        let forecaster = try data.recipe().fitted(on: data.panel, rows: data.train).forecaster
        let profiles = try TrainingProfile.profiles(of: data.panel, train: data.train, for: forecaster, seasonLength: 5)
        for (series, profile) in profiles.enumerated() {
            let alone = try TrainingProfile(
                of: data.panel.series[series].frame,
                train: data.train[series],
                for: forecaster.forecasters[series],
                seasonLength: 5
            )
            #expect(profile == alone)
        }
        #expect(profiles.count == 3 && Set(profiles).count == 3)
        let fewer = try Panel(groupBy: data.panel.groupBy, series: Array(data.panel.series.dropLast()))
        #expect(throws: ForecastingError.self) {
            try TrainingProfile.profiles(of: fewer, train: data.train.dropLast(), for: forecaster, seasonLength: 5)
        }
    }
}

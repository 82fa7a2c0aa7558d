// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Forecasting

@Suite("Backtests of several series")
struct PanelBacktestTests {
    private func isClose(_ ours: Double?, _ theirs: Double?) -> Bool {
        guard let ours, let theirs else { return ours == nil && theirs == nil }
        // Models compute with 32 bits.
        return abs(ours - theirs) <= 1e-5 * max(1, abs(theirs))
    }

    private func expectEqual(_ ours: ForecastMetrics, _ theirs: ForecastMetrics, _ name: String) {
        let pairs = [
            ("MAE", ours.mae, theirs.mae), ("MSE", ours.mse, theirs.mse), ("RMSE", ours.rmse, theirs.rmse),
            ("MAPE", ours.mape, theirs.mape), ("sMAPE", ours.smape, theirs.smape), ("MASE", ours.mase, theirs.mase),
            ("R2", ours.r2, theirs.r2),
        ]
        for (metric, left, right) in pairs {
            #expect(isClose(left, right), "\(name) \(metric): \(left ?? .nan) and \(right ?? .nan)")
        }
    }

    private func expectEqual(_ score: BacktestReport.Score, _ cells: [PanelOracle.Cell], _ oracle: PanelOracle) {
        expectEqual(score.original, oracle.metrics(cells, scaled: false), "original")
        expectEqual(score.scaled, oracle.metrics(cells, scaled: true), "scaled")
        #expect(zip(score.maeByStep, oracle.maeByStep(cells)).allSatisfy { isClose($0, $1) })
        #expect(score.windows * ScoredPanel.horizon * oracle.data.targets == cells.count)
    }

    @Test("all numbers are what a list of all forecast values gives", arguments: 0..<60)
    func pooled(seed: UInt64) throws {
        let data = try ScoredPanel(seed: seed)
        let oracle = PanelOracle(data: data, season: 5)
        let missing: Set<Int> = data.panel.series.count > 1 && seed % 2 == 0 ? [0] : []
        let candidate = try data.naive(3)
        let report = try Backtest(
            candidate: candidate,
            incumbent: data.naive(1, without: Set(missing.map { data.panel.series[$0].key })),
            seasonLength: 5,
            windows: data.windows
        ) { _ in candidate }.run(on: data.panel, train: data.train)
        let cells = oracle.cells(repeating: 3)
        expectEqual(report.candidate, cells, oracle)
        expectEqual(report.seasonalNaive, oracle.cells(repeating: 5), oracle)
        let incumbent = try #require(report.incumbent)
        let theirs = oracle.cells(repeating: 1, without: missing)
        expectEqual(incumbent, theirs, oracle)
        expectEqual(
            report.candidate(beside: incumbent).original,
            oracle.metrics(oracle.cells(repeating: 3, without: missing), scaled: false),
            "beside the incumbent"
        )
        for (baseline, other) in [(incumbent, theirs), (report.seasonalNaive, oracle.cells(repeating: 5))] {
            let comparison = report.comparison(with: baseline)
            #expect(comparison.windowsWon == oracle.windowsWon(cells, other))
            let test = oracle.dieboldMariano(cells, other)
            #expect(isClose(comparison.dieboldMariano?.pValue, test?.pValue))
        }
        #expect(report.bySeries.map(\.key) == data.panel.series.map(\.key))
        for (series, score) in report.bySeries.enumerated() {
            let own = cells.filter { $0.series == series }
            expectEqual(score.original, oracle.metrics(own, scaled: false), "\(score.key)")
            #expect((score.incumbentOriginal == nil) == missing.contains(series))
            #expect(score.windows == data.windows[series].count)
        }
        #expect(report.summary.series == data.panel.series.count)
    }

    @Test("a grouped series alone has the numbers of data that is not grouped, to the last bit", arguments: 0..<10)
    func alone(seed: UInt64) throws {
        let data = try ScoredPanel(seed: seed, series: 1)
        let grouped = try data.naive(3)
        let single = PanelForecaster(grouped.common)
        let reports = try [(grouped, data.panel), (single, Panel(data.panel.series[0].frame))].map { model, panel in
            try Backtest(candidate: model, seasonLength: 5, windows: data.windows) { _ in model }
                .run(on: panel, train: data.train)
        }
        #expect(reports[0].candidate.original == reports[1].candidate.original)
        #expect(reports[0].candidate.scaled == reports[1].candidate.scaled)
        #expect(reports[0].candidate.table == reports[1].candidate.table)
        #expect(
            reports[0].comparison(with: reports[0].seasonalNaive)
                == reports[1].comparison(with: reports[1].seasonalNaive)
        )
        #expect(reports[1].bySeries.isEmpty && reports[1].seriesCSV == nil && reports[1].summary.series == nil)
    }

    @Test("windows that are as far from the end share a fit; a shorter series gives its rows before its first window")
    func fits() throws {
        let data = try ScoredPanel(seed: 3, stride: 4, series: 3)
        let candidate = try data.naive(3)
        let windows = try zip(data.panel.series, [3, 1, 2]).map { series, count in
            let rows = series.frame.rowCount
            return try RollingOrigin(test: 20..<rows, lookback: 6, horizon: 4, windows: count, strideSteps: 4)
        }
        let last = data.panel.series.map { $0.frame.rowCount - 4 }
        let origins = [[last[0] - 8, last[1], last[2] - 4], [last[0] - 4, last[1], last[2] - 4], last]
        for mode in [Backtest.Mode.expanding, .sliding] {
            let seen = Shared<[[Range<Int>]]>([])
            let report = try Backtest(candidate: candidate, seasonLength: 5, windows: windows, mode: mode) { rows in
                seen.withLock { $0.append(rows) }
                return candidate
            }.run(on: data.panel, train: data.train)
            let expected = origins.map { origins in
                zip(origins, data.train).map { origin, train in
                    (mode == .sliding ? origin - train.count : 0)..<origin
                }
            }
            #expect(seen.withLock { $0 } == expected)
            #expect(report.candidate.windows == 6)
            #expect(
                report.candidate.tallies.map { $0?.table.map(\.origin) } == [
                    [last[0] - 8, last[0] - 4, last[0]], [last[1]], [last[2] - 4, last[2]],
                ]
            )
            let fixed = try Backtest(candidate: candidate, seasonLength: 5, windows: windows) { _ in candidate }
            #expect(
                try isClose(
                    fixed.run(on: data.panel, train: data.train).candidate.original.mae,
                    report.candidate.original.mae
                )
            )
        }
    }

    @Test("a model that knows none of the series, or tells them apart otherwise, is not compared")
    func incomparable() throws {
        let data = try ScoredPanel(seed: 4, series: 3)
        let candidate = try data.naive(3)
        func problem(_ model: PanelForecaster) -> String {
            do throws(ForecastingError) {
                let missing = try Backtest.requireSameForecast(model, as: candidate, data.windows)
                return "\(missing.map(\.description))"
            } catch { return error.description }
        }
        #expect(problem(try data.naive(1, without: [data.panel.series[1].key])) == #"["s1, x"]"#)
        #expect(
            problem(PanelForecaster(candidate.common)).contains("one series instead of a series for each store, item")
        )
        let strangers = try PanelForecaster(
            groupBy: candidate.groupBy,
            keys: candidate.keys.map { SeriesKey(["other"] + $0.values.prefix(1)) },
            forecasters: candidate.forecasters
        )
        #expect(problem(strangers).contains("it knows none of the 3 series"))
        let early = try RollingOrigin(test: 0..<20, lookback: 3, horizon: 4)
        let windows = [data.windows[0], early, data.windows[2]]
        let error = #expect(throws: ForecastingError.self) {
            try Backtest.requireSameForecast(candidate, as: candidate, windows)
        }
        #expect(
            error?.description.hasPrefix("series store=s1, item=x: it cannot be compared: its history of 6") == true
        )
    }

    @Test("what is wrong with the rows of one series names it; a season that it is too short for is cut for it alone")
    func faults() throws {
        let data = try ScoredPanel(seed: 6, series: 3)
        let candidate = try data.naive(3)
        var windows = data.windows
        windows[1] = try RollingOrigin(test: 0..<40, lookback: 6, horizon: 4, strideSteps: windows[0].strideSteps)
        let backtest = try Backtest(candidate: candidate, seasonLength: 12, windows: windows) { _ in candidate }
        #expect(backtest.seasonLengths == [12, windows[1].first < 12 ? 1 : 12, 12])
        #expect(try backtest.run(on: data.panel, train: data.train).seasonLength == 12)
        let broken = try data.panel.map { series throws(ForecastingError) in
            guard series.key.values[0] == "s2" else { return series.frame }
            return try TimeSeriesFrame(
                timestamps: series.frame.timestamps,
                names: series.frame.names,
                columns: series.frame.columns.map { $0.dropLast(5) + [.infinity] + $0.suffix(4) }
            )
        }
        let error = #expect(throws: ForecastingError.self) { try backtest.run(on: broken, train: data.train) }
        #expect(error?.description.hasPrefix("series store=s2, item=x: ") == true)
        let other = try Panel(groupBy: data.panel.groupBy, series: Array(data.panel.series.dropLast()))
        #expect(throws: ForecastingError.self) { try backtest.run(on: other, train: data.train.dropLast()) }
    }

    @Test("tables begin with the keys, and keep as many windows of each series as are kept of one")
    func tables() throws {
        let data = try ScoredPanel(seed: 5, stride: 1, series: 3)
        let candidate = try data.naive(3)
        let report = try Backtest(candidate: candidate, seasonLength: 5, windows: data.windows) { _ in candidate }
            .run(on: data.panel, train: data.train)
        let lines = report.csv.split(separator: "\n")
        #expect(lines[0].hasPrefix("store,item,from,to,model,mae,") && lines[1].hasPrefix("s0,x,1970-"))
        #expect(lines.count == 1 + 2 * report.candidate.windows)
        let series = try #require(report.seriesCSV).split(separator: "\n")
        #expect(series.count == 1 + 2 * 3 && series[0].hasPrefix("store,item,model,windows,mae,"))
        #expect(series[6].hasPrefix("s2,x,SeasonalNaive,\(data.windows[2].count),"))
        #expect(series.allSatisfy { $0.split(separator: ",", omittingEmptySubsequences: false).count == 13 })
    }

    @Test("a grouping column that is named like one of a table's own columns has another name there")
    func names() throws {
        let data = try ScoredPanel(seed: 5, stride: 1, series: 2)
        let groupBy = ["model", "series_model"]
        let panel = try Panel(groupBy: groupBy, series: data.panel.series)
        let candidate = try PanelForecaster(
            groupBy: groupBy,
            keys: panel.series.map(\.key),
            forecasters: data.naive(3).forecasters
        )
        let report = try Backtest(candidate: candidate, seasonLength: 5, windows: data.windows) { _ in candidate }
            .run(on: panel, train: data.train)
        #expect(report.csv.hasPrefix("series_series_model,series_model,from,to,model,mae,"))
        #expect(report.seriesCSV?.hasPrefix("series_series_model,series_model,model,windows,mae,") == true)
    }

    @Test("of many windows the latest ones of each series are kept; a key with commas and quotes is one cell")
    func bounds() throws {
        let data = try ScoredPanel(seed: 7, stride: 1, series: 2, rows: 10_300...10_400)
        let keys = [SeriesKey(["a,b", "say \"x\""]), SeriesKey(["c", "d\ne"])]
        let panel = try Panel(
            groupBy: ["store", "item"],
            series: zip(keys, data.panel.series).map { Panel.Series(key: $0, frame: $1.frame) }
        )
        let candidate = try PanelForecaster(groupBy: panel.groupBy, keys: keys, forecasters: data.naive(3).forecasters)
        let report = try Backtest(candidate: candidate, seasonLength: 5, windows: data.windows) { _ in candidate }
            .run(on: panel, train: data.train)
        #expect(report.candidate.windows > Backtest.largestTable && report.candidate.table.count == 10_000)
        for (tally, windows) in zip(report.candidate.tallies, data.windows) {
            #expect(tally?.table.map(\.origin) == (0..<windows.count).suffix(5_000).map(windows.origin))
        }
        let text = try #require(report.seriesCSV)
        #expect(text.contains("\n\"a,b\",\"say \"\"x\"\"\",Candidate,") && text.contains("\nc,\"d\ne\",SeasonalNaive,"))
    }
}

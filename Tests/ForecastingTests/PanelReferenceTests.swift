// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Forecasting

/// `Reference/panel.json`: what other people's libraries found. The README beside it says which.
private struct PanelReference: Decodable {
    struct Series: Decodable {
        let key: String
        let trainRows, start: Int
        let values: [Double]
    }

    struct Metrics: Decodable {
        let mae, mse, mape, smape, mase, r2, scaledMae, scaledMse, scaledR2: Double
    }

    struct Test: Decodable {
        let times: Int
        let statistic, pValue: Double
    }

    let horizon, strideSteps, season: Int
    let series: [Series]
    let overall: [String: Metrics]
    let dieboldMariano: [String: Test]

    static func load() throws -> PanelReference {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Reference/panel.json")
        return try JSONDecoder().decode(PanelReference.self, from: Data(contentsOf: file))
    }
}

@Suite("Backtests of several series beside other libraries")
struct PanelReferenceTests {
    private func panel(_ reference: PanelReference) throws -> Panel {
        try Panel(
            groupBy: ["region"],
            series: reference.series.map { series in
                let times = series.values.indices.map { 3_600 * Int64(series.start + $0) }
                return Panel.Series(
                    key: SeriesKey([series.key]),
                    frame: try TimeSeriesFrame(timestamps: times, names: ["load"], columns: [series.values])
                )
            }
        )
    }

    /// Repeats the last season, in scaled units.
    private func naive(_ season: Int, _ reference: PanelReference, _ panel: Panel) throws -> PanelForecaster {
        let shape = try WindowShape(lookback: season, horizon: reference.horizon, channels: 1, targets: 1)
        return try PanelForecaster(
            groupBy: panel.groupBy,
            keys: panel.series.map(\.key),
            forecasters: zip(panel.series, reference.series).map { series, known in
                try Forecaster(
                    model: SeasonalNaive(shape: shape, seasonLength: season),
                    scaler: Scaler(kind: .standard, fitting: series.frame, rows: 0..<known.trainRows),
                    columns: ["load"],
                    frequency: Frequency("1h")
                )
            }
        )
    }

    private func isClose(_ ours: Double?, _ theirs: Double) -> Bool {
        // Models compute with 32 bits.
        ours.map { abs($0 - theirs) <= 1e-5 * max(1, abs(theirs)) } ?? false
    }

    private func expectEqual(_ score: BacktestReport.Score, _ theirs: PanelReference.Metrics?, _ name: String) throws {
        let theirs = try #require(theirs)
        let pairs = [
            ("MAE", score.original.mae, theirs.mae), ("MSE", score.original.mse, theirs.mse),
            ("MAPE", score.original.mape, theirs.mape), ("sMAPE", score.original.smape, theirs.smape),
            ("MASE", score.original.mase, theirs.mase), ("R2", score.original.r2, theirs.r2),
            ("scaled MAE", score.scaled.mae, theirs.scaledMae), ("scaled MSE", score.scaled.mse, theirs.scaledMse),
            ("scaled R2", score.scaled.r2, theirs.scaledR2),
        ]
        for (metric, left, right) in pairs {
            #expect(isClose(left, right), "\(name) \(metric): \(left ?? .nan) and \(right)")
        }
    }

    @Test("metrics over all series, and Diebold-Mariano")
    func pooled() throws {
        let reference = try PanelReference.load()
        let panel = try panel(reference)
        let candidate = try naive(3, reference, panel)
        let windows = try zip(panel.series, reference.series).map { series, known in
            let context = known.trainRows - 5
            return try RollingOrigin(
                test: context..<series.frame.rowCount,
                lookback: 5,
                horizon: reference.horizon,
                strideSteps: reference.strideSteps
            )
        }
        let report = try Backtest(
            candidate: candidate,
            incumbent: naive(1, reference, panel),
            seasonLength: reference.season,
            windows: windows
        ) { _ in candidate }.run(on: panel, train: reference.series.map { 0..<$0.trainRows })
        let incumbent = try #require(report.incumbent)
        for (season, score) in [("3", report.candidate), ("1", incumbent), ("5", report.seasonalNaive)] {
            try expectEqual(score, reference.overall[season], "season \(season)")
        }
        for (name, baseline) in [("3-1", incumbent), ("3-5", report.seasonalNaive)] {
            let ours = try #require(report.comparison(with: baseline).dieboldMariano)
            let theirs = try #require(reference.dieboldMariano[name])
            #expect(isClose(ours.statistic, theirs.statistic) && isClose(ours.pValue, theirs.pValue), "\(name)")
            #expect(ours.kernel == .rectangular)
        }
    }
}

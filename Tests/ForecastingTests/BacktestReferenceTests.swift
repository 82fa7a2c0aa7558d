// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Forecasting

/// Backtests on ETTh1 equal those of other people's libraries.
@Suite("Backtests beside other libraries", .enabled(if: ETTh1.path != nil, "ETTh1.csv is not beside the package"))
struct BacktestReferenceTests {
    /// Models compute with 32 bits, so single forecasts differ in the seventh digit.
    private static let tolerance = 1e-6

    private func isClose(_ ours: Double?, _ theirs: Double?) -> Bool {
        guard let ours, let theirs else { return ours == nil && theirs == nil }
        return abs(ours - theirs) <= Self.tolerance * max(1, abs(theirs))
    }

    private func frame(_ reference: BacktestReference.Case, rows: Int) throws -> TimeSeriesFrame {
        let whole = try #require(ETTh1.frame).rows(0..<rows).selecting(reference.columns)
        return try TimeSeriesFrame(
            timestamps: whole.timestamps,
            names: whole.names,
            columns: whole.columns.map { column in column.map { $0 + (reference.shift ?? 0) } }
        )
    }

    private func recipe(_ configuration: ModelConfiguration, _ reference: BacktestReference.Case) throws
        -> ForecasterRecipe
    {
        let columns = reference.columns.count
        return ForecasterRecipe(
            configuration: configuration,
            shape: try WindowShape(
                lookback: reference.lookback,
                horizon: reference.horizon,
                channels: columns,
                targets: columns
            ),
            frequency: try Frequency("1h")
        )
    }

    /// The candidate NLinear, the last value as the incumbent, and the seasonal naive forecast.
    private func backtest(
        _ reference: BacktestReference.Case,
        candidate: ModelConfiguration,
        metric: Measure.Metric
    ) throws -> (BacktestReport, TimeSeriesFrame) {
        let all = try BacktestReference.load()
        let frame = try frame(reference, rows: all.rows)
        let train = 0..<all.trainRows
        let windows = try RollingOrigin(
            test: (all.trainRows - reference.lookback)..<all.rows,
            lookback: reference.lookback,
            horizon: reference.horizon,
            windows: reference.windows,
            strideSteps: reference.strideSteps
        )
        let recipe = try recipe(candidate, reference)
        let report = try Backtest(
            candidate: recipe.fitted(on: Panel(frame), rows: [train]).forecaster.common,
            incumbent: self.recipe(.seasonalNaive(seasonLength: 1), reference).fitted(on: Panel(frame), rows: [train])
                .forecaster.common,
            seasonLength: all.season,
            windows: windows,
            mode: try #require(Backtest.Mode(rawValue: reference.mode)),
            measure: Measure(metric: metric, isScaled: false)
        ) { rows throws(ForecastingError) in try recipe.refitted(on: Panel(frame), rows: [rows]).common }
        .run(on: frame, train: train)
        return (report, frame)
    }

    private func expectEqual(_ ours: ForecastMetrics, _ theirs: BacktestReference.Metrics?, _ name: String) throws {
        let theirs = try #require(theirs)
        let pairs: [(String, Double?, Double?)] = [
            ("MAE", ours.mae, theirs.mae), ("MSE", ours.mse, theirs.mse), ("RMSE", ours.rmse, theirs.rmse),
            ("MAPE", ours.mape, theirs.mape), ("sMAPE", ours.smape, theirs.smape), ("MASE", ours.mase, theirs.mase),
            ("R2", ours.r2, theirs.r2),
        ]
        for (metric, left, right) in pairs {
            #expect(isClose(left, right), "\(name) \(metric): \(left ?? .nan) and \(right ?? .nan)")
        }
    }

    @Test("windows and all metrics, overall and of the last window", arguments: 0..<5)
    func metrics(index: Int) throws {
        let reference = try BacktestReference.load().cases[index]
        let (report, frame) = try backtest(reference, candidate: .nlinear(individual: false), metric: .mae)
        #expect(UTCTime.text(frame.timestamps[report.windows[0].first]) == reference.from)
        let incumbent = try #require(report.incumbent)
        for (name, score) in [
            ("NLinear", report.candidate), ("SeasonalNaive", report.seasonalNaive), ("Naive", incumbent),
        ] {
            try expectEqual(score.original, reference.overall[name], name)
            try expectEqual(try #require(score.table.last).original, reference.lastWindow[name], "\(name), last window")
        }
        #expect(report.comparison(with: report.seasonalNaive).windowsWon == reference.windowsWon["SeasonalNaive"])
        #expect(report.comparison(with: incumbent).windowsWon == reference.windowsWon["Naive"])
    }

    @Test("Diebold-Mariano", arguments: 0..<5, [Measure.Metric.mae, .mse])
    func dieboldMariano(index: Int, metric: Measure.Metric) throws {
        let reference = try BacktestReference.load().cases[index]
        let (report, _) = try backtest(reference, candidate: .nlinear(individual: false), metric: metric)
        // The weights of NLinear have 32 bits; over few windows the test makes more of that than the metrics do.
        try expectEqual(report, reference.dieboldMariano["NLinear-SeasonalNaive-\(metric)"], tolerance: 1e-5)
        let naive = ModelConfiguration.seasonalNaive(seasonLength: 24)
        let (other, _) = try backtest(reference, candidate: naive, metric: metric)
        let name = "SeasonalNaive-Naive-\(metric)"
        try expectEqual(other, reference.dieboldMariano[name], besideIncumbent: true, tolerance: Self.tolerance)
    }

    private func expectEqual(
        _ report: BacktestReport,
        _ theirs: BacktestReference.Test?,
        besideIncumbent: Bool = false,
        tolerance: Double
    ) throws {
        let baseline = besideIncumbent ? try #require(report.incumbent) : report.seasonalNaive
        let ours = try #require(report.comparison(with: baseline).dieboldMariano)
        let theirs = try #require(theirs)
        #expect(abs(ours.statistic - theirs.statistic) <= tolerance * max(1, abs(theirs.statistic)))
        #expect(abs(ours.pValue - theirs.pValue) <= tolerance)
        #expect(ours.kernel.rawValue == theirs.kernel)
    }
}

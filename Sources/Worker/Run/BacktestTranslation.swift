// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation

extension ForecastPipelineSpec {
    /// Which rows the model is fitted on in a backtest.
    var backtestMode: Backtest.Mode {
        switch backtest?.mode ?? .fixed {
        case .fixed: .fixed
        case .expanding: .expanding
        case .sliding: .sliding
        }
    }
}

extension GateMeasure {
    /// The measure in the words of Forecasting.
    var forMetrics: Measure { Measure(metric: metric.forMetrics, isScaled: units == .scaled) }

    /// The value of a window.
    func value(of window: BacktestReport.Window) -> Double? {
        metric.value(of: units == .scaled ? window.scaled : window.original)
    }
}

extension GateSpec.GateMetric {
    /// One of the errors; nil where it is not defined.
    fileprivate func value(of metrics: ForecastMetrics) -> Double? {
        switch self {
        case .mae: metrics.mae
        case .mse: metrics.mse
        case .rmse: metrics.rmse
        case .mape: metrics.mape
        case .smape: metrics.smape
        case .mase: metrics.mase
        case .r2: metrics.r2
        }
    }

    fileprivate var forMetrics: Measure.Metric {
        switch self {
        case .mae: .mae
        case .mse: .mse
        case .rmse: .rmse
        case .mape: .mape
        case .smape: .smape
        case .mase: .mase
        case .r2: .r2
        }
    }
}

extension ModelMetrics {
    /// The errors of a backtest in the form of the contract.
    init(_ score: BacktestReport.Score) {
        let (original, scaled) = (score.original, score.scaled)
        self.init(
            mae: original.mae,
            mse: original.mse,
            rmse: original.rmse,
            r2: original.r2,
            mase: original.mase,
            scaledMae: scaled.mae,
            scaledMse: scaled.mse,
            windows: score.windows,
            mape: original.mape,
            smape: original.smape,
            intervals: score.intervals.isEmpty
                ? nil : score.intervals.map { IntervalMetrics(level: $0.level, coverage: $0.coverage, width: $0.width) }
        )
    }
}

extension BacktestStatus {
    /// What a backtest found, in the form of the contract and with as many digits as are shown.
    init(
        _ report: BacktestReport,
        groupBy: [String],
        measure: GateMeasure,
        incumbent: BaselineStatus?,
        folder: String
    ) {
        func time(_ seconds: Int64) -> Date { Date(timeIntervalSince1970: Double(seconds)) }
        self.init(
            mode: BacktestSpec.Mode(report.mode),
            windows: report.candidate.windows,
            strideSteps: report.strideSteps,
            span: time(report.span.lowerBound)...time(report.span.upperBound),
            measure: measure,
            table: "\(folder)/\(EvaluateTask.tableFile)"
        )
        if var incumbent {
            if let score = report.incumbent { incumbent.add(score, of: report, measure) }
            baselines.append(incumbent)
        }
        var naive = BaselineStatus(kind: .seasonalNaive)
        naive.add(report.seasonalNaive, of: report, measure)
        baselines.append(naive)
        series = report.seriesStatus(groupBy, measure, table: "\(folder)/\(EvaluateTask.seriesFile)")
        // The latest windows of several series would be some of one or of the other: the table has them all.
        guard series == nil else {
            self = rounded
            return
        }
        let (rows, naives) = (report.candidate.table, report.seasonalNaive.table)
        let incumbents = report.incumbent?.table
        recent = rows.indices.suffix(Self.maximumRecent).map { index in
            WindowStatus(
                from: time(rows[index].from),
                value: measure.value(of: rows[index]),
                incumbent: incumbents.flatMap { measure.value(of: $0[index]) },
                seasonalNaive: measure.value(of: naives[index])
            )
        }
        self = rounded
    }
}

extension BacktestSpec.Mode {
    fileprivate init(_ mode: Backtest.Mode) {
        switch mode {
        case .fixed: self = .fixed
        case .expanding: self = .expanding
        case .sliding: self = .sliding
        }
    }
}

extension BaselineStatus {
    fileprivate mutating func add(_ score: BacktestReport.Score, of report: BacktestReport, _ measure: GateMeasure) {
        let comparison = report.comparison(with: score)
        metrics = ModelMetrics(score)
        windowsWon = comparison.windowsWon
        dieboldMariano = comparison.dieboldMariano.map {
            DieboldMarianoStatus(statistic: $0.statistic, pValue: $0.pValue)
        }
        guard missingSeries != nil else { return }
        comparedValue = ModelMetrics(report.candidate(beside: score)).value(of: measure)
    }
}

extension BacktestReport {
    /// How series differ; nil where the data is not grouped.
    fileprivate func seriesStatus(
        _ groupBy: [String],
        _ measure: GateMeasure,
        table: String
    ) -> SeriesErrorsStatus? {
        guard !groupBy.isEmpty else { return nil }
        let values = bySeries.map { series in
            // Series differ in level, so what has a unit is compared in deviations of each.
            let metrics = measure.metric.hasUnits ? series.scaled : series.original
            return (label: series.key.label(groupBy), value: measure.metric.value(of: metrics))
        }
        return SeriesErrorsStatus(values, metric: measure.metric, table: table)
    }
}

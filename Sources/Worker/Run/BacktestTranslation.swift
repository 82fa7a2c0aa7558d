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
        let metrics = units == .scaled ? window.scaled : window.original
        switch metric {
        case .mae: return metrics.mae
        case .mse: return metrics.mse
        case .rmse: return metrics.rmse
        case .mape: return metrics.mape
        case .smape: return metrics.smape
        case .mase: return metrics.mase
        case .r2: return metrics.r2
        }
    }
}

extension GateSpec.GateMetric {
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
        measure: GateMeasure,
        incumbent: BaselineStatus?,
        table: String
    ) {
        func time(_ seconds: Int64) -> Date { Date(timeIntervalSince1970: Double(seconds)) }
        self.init(
            mode: BacktestSpec.Mode(report.mode),
            windows: report.candidate.windows,
            strideSteps: report.strideSteps,
            span: time(report.span.lowerBound)...time(report.span.upperBound),
            measure: measure,
            table: table
        )
        if var incumbent {
            if let score = report.incumbent { incumbent.add(score, of: report) }
            baselines.append(incumbent)
        }
        var naive = BaselineStatus(kind: .seasonalNaive)
        naive.add(report.seasonalNaive, of: report)
        baselines.append(naive)
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
    fileprivate mutating func add(_ score: BacktestReport.Score, of report: BacktestReport) {
        let comparison = report.comparison(with: score)
        metrics = ModelMetrics(score)
        windowsWon = comparison.windowsWon
        dieboldMariano = comparison.dieboldMariano.map {
            DieboldMarianoStatus(statistic: $0.statistic, pValue: $0.pValue)
        }
    }
}

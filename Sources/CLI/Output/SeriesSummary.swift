// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI

/// How the series of a run did, for a person.
struct SeriesSummary {
    /// What came of the run.
    let status: ForecastRunStatus

    /// A table of facts; nil where the data is not grouped.
    var text: String? {
        guard let dataset = status.dataset, dataset.series != nil else { return nil }
        var facts = [["Data:", dataset.amount]]
        if let metrics = status.metrics {
            let values = MetricRow.all.compactMap { row in
                row.value(metrics).map { "\(row.name) \(Significant.text($0))" }
            }
            facts.append(["All series:", values.joined(separator: ", ")])
        }
        return TextTable.text(facts + worst)
    }

    /// The series with the largest errors, and the file with all of them; empty where the data is not grouped.
    var worst: [[String]] {
        guard let backtest = status.backtest, let series = backtest.series else { return [] }
        let items = series.worst.enumerated().map { place, item in
            [place == 0 ? "Worst:" : "", "\(item.key): \(Self.measured(backtest.metric, item.value))"]
        }
        return items + [["Each series:", series.table]]
    }

    /// A value with what it is, for instance `MAE 0.41 deviations`.
    private static func measured(_ metric: GateSpec.GateMetric, _ value: Double) -> String {
        let number = "\(metric.rawValue) \(Significant.text(value))"
        return switch metric {
        case .mae, .rmse: "\(number) deviations"
        case .mse: "\(number) squared deviations"
        case .mape, .smape: "\(number) %"
        case .mase, .r2: number
        }
    }
}

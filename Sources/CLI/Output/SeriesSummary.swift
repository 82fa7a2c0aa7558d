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
        if let backtest = status.backtest, let series = backtest.series {
            for (place, item) in series.worst.enumerated() {
                facts.append([place == 0 ? "Worst:" : "", "\(item.key): \(Self.measured(backtest, item.value))"])
            }
            facts.append(["Each series:", series.table])
        }
        return TextTable.text(facts)
    }

    /// A value with what it is, for instance `MAE 0.41 deviations`.
    private static func measured(_ backtest: BacktestStatus, _ value: Double) -> String {
        let number = "\(backtest.metric.rawValue) \(Significant.text(value))"
        return switch backtest.metric {
        case .mae, .rmse: "\(number) deviations"
        case .mse: "\(number) squared deviations"
        case .mape, .smape: "\(number) %"
        case .mase, .r2: number
        }
    }
}

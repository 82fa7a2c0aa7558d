// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

extension BacktestReport {
    private static let metrics = ["mae", "mse", "rmse", "mape", "smape", "mase", "r2", "scaled_mae", "scaled_mse"]

    private var models: [(name: String, score: Score)] {
        [("Candidate", candidate)] + (incumbent.map { [("Incumbent", $0)] } ?? []) + [("SeasonalNaive", seasonalNaive)]
    }

    /// The latest windows as lines of CSV, series by series, oldest first: a window and a model a line, all metrics. Where the
    /// data is grouped, each line begins with the series' key.
    package var csv: String {
        let own = ["from", "to", "model"] + Self.metrics
        var text = Self.line(keyColumns(beside: own) + own)
        for (series, tally) in candidate.tallies.enumerated() {
            for index in tally?.table.indices ?? 0..<0 {
                for (name, score) in models {
                    guard let window = score.tallies[series]?.table[index] else { continue }
                    let span = [UTCTime.text(window.from), UTCTime.text(window.to)]
                    text += Self.line(
                        panel.series[series].key.values + span + [name] + Self.cells(window.original, window.scaled)
                    )
                }
            }
        }
        return text
    }

    /// The series as lines of CSV: a series and a model a line, all metrics; nil where the data is not grouped.
    package var seriesCSV: String? {
        guard !panel.groupBy.isEmpty else { return nil }
        let own = ["model", "windows"] + Self.metrics
        var text = Self.line(keyColumns(beside: own) + own)
        for (series, one) in panel.series.enumerated() {
            for (name, score) in models {
                guard let errors = score.ofSeries(series) else { continue }
                let cells = Self.cells(errors.original, errors.scaled)
                text += Self.line(one.key.values + [name, "\(windows[series].count)"] + cells)
            }
        }
        return text
    }

    /// What a table calls the grouping columns: one that is named like a column of the table itself has `series_` before its
    /// name.
    private func keyColumns(beside own: [String]) -> [String] {
        var taken = Set(own + panel.groupBy)
        return panel.groupBy.map { column in
            guard own.contains(column) else { return column }
            var name = "series_" + column
            while !taken.insert(name).inserted { name = "series_" + name }
            return name
        }
    }

    /// A metric that is not defined leaves its cell empty.
    private static func cells(_ original: ForecastMetrics, _ scaled: ForecastMetrics) -> [String] {
        let numbers: [Double?] = [
            original.mae, original.mse, original.rmse, original.mape, original.smape, original.mase, original.r2,
            scaled.mae, scaled.mse,
        ]
        return numbers.map { $0.map { "\($0)" } ?? "" }
    }

    /// A line of cells, with quotes where a key needs them (RFC 4180).
    private static func line(_ cells: [String]) -> String {
        let quoted = cells.map { cell in
            guard cell.utf8.contains(where: { #",""#.utf8.contains($0) || $0 == 10 || $0 == 13 }) else { return cell }
            return "\"" + cell.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
        }
        return quoted.joined(separator: ",") + "\n"
    }
}

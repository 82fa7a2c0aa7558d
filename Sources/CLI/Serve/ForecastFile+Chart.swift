// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import KubeCore

extension ForecastFile {
    /// Reads a run's forecast.
    static func load(store: URL, namespace: String, run: String) throws -> ForecastFile {
        let file = store.appendingPathComponent("runs/\(namespace)/\(run)/\(name)")
        do {
            return try KubeJSON.decoder().decode(ForecastFile.self, from: Data(contentsOf: file))
        } catch {
            throw CLIError.storeFailed(
                path: store.path,
                reason:
                    "\(file.path) is missing or damaged; where the source does not hold series.futureCovariates for "
                    + "the rows ahead, a run makes no forecast"
            )
        }
    }

    /// The chart of the first target of a series; `ahead` are the values to draw after the history.
    func chart(of series: Series, ahead: [Double]) -> ForecastChart {
        let target = targets.first ?? ""
        // A history much longer than the forecast would hide it.
        let shownRows = max(24, 7 * series.forecast.times.count)
        return ForecastChart(
            title: "\(pipeline) \(version)" + (groupBy.isEmpty ? "" : ", \(label(series))"),
            series: target,
            history: Self.points(series.history.times, series.history.values[target] ?? []).suffix(shownRows),
            forecast: Self.points(series.forecast.times, ahead),
            bands: Self.bands(of: target, series)
        )
    }

    /// The intervals, the widest first: the first quantile and the last one bound it, and so on.
    private static func bands(of target: String, _ series: Series) -> [ForecastChart.Band] {
        let quantiles = series.quantiles ?? []
        return (0..<quantiles.count / 2).map { index in
            let (lower, upper) = (quantiles[index], quantiles[quantiles.count - 1 - index])
            return ForecastChart.Band(
                level: 100 * (upper.probability - lower.probability),
                lower: points(series.forecast.times, lower.values[target] ?? []),
                upper: points(series.forecast.times, upper.values[target] ?? [])
            )
        }
    }

    private static func points(_ times: [Date], _ values: [Double]) -> [ForecastChart.Point] {
        zip(times, values).map { ForecastChart.Point(time: $0, value: $1) }
    }
}

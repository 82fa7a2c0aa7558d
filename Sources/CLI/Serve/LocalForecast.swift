// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import KubeCore

/// The forecast that a run wrote beside its model: `runs/<namespace>/<run>/forecast.json`.
struct LocalForecast: Decodable, Equatable, Sendable {
    /// Values of each target, by time.
    struct Values: Decodable, Equatable, Sendable {
        var times: [Date]
        var values: [String: [Double]]
    }

    var pipeline: String
    var version: String
    var targets: [String]
    /// The last `lookback` rows.
    var history: Values
    /// The `horizon` steps after them.
    var forecast: Values

    /// Reads a run's forecast.
    static func load(store: URL, namespace: String, run: String) throws -> LocalForecast {
        let file = store.appendingPathComponent("runs/\(namespace)/\(run)/forecast.json")
        do {
            return try KubeJSON.decoder().decode(LocalForecast.self, from: Data(contentsOf: file))
        } catch {
            throw CLIError.storeFailed(path: store.path, reason: "\(file.path) is missing or damaged")
        }
    }

    /// The chart of the first target; `ahead` are the values to draw after the history.
    func chart(ahead: [Double]) -> ForecastChart {
        let target = targets.first ?? ""
        return ForecastChart(
            title: "\(pipeline) \(version)",
            series: target,
            history: Self.points(history.times, history.values[target] ?? []).suffix(shownRows),
            forecast: Self.points(forecast.times, ahead)
        )
    }

    /// A history much longer than the forecast would hide it.
    private var shownRows: Int { max(24, 7 * forecast.times.count) }

    private static func points(_ times: [Date], _ values: [Double]) -> [ForecastChart.Point] {
        zip(times, values).map { ForecastChart.Point(time: $0, value: $1) }
    }
}

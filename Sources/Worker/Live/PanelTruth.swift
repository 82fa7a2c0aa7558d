// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// What came true of each series that a version forecasts: the source's rows of that series on the version's grid.
struct PanelTruth: Sendable {
    /// By place in the version's panel; one without rows where the source has none of a series.
    let series: [LiveTruth]

    /// The truth of a source's rows; series that the version does not know are passed over.
    ///
    /// - Parameters:
    ///   - rows: The forecaster's columns in its order; may be none.
    ///   - panel: The version's forecasters.
    ///   - due: When the rows were read, in seconds since 1970.
    /// - Throws: `ForecastingError` where rows do not lie on the grid, naming their series; `WorkerError.invalidSpec` where the
    ///   source tells series by other columns than the version.
    init(_ rows: SeriesRows, of panel: PanelForecaster, due: Int64) throws {
        let found = rows.labels?.groupBy ?? []
        guard rows.frame.rowCount == 0 || found == panel.groupBy else {
            let (now, then) = (Self.text(found), Self.text(panel.groupBy))
            throw WorkerError.invalidSpec(
                problems: "series.groupBy: is \(now) by now, and the served version was trained with \(then); "
                    + "promote a version of a newer run"
            )
        }
        let known = rows.frame.rowCount == 0 ? [] : try Panel(rows).series
        let frames = Dictionary(known.map { ($0.key, $0.frame) }) { first, _ in first }
        let none = rows.frame.rows(0..<0)
        series = try zip(panel.keys, panel.forecasters).map { key, forecaster throws in
            do throws(ForecastingError) {
                return try LiveTruth(frames[key] ?? none, of: forecaster, due: due)
            } catch {
                throw error.named(key, panel.groupBy)
            }
        }
    }

    /// The rows of all series.
    var rowCount: Int { series.reduce(0) { $0 + $1.frame.rowCount } }

    private static func text(_ names: [String]) -> String {
        names.isEmpty ? "none" : "[\(names.joined(separator: ", "))]"
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting

/// Finds the series that have too few rows for the split, the windows and the intervals of a specification.
///
/// Asked while data is prepared and not when the model is trained: a run should fail early.
struct LengthCheck: Sendable {
    private let spec: ForecastPipelineSpec
    private let historyRows: Int
    private let intervals: ConformalFit?

    /// Takes what each series needs from a specification.
    init(_ spec: ForecastPipelineSpec) throws {
        self.spec = spec
        historyRows = try spec.historyRows()
        intervals = try spec.conformalFit()
    }

    /// A series that is too short.
    private struct Short {
        let place: Int
        let label: String
        let rows: Int
        let error: ForecastingError
    }

    /// What may be trained on.
    struct Found: Sendable, Equatable {
        /// The places of the series in the panel.
        let kept: [Int]
        /// The labels of those that are left out.
        let skipped: [String]
    }

    /// Looks at each series.
    /// - Throws: what is wrong with the rows of data that is not grouped; `WorkerError.shortSeries` where some series are too
    ///   short and the specification wants the run to fail then, or where all are.
    func run(_ panel: Panel) throws -> Found {
        guard !panel.groupBy.isEmpty else {
            try check(panel.series[0].frame)
            return Found(kept: [0], skipped: [])
        }
        var short: [Short] = []
        for (place, series) in panel.series.enumerated() {
            do {
                try check(series.frame)
            } catch let error as ForecastingError {
                let label = series.key.label(panel.groupBy)
                guard error.isShortage else { throw error.named(series.key, panel.groupBy) }
                short.append(Short(place: place, label: label, rows: series.frame.rowCount, error: error))
            }
        }
        let total = panel.series.count
        if let first = short.first, short.count == total || spec.series.shortSeries != .skip {
            throw WorkerError.shortSeries(
                count: short.count,
                of: total,
                named: short.prefix(SeriesListStatus.mostNamed).map { "\($0.label) (\($0.rows) rows)" },
                reason: first.error.description
            )
        }
        let left = Set(short.map(\.place))
        return Found(kept: panel.series.indices.filter { !left.contains($0) }, skipped: short.map(\.label))
    }

    /// Whether a series, put on the grid, has too few rows.
    func isTooShort(_ frame: TimeSeriesFrame) -> Bool {
        do {
            try check(frame)
            return false
        } catch {
            return (error as? ForecastingError)?.isShortage ?? false
        }
    }

    private func check(_ frame: TimeSeriesFrame) throws {
        let split = try spec.dataSplit(frame.timestamps, historyRows: historyRows)
        _ = try spec.rollingOrigin(split, historyRows: historyRows)
        _ = try intervals?.windows(
            validation: split.validation,
            historyRows: historyRows,
            horizon: spec.model.horizon,
            targets: spec.series.targets.count
        )
    }
}

extension ForecastingError {
    /// Whether more rows would help. Dates of a split that lie outside of a series leave one of its parts without rows, too.
    fileprivate var isShortage: Bool {
        switch self {
        case .tooFewRows, .tooFewWindows, .tooFewErrors, .invalidSplit: true
        default: false
        }
    }
}

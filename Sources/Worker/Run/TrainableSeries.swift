// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting

/// The series of a reading that can be trained on, put on the grid of the frequency.
struct TrainableSeries: Sendable {
    /// The series on the grid.
    let panel: Panel
    /// Their places among all that were read.
    let places: [Int]
    /// The labels of those that are left out, since they have too few rows.
    let skipped: [String]
    /// How many rows, and values of rows that were there, are to be filled in.
    let missing: (rows: Int, cells: Int)

    /// Puts all series on the grid and leaves out those that the specification wants to be left out.
    /// - Throws: What is wrong with the rows; `WorkerError.shortSeries`.
    init(_ rows: Panel, _ spec: ForecastPipelineSpec) throws {
        let regular = try FrameChecks(spec).regular(rows)
        let all = try Panel(
            groupBy: rows.groupBy,
            series: zip(rows.series, regular).map { Panel.Series(key: $0.key, frame: $1.frame) }
        )
        let found = try LengthCheck(spec).run(all)
        panel = try all.keeping(found.kept)
        (places, skipped) = (found.kept, found.skipped)
        missing = found.kept.reduce((0, 0)) { ($0.0 + regular[$1].insertedRows, $0.1 + regular[$1].missingCells) }
    }

    /// What checks of the data look at: the rows of the series that are not left out, or would not be if the faults of others
    /// were mended. Where none is left, all.
    ///
    /// - Parameter found: What came of all series.
    static func judged(
        _ rows: Panel,
        _ found: Result<TrainableSeries, any Error>,
        _ spec: ForecastPipelineSpec
    ) throws -> Panel {
        if case .success(let series) = found { return try rows.keeping(series.places) }
        guard spec.series.shortSeries == .skip, !rows.groupBy.isEmpty else { return rows }
        let (grid, length) = (try FrameChecks(spec), try LengthCheck(spec))
        let kept = rows.series.indices.filter { place in
            guard let regular = try? grid.regular(rows.series[place].frame) else { return true }
            return !length.isTooShort(regular.frame)
        }
        return kept.isEmpty ? rows : try rows.keeping(kept)
    }
}

extension FrameChecks {
    /// The checks for the frequency of a specification.
    fileprivate init(_ spec: ForecastPipelineSpec) throws {
        self.init(frequency: try spec.frequency(), missing: spec.missingPolicy)
    }
}

extension Panel {
    /// Some of the series.
    fileprivate func keeping(_ places: [Int]) throws -> Panel {
        places.count == series.count ? self : try Panel(groupBy: groupBy, series: places.map { series[$0] })
    }
}

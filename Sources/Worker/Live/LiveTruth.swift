// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// What came true: the source's rows on the grid of a version, and of them what that version forecasts.
struct LiveTruth: Sendable {
    /// Two numbers are the same where they are this close: a client may have sent 32 bits of one, or few digits.
    private static let tolerance = 1e-5

    /// The rows on the grid; what is missing is NaN.
    let frame: TimeSeriesFrame
    private let targets: Int
    /// By target; the first value belongs to the row `firstMeasured`.
    private let measured: [[Double]]
    private let firstMeasured: Int

    /// The truth of a source's rows.
    ///
    /// - Parameters:
    ///   - rows: The forecaster's columns in its order; may be none.
    ///   - due: When the rows were read: a step that is not over has no value yet. In seconds since 1970.
    /// - Throws: `ForecastingError` where rows do not lie on the grid.
    init(_ rows: TimeSeriesFrame, of forecaster: Forecaster, due: Int64) throws(ForecastingError) {
        let (frequency, preprocessor) = (forecaster.frequency, forecaster.preprocessor)
        let binned = try preprocessor.resample.map { method throws(ForecastingError) in
            try Resampling(method, to: frequency).resampled(rows, due: due)
        }
        // A gap would end a training. Here it is a value that cannot be compared.
        let regular = try FrameChecks(frequency: frequency, missing: .mean).regular(binned ?? rows)
        targets = forecaster.shape.targets
        // Rows at the end without a target are what is known of times to come.
        frame = regular.frame.rows(0..<regular.frame.observedRows(targets: targets))
        firstMeasured = (preprocessor.movingAverage ?? 1) - 1
        let all = RawRows(frame, 0..<frame.rowCount, targets: targets, frequency: frequency)
        measured = frame.rowCount > firstMeasured ? try preprocessor.measured(all) : []
    }

    /// The time of the last row that has a target; nil where there is none.
    var lastTime: Int64? { frame.timestamps.last }

    /// The value that a forecast for a time is held against; nil where the source has none.
    func value(at time: Int64, target: Int) -> Double? {
        guard let row = row(at: time), row >= firstMeasured, !measured.isEmpty, !frame.columns[target][row].isNaN
        else { return nil }
        let value = measured[target][row - firstMeasured]
        return value.isFinite ? value : nil
    }

    /// Whether a history that ended with this row can be one of the source's: nothing contradicts it, and a value agrees.
    func holds(_ last: [Double], at time: Int64) -> Bool {
        guard last.count == targets, let row = row(at: time) else { return false }
        var agrees = false
        for (target, value) in last.enumerated() where !value.isNaN {
            let known = frame.columns[target][row]
            guard abs(value - known) <= Self.tolerance * max(abs(value), abs(known)) else { return false }
            agrees = true
        }
        return agrees
    }

    private func row(at time: Int64) -> Int? {
        let times = frame.timestamps
        var (low, high) = (0, times.count)
        while low < high {
            let middle = (low + high) / 2
            if times[middle] < time { low = middle + 1 } else { high = middle }
        }
        return low < times.count && times[low] == time ? low : nil
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Where the windows of a backtest lie: each is one forecast of the whole horizon, from the rows before its first row.
package struct RollingOrigin: Hashable, Sendable {
    /// The row that the first window forecasts first.
    package let first: Int
    /// Rows from window to window.
    package let strideSteps: Int
    /// The number of windows, at least 1.
    package let count: Int
    /// The rows that each window forecasts.
    package let horizon: Int

    /// The windows at the end of the test part; the last one ends with its last row.
    ///
    /// - Parameters:
    ///   - test: The test rows, `lookback` rows of context first.
    ///   - windows: How many windows; nil for all that the test part holds.
    /// - Throws: `ForecastingError`: `tooFewRows` when the test part holds no window, `tooFewWindows` when it holds
    ///   fewer than are asked for.
    package init(
        test: Range<Int>,
        lookback: Int,
        horizon: Int,
        windows: Int? = nil,
        strideSteps: Int = 1
    ) throws(ForecastingError) {
        precondition(strideSteps >= 1 && (windows ?? 1) >= 1, "RollingOrigin: \(windows ?? 0) windows, \(strideSteps)")
        try FrameChecks.requireWindow(rows: test.count, lookback: lookback, horizon: horizon, part: "the test part")
        let last = test.upperBound - horizon
        let possible = (last - test.lowerBound - lookback) / strideSteps + 1
        guard (windows ?? 1) <= possible else {
            throw .tooFewWindows(
                windows: windows ?? 1,
                strideSteps: strideSteps,
                possible: possible,
                rows: test.count - lookback,
                horizon: horizon
            )
        }
        count = windows ?? possible
        first = last - (count - 1) * strideSteps
        self.strideSteps = strideSteps
        self.horizon = horizon
    }

    /// The row that a window, counted from 0, forecasts first.
    package func origin(_ window: Int) -> Int { first + window * strideSteps }

    /// How many windows share rows with a window and begin with it or after it: the reach of the correlation of errors.
    package var overlap: Int { (horizon + strideSteps - 1) / strideSteps }
}

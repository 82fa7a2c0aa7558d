// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The rows for training, validation and test, as half-open ranges of row indices from 0.
///
/// Validation and test begin `lookback` rows early: those rows are context, so that the first forecast of a part begins
/// at its own first row. All windows of stride 1 count; none is dropped.
package struct DataSplit: Hashable, Codable, Sendable {
    /// The rows that models and scalers are fitted on.
    package let train: Range<Int>
    /// The rows for choosing between models, context first; empty when the split has no validation part.
    package let validation: Range<Int>
    /// The rows for the final evaluation, context first.
    package let test: Range<Int>

    /// Splits by shares of `rows`: train ends at floor(train * rows), validation at floor((train + validation) * rows),
    /// test at the end.
    /// - Throws: `ForecastingError.invalidSplit`, or `tooFewRows` when a part holds no window.
    package init(
        rows: Int,
        train: Double,
        validation: Double,
        lookback: Int,
        horizon: Int
    ) throws(ForecastingError) {
        guard train > 0, validation >= 0, train + validation < 1 else {
            throw .invalidSplit(
                reason: "train \(train) and validation \(validation) must leave a share for test, and train some rows"
            )
        }
        // The small addend keeps 0.7 + 0.1 of 10 rows at 8, whatever the sum's last bit is.
        let trainEnd = Int((train * Double(rows) + 1e-6).rounded(.down))
        let validationEnd = Int(((train + validation) * Double(rows) + 1e-6).rounded(.down))
        try self.init(
            trainEnd: trainEnd,
            validationEnd: validationEnd,
            testEnd: rows,
            lookback: lookback,
            horizon: horizon
        )
    }

    /// Splits at rows: train [0, trainEnd), validation [trainEnd - lookback, validationEnd), test
    /// [validationEnd - lookback, testEnd). Rows from `testEnd` on are not used.
    /// - Throws: `ForecastingError.invalidSplit`, or `tooFewRows` when a part holds no window.
    package init(
        trainEnd: Int,
        validationEnd: Int,
        testEnd: Int,
        lookback: Int,
        horizon: Int
    ) throws(ForecastingError) {
        guard 0 <= trainEnd, trainEnd <= validationEnd, validationEnd <= testEnd, lookback >= 1, horizon >= 1 else {
            throw .invalidSplit(reason: "borders \(trainEnd), \(validationEnd), \(testEnd) do not ascend")
        }
        func require(_ part: String, _ rows: Int) throws(ForecastingError) {
            try FrameChecks.requireWindow(rows: rows, lookback: lookback, horizon: horizon, part: part)
        }
        try require("the train part", trainEnd)
        if validationEnd > trainEnd { try require("the validation part", validationEnd - trainEnd + lookback) }
        try require("the test part", testEnd - validationEnd + lookback)
        self.train = 0..<trainEnd
        self.validation = validationEnd > trainEnd ? (trainEnd - lookback)..<validationEnd : trainEnd..<trainEnd
        self.test = (validationEnd - lookback)..<testEnd
    }

    /// How many windows of stride 1 a range of rows holds.
    package static func windowCount(rows: Int, lookback: Int, horizon: Int) -> Int {
        max(0, rows - lookback - horizon + 1)
    }
}

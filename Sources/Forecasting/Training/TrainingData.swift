// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The rows that a model is fitted on, in scaled units.
package struct TrainingData: Sendable {
    /// All columns, targets first: the train rows and, behind them, those of the validation part.
    package let columns: [[Double]]
    /// The channels that are known of rows to come, in the same rows.
    package let future: [[Double]]
    /// The time of each row, in seconds since 1970 (UTC).
    package let timestamps: [Int64]
    /// The step from row to row.
    package let frequency: Frequency
    /// The rows that the model's numbers follow from.
    package let train: Range<Int>
    /// The rows that decide when a training stops, context first; empty where there are none.
    package let validation: Range<Int>

    /// Rows of columns of equal length.
    package init(
        columns: [[Double]],
        future: [[Double]] = [],
        timestamps: [Int64],
        frequency: Frequency,
        train: Range<Int>,
        validation: Range<Int>
    ) {
        self.columns = columns
        self.future = future
        self.timestamps = timestamps
        self.frequency = frequency
        self.train = train
        self.validation = validation
    }

    /// The train rows of what is known of rows to come.
    var trainFuture: [[Double]] { future.map { Array($0[train]) } }

    /// The train rows of the first columns.
    func trainColumns(_ count: Int) -> [[Double]] { columns.prefix(count).map { Array($0[train]) } }
}

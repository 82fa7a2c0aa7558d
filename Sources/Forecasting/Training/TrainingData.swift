// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The rows that a model is fitted on, in scaled units, series by series: no window reaches from one into the next.
package struct TrainingData: Sendable {
    /// The rows of one series.
    package struct Segment: Sendable {
        /// All columns, targets first: the train rows and, behind them, those of the validation part.
        package let columns: [[Double]]
        /// The channels that are known of rows to come, in the same rows.
        package let future: [[Double]]
        /// The time of each row, in seconds since 1970 (UTC).
        package let timestamps: [Int64]
        /// The rows that the model's numbers follow from.
        package let train: Range<Int>
        /// The rows that decide when a training stops, context first; empty where there are none.
        package let validation: Range<Int>
        /// What messages call the series; nil where there is just one.
        package let label: String?

        /// Rows of columns of equal length.
        package init(
            columns: [[Double]],
            future: [[Double]] = [],
            timestamps: [Int64],
            train: Range<Int>,
            validation: Range<Int>,
            label: String? = nil
        ) {
            self.columns = columns
            self.future = future
            self.timestamps = timestamps
            self.train = train
            self.validation = validation
            self.label = label
        }

        /// The train rows of what is known of rows to come.
        var trainFuture: [[Double]] { future.map { Array($0[train]) } }

        /// The train rows of the first columns.
        func trainColumns(_ count: Int) -> [[Double]] { columns.prefix(count).map { Array($0[train]) } }
    }

    /// The series, at least one, all of as many columns and channels.
    package let segments: [Segment]
    /// The step from row to row.
    package let frequency: Frequency

    /// The rows of some series.
    package init(_ segments: [Segment], frequency: Frequency) {
        precondition(!segments.isEmpty, "TrainingData: it has no series")
        self.segments = segments
        self.frequency = frequency
    }

    /// Throws unless the train rows of each series hold a window.
    func requireWindows(of shape: WindowShape) throws(ForecastingError) {
        for segment in segments {
            do throws(ForecastingError) {
                try FrameChecks.requireWindow(
                    rows: segment.train.count,
                    lookback: shape.lookback,
                    horizon: shape.horizon,
                    part: "the train part"
                )
            } catch {
                throw segment.label.map { .inSeries(label: $0, error) } ?? error
            }
        }
    }
}

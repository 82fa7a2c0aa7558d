// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

@testable import Forecasting

extension ModelConfiguration {
    /// Fits on series without times, all of them train rows.
    func fit(series: [[Double]], shape: WindowShape) throws(ForecastingError) -> any ForecastModel {
        let rows = series[0].indices
        let segment = TrainingData.Segment(
            columns: series,
            timestamps: rows.map { Int64($0) * 3_600 },
            train: rows,
            validation: 0..<0
        )
        let data = TrainingData([segment], frequency: try Frequency("1h"))
        return try fit(data, shape: shape).model
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What later rows and forecasts are held against: how the training rows were spread, and how well the naive forecast did
/// within them.
package struct TrainingProfile: Hashable, Codable, Sendable {
    /// The season of the naive forecast, in rows.
    package let seasonLength: Int
    /// By target, the mean of |y[t] - y[t - season]| over the training rows, of what is forecast (`Preprocessor.measured`):
    /// the scale of MASE (R. Hyndman, A. Koehler, "Another look at measures of forecast accuracy", 2006). 0 where the rows
    /// repeat exactly, or are no more than a season.
    package let naiveErrors: [Double]
    /// The columns that have values, in the order of a history.
    package let columns: [ColumnProfile]

    /// A profile that is kept in another form.
    init(seasonLength: Int, naiveErrors: [Double], columns: [ColumnProfile]) {
        self.seasonLength = seasonLength
        self.naiveErrors = naiveErrors
        self.columns = columns
    }

    /// The profile of the rows that a forecaster was fitted on.
    ///
    /// It sorts each column: call it off the cooperative pool.
    /// - Parameter frame: The forecaster's columns in its order, in original units and on its grid; what is missing is NaN.
    /// - Throws: `ForecastingError.invalidHistory` where a gap cannot be filled.
    package init(
        of frame: TimeSeriesFrame,
        train: Range<Int>,
        for forecaster: Forecaster,
        seasonLength: Int
    ) throws(ForecastingError) {
        let rows = RawRows(frame, train, targets: forecaster.targets.count, frequency: forecaster.frequency)
        let measured = try forecaster.preprocessor.measured(rows)
        self.seasonLength = seasonLength
        naiveErrors = measured.map { WindowMeter.inSampleError($0[...], seasonLength) }
        columns = zip(frame.names, frame.columns).compactMap { ColumnProfile(column: $0, values: $1[train]) }
    }

    /// The profiles of the rows that each forecaster of a panel was fitted on, in the order of the series.
    ///
    /// It sorts each column: call it off the cooperative pool.
    /// - Parameters:
    ///   - panel: The forecaster's series, each as above.
    ///   - train: By series.
    /// - Throws: `ForecastingError`: `invalidFrame` where the panel has other series, `invalidHistory` where a gap cannot be
    ///   filled, which names its series.
    package static func profiles(
        of panel: Panel,
        train: [Range<Int>],
        for forecaster: PanelForecaster,
        seasonLength: Int
    ) throws(ForecastingError) -> [TrainingProfile] {
        guard panel.series.map(\.key) == forecaster.keys else {
            throw .invalidFrame(reason: "its series are not those that the model was fitted on")
        }
        let parts = Array(zip(train, forecaster.forecasters))
        return try panel.mapSeries(with: parts) { series, part throws(ForecastingError) in
            try TrainingProfile(of: series.frame, train: part.0, for: part.1, seasonLength: seasonLength)
        }
    }
}

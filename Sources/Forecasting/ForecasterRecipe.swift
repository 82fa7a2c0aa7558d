// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// How a forecaster is made from rows: the same way for the model that is published and for each fit of a backtest.
package struct ForecasterRecipe: Sendable {
    private let configuration: ModelConfiguration
    private let shape: WindowShape
    private let scaler: Scaler.Kind
    private let frequency: Frequency

    /// A recipe.
    package init(configuration: ModelConfiguration, shape: WindowShape, scaler: Scaler.Kind, frequency: Frequency) {
        self.configuration = configuration
        self.shape = shape
        self.scaler = scaler
        self.frequency = frequency
    }

    /// Fits scaler and model on a range of rows, and on nothing else.
    ///
    /// Long: call it off the cooperative pool.
    /// - Throws: `ForecastingError`: `tooFewRows`, `invalidShape`, `fitFailed`.
    package func fitted(on frame: TimeSeriesFrame, rows: Range<Int>) throws(ForecastingError) -> Forecaster {
        let scaler = Scaler(kind: scaler, fitting: frame, rows: rows)
        let series = frame.columns.enumerated().map { scaler.scaled($1[rows], column: $0) }
        let model = try configuration.fit(series: series, shape: shape)
        return try Forecaster(model: model, scaler: scaler, columns: frame.names, frequency: frequency)
    }
}

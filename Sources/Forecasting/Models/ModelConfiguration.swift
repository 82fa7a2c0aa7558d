// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The kinds of models and their settings; in JSON a block of one key, as in a pipeline: `{"nlinear": {...}}`.
package enum ModelConfiguration: Hashable, Codable, Sendable {
    /// Repeats the last season.
    case seasonalNaive(seasonLength: Int)
    /// One linear map of the window less its last value; `individual`: one a target.
    case nlinear(individual: Bool)
    /// Linear maps of the window's moving average and of the rest; `individual`: one pair a target.
    case dlinear(individual: Bool, kernelSize: Int)

    /// The kind's name as users see it.
    package var kind: String {
        switch self {
        case .seasonalNaive: "SeasonalNaive"
        case .nlinear: "NLinear"
        case .dlinear: "DLinear"
        }
    }

    /// Fits a model on scaled train rows. Long: call it off the cooperative pool.
    ///
    /// - Parameters:
    ///   - series: The target columns in scaled units, each with at least lookback + horizon finite values.
    ///   - shape: What the model is to take and give; `series.count` targets.
    /// - Throws: `ForecastingError`: `invalidShape`, `tooFewRows`, `fitFailed`.
    package func fit(series: [[Double]], shape: WindowShape) throws(ForecastingError) -> any ForecastModel {
        precondition(series.count == shape.targets, "fit: \(series.count) series for \(shape.targets) targets")
        switch self {
        case .seasonalNaive(let seasonLength):
            return try SeasonalNaive(shape: shape, seasonLength: seasonLength)
        case .nlinear(let individual):
            return try NLinear(fitting: series, shape: shape, individual: individual)
        case .dlinear(let individual, let kernelSize):
            return try DLinear(fitting: series, shape: shape, individual: individual, kernelSize: kernelSize)
        }
    }

    /// Builds a model from what was stored.
    /// - Throws: `ForecastingError`: `invalidModel`, `invalidShape`.
    package func load(tensors: [NamedTensor], shape: WindowShape) throws(ForecastingError) -> any ForecastModel {
        switch self {
        case .seasonalNaive(let seasonLength):
            return try SeasonalNaive(shape: shape, seasonLength: seasonLength)
        case .nlinear(let individual):
            return try NLinear(tensors: tensors, shape: shape, individual: individual)
        case .dlinear(let individual, let kernelSize):
            return try DLinear(tensors: tensors, shape: shape, individual: individual, kernelSize: kernelSize)
        }
    }
}

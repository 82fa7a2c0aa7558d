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
    /// A transformer that is trained in epochs; its window must be that of the model's shape.
    case informer(network: InformerConfiguration, training: InformerTraining)

    /// The kind's name as users see it.
    package var kind: String {
        switch self {
        case .seasonalNaive: "SeasonalNaive"
        case .nlinear: "NLinear"
        case .dlinear: "DLinear"
        case .informer: "Informer"
        }
    }

    /// Whether the model sees more of a history than its targets.
    package var usesCovariates: Bool {
        if case .informer = self { true } else { false }
    }

    /// Whether a part of the rows must be held back to decide when the training stops.
    package var usesValidation: Bool {
        if case .informer = self { true } else { false }
    }

    /// Fits a model.
    ///
    /// Long: call it off the cooperative pool.
    /// - Parameters:
    ///   - data: At least `shape.channels` columns for models that use covariates, `shape.targets` for others, each with
    ///     at least lookback + horizon finite train values. The model is fitted on the windows of all series.
    ///   - shape: What the model is to take and give.
    /// - Returns: The model and, for one that is trained in epochs, what came of that.
    /// - Throws: `ForecastingError`: `invalidShape`, `tooFewRows`, `fitFailed`, `diverged`, `fileSystem`.
    package func fit(
        _ data: TrainingData,
        shape: WindowShape,
        _ context: FitContext = FitContext()
    ) throws(ForecastingError) -> (model: any ForecastModel, training: TrainingSummary?) {
        for segment in data.segments {
            precondition(
                segment.columns.count >= shape.targets && segment.future.count == shape.future,
                "fit: \(segment.columns.count) columns for \(shape.targets) targets, \(segment.future.count) of the "
                    + "future for \(shape.future)"
            )
        }
        switch self {
        case .seasonalNaive(let seasonLength):
            return (try SeasonalNaive(shape: shape, seasonLength: seasonLength), nil)
        case .nlinear(let individual):
            return (try NLinear(fitting: data, shape: shape, individual: individual), nil)
        case .dlinear(let individual, let size):
            return (try DLinear(fitting: data, shape: shape, individual: individual, kernelSize: size), nil)
        case .informer(let network, let training):
            let fitted = try InformerModel.fit(network, training, shape: shape, data, context)
            return (fitted.model, fitted.training)
        }
    }

    /// The tensors that `load` takes, from those of a file that other software may have written.
    /// - Throws: `ForecastingError`: `incompatibleWeights`, `invalidShape`.
    package func importing(_ tensors: [NamedTensor]) throws(ForecastingError) -> [NamedTensor] {
        guard case .informer(let network, _) = self else { return tensors }
        return try InformerStateDict(tensors, for: network).tensors
    }

    /// Builds a model from what was stored.
    /// - Parameters:
    ///   - frequency: The step from row to row.
    ///   - calls: How many forecasts may be computed at a time, each on one thread.
    /// - Throws: `ForecastingError`: `invalidModel`, `invalidShape`.
    package func load(
        tensors: [NamedTensor],
        shape: WindowShape,
        frequency: Frequency,
        calls: Int = 1
    ) throws(ForecastingError) -> any ForecastModel {
        switch self {
        case .seasonalNaive(let seasonLength):
            return try SeasonalNaive(shape: shape, seasonLength: seasonLength)
        case .nlinear(let individual):
            return try NLinear(tensors: tensors, shape: shape, individual: individual)
        case .dlinear(let individual, let kernelSize):
            return try DLinear(tensors: tensors, shape: shape, individual: individual, kernelSize: kernelSize)
        case .informer(let network, let training):
            return try InformerModel(
                network,
                training,
                tensors: tensors,
                shape: shape,
                frequency: frequency,
                calls: calls
            )
        }
    }
}

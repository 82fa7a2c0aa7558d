// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// How a forecaster is made from rows: the same way for the model that is published and for each fit of a backtest.
package struct ForecasterRecipe: Sendable {
    private let configuration: ModelConfiguration
    private let shape: WindowShape
    private let scaler: Scaler.Kind
    private let frequency: Frequency
    private let validationShare: Double
    private let threads: Int

    /// A recipe.
    ///
    /// - Parameters:
    ///   - validationShare: Which share of its rows `refitted` holds back for models that stop early, at least 0 and
    ///     below 1.
    ///   - threads: How many processors a fit may keep busy.
    package init(
        configuration: ModelConfiguration,
        shape: WindowShape,
        scaler: Scaler.Kind,
        frequency: Frequency,
        validationShare: Double = 0,
        threads: Int = 1
    ) {
        self.configuration = configuration
        self.shape = shape
        self.scaler = scaler
        self.frequency = frequency
        self.validationShare = validationShare
        self.threads = threads
    }

    /// A fitted forecaster and, where its model is trained in epochs, what came of that.
    package struct Fitted: Sendable {
        /// The model with its preprocessing.
        package let forecaster: Forecaster
        /// The training's outcome.
        package let training: TrainingSummary?

        /// A forecaster and what came of its training.
        package init(forecaster: Forecaster, training: TrainingSummary?) {
            self.forecaster = forecaster
            self.training = training
        }
    }

    /// Fits scaler and model on a range of rows, and on nothing else; a model that stops early looks at `validation`.
    ///
    /// Long: call it off the cooperative pool.
    /// - Parameters:
    ///   - validation: Rows behind `rows` that decide when a training stops, context first.
    ///   - checkpoints: Where a training in epochs leaves what it can go on from.
    ///   - observe: Told how far a training in epochs is.
    /// - Throws: `ForecastingError`: `tooFewRows`, `invalidShape`, `fitFailed`, `diverged`, `fileSystem`.
    package func fitted(
        on frame: TimeSeriesFrame,
        rows: Range<Int>,
        validation: Range<Int> = 0..<0,
        checkpoints: (any FitCheckpoints)? = nil,
        observe: @escaping @Sendable (FitEvent) -> Void = { _ in }
    ) throws(ForecastingError) -> Fitted {
        let scaler = Scaler(kind: scaler, fitting: frame, rows: rows)
        let used = rows.lowerBound..<max(rows.upperBound, validation.upperBound)
        func within(_ range: Range<Int>) -> Range<Int> {
            range.isEmpty ? 0..<0 : (range.lowerBound - used.lowerBound)..<(range.upperBound - used.lowerBound)
        }
        let data = TrainingData(
            columns: frame.columns.enumerated().map { scaler.scaled($1[used], column: $0) },
            timestamps: Array(frame.timestamps[used]),
            frequency: frequency,
            train: within(rows),
            validation: within(validation)
        )
        let context = FitContext(threads: threads, checkpoints: checkpoints, observe: observe)
        let fitted = try configuration.fit(data, shape: shape, context)
        let forecaster = try Forecaster(
            model: fitted.model,
            scaler: scaler,
            columns: frame.names,
            frequency: frequency
        )
        return Fitted(forecaster: forecaster, training: fitted.training)
    }

    /// A forecaster whose model's numbers were fitted elsewhere; the scaler is fitted on a range of rows.
    ///
    /// - Parameter tensors: As `ModelConfiguration.importing` takes them.
    /// - Throws: `ForecastingError`: `incompatibleWeights`, `invalidShape`, `invalidModel`.
    package func imported(
        _ tensors: [NamedTensor],
        on frame: TimeSeriesFrame,
        rows: Range<Int>
    ) throws(ForecastingError) -> Forecaster {
        let model = try configuration.load(
            tensors: configuration.importing(tensors),
            shape: shape,
            frequency: frequency
        )
        let scaler = Scaler(kind: scaler, fitting: frame, rows: rows)
        return try Forecaster(model: model, scaler: scaler, columns: frame.names, frequency: frequency)
    }

    /// Fits anew on all rows of a range, of which a model that stops early holds back the last share.
    ///
    /// Long: call it off the cooperative pool.
    /// - Throws: As `fitted`.
    package func refitted(on frame: TimeSeriesFrame, rows: Range<Int>) throws(ForecastingError) -> Forecaster {
        let held = configuration.usesValidation ? Int(validationShare * Double(rows.count)) : 0
        guard held >= shape.horizon, rows.count - held >= shape.lookback + shape.horizon else {
            return try fitted(on: frame, rows: rows).forecaster
        }
        let end = rows.upperBound - held
        let validation = (end - shape.lookback)..<rows.upperBound
        return try fitted(on: frame, rows: rows.lowerBound..<end, validation: validation).forecaster
    }
}

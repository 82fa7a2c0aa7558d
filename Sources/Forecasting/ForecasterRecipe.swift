// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// How a forecaster is made from rows: the same way for the model that is published and for each fit of a backtest.
package struct ForecasterRecipe: Sendable {
    private let configuration: ModelConfiguration
    private let shape: WindowShape
    private let preprocessing: PreprocessorSettings
    private let frequency: Frequency
    private let validationShare: Double
    private let threads: Int

    /// A recipe.
    ///
    /// - Parameters:
    ///   - shape: What the model takes and gives; its channels are those that preprocessing makes.
    ///   - validationShare: Which share of its rows `refitted` holds back for models that stop early, at least 0 and
    ///     below 1.
    ///   - threads: How many processors a fit may keep busy.
    package init(
        configuration: ModelConfiguration,
        shape: WindowShape,
        preprocessing: PreprocessorSettings = PreprocessorSettings(),
        frequency: Frequency,
        validationShare: Double = 0,
        threads: Int = 1
    ) {
        self.configuration = configuration
        self.shape = shape
        self.preprocessing = preprocessing
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

    /// Fits preprocessing and model on a range of rows, and on nothing else; a model that stops early looks at `validation`.
    ///
    /// Long: call it off the cooperative pool.
    /// - Parameters:
    ///   - validation: Rows behind `rows` that decide when a training stops, context first.
    ///   - checkpoints: Where a training in epochs leaves what it can go on from.
    ///   - observe: Told how far a training in epochs is.
    /// - Throws: `ForecastingError`: `tooFewRows`, `columnWithoutValues`, `notPositive`, `invalidShape`, `fitFailed`,
    ///   `diverged`, `fileSystem`.
    package func fitted(
        on frame: TimeSeriesFrame,
        rows: Range<Int>,
        validation: Range<Int> = 0..<0,
        checkpoints: (any FitCheckpoints)? = nil,
        observe: @escaping @Sendable (FitEvent) -> Void = { _ in }
    ) throws(ForecastingError) -> Fitted {
        let preprocessor = try Preprocessor(preprocessing, fitting: raw(frame, rows))
        let data = try trainingData(preprocessor, frame, rows, validation)
        let context = FitContext(threads: threads, checkpoints: checkpoints, observe: observe)
        let fitted = try configuration.fit(data, shape: shape, context)
        let forecaster = try Forecaster(
            model: fitted.model,
            preprocessor: preprocessor,
            columns: frame.names,
            frequency: frequency
        )
        return Fitted(forecaster: forecaster, training: fitted.training)
    }

    private func raw(_ frame: TimeSeriesFrame, _ rows: Range<Int>) -> RawRows {
        RawRows(frame, rows, targets: shape.targets, frequency: frequency)
    }

    /// The rows as the model sees them. Each part loses the rows that preprocessing needs before its first one.
    private func trainingData(
        _ preprocessor: Preprocessor,
        _ frame: TimeSeriesFrame,
        _ rows: Range<Int>,
        _ validation: Range<Int>
    ) throws(ForecastingError) -> TrainingData {
        let used = rows.lowerBound..<max(rows.upperBound, validation.upperBound)
        let warmUp = preprocessor.warmUp
        func within(_ range: Range<Int>) -> Range<Int> {
            let first = range.lowerBound - used.lowerBound
            return range.isEmpty ? 0..<0 : first..<max(first, range.upperBound - used.lowerBound - warmUp)
        }
        // The train rows are completed by themselves: a gap at their end must not be filled from what follows.
        let train = try preprocessor.filled(raw(frame, rows))
        let all = RawRows(
            names: frame.names,
            columns: zip(train, frame.columns).map { $0 + $1[rows.upperBound..<used.upperBound] },
            targets: shape.targets,
            frequency: frequency,
            end: frame.timestamps[used.upperBound - 1]
        )
        let channels = try preprocessor.channels(all)
        let times = Array(frame.timestamps[(used.lowerBound + warmUp)..<used.upperBound])
        return TrainingData(
            columns: channels,
            future: preprocessor.futureChannels(of: channels, times: times),
            timestamps: times,
            frequency: frequency,
            train: within(rows),
            validation: within(validation)
        )
    }

    /// A forecaster whose model's numbers were fitted elsewhere; preprocessing is fitted on a range of rows.
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
        let preprocessor = try Preprocessor(preprocessing, fitting: raw(frame, rows))
        return try Forecaster(model: model, preprocessor: preprocessor, columns: frame.names, frequency: frequency)
    }

    /// Fits anew on all rows of a range, of which a model that stops early holds back the last share.
    ///
    /// Long: call it off the cooperative pool.
    /// - Throws: As `fitted`.
    package func refitted(on frame: TimeSeriesFrame, rows: Range<Int>) throws(ForecastingError) -> Forecaster {
        let held = configuration.usesValidation ? Int(validationShare * Double(rows.count)) : 0
        let historyRows = shape.lookback + preprocessing.warmUp
        guard held >= shape.horizon, rows.count - held >= historyRows + shape.horizon else {
            return try fitted(on: frame, rows: rows).forecaster
        }
        let end = rows.upperBound - held
        let validation = (end - historyRows)..<rows.upperBound
        return try fitted(on: frame, rows: rows.lowerBound..<end, validation: validation).forecaster
    }
}

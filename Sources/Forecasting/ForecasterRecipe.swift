// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// How the forecasters of a panel are made from rows: the same way for the model that is published and for each fit of a
/// backtest.
///
/// Preprocessing is fitted on each series by itself. The model is one for all series, fitted on the windows of all of them
/// together, or one each; the scope says which. Of a panel of one series that is not grouped both are the same.
package struct ForecasterRecipe: Sendable {
    private let configuration: ModelConfiguration
    private let shape: WindowShape
    private let preprocessing: PreprocessorSettings
    private let frequency: Frequency
    private let validationShare: Double
    private let threads: Int
    private let scope: PanelScope

    /// A recipe.
    ///
    /// - Parameters:
    ///   - shape: What the model takes and gives; its channels are those that preprocessing makes.
    ///   - validationShare: Which share of its rows `refitted` holds back for models that stop early, at least 0 and
    ///     below 1.
    ///   - threads: How many processors a fit may keep busy.
    ///   - scope: Whether all series share one model.
    package init(
        configuration: ModelConfiguration,
        shape: WindowShape,
        preprocessing: PreprocessorSettings = PreprocessorSettings(),
        frequency: Frequency,
        validationShare: Double = 0,
        threads: Int = 1,
        scope: PanelScope = .global
    ) {
        self.configuration = configuration
        self.shape = shape
        self.preprocessing = preprocessing
        self.frequency = frequency
        self.validationShare = validationShare
        self.threads = threads
        self.scope = scope
    }

    /// Fitted forecasters and, where the model is trained in epochs, what came of that.
    package struct PanelFitted: Sendable {
        /// The models with their preprocessing.
        package let forecaster: PanelForecaster
        /// The training's outcome. Where each series has a model of its own: the most epochs and the mean losses of all, and
        /// whether all of them ended early.
        package let training: TrainingSummary?

        /// Forecasters and what came of their training.
        package init(forecaster: PanelForecaster, training: TrainingSummary?) {
            self.forecaster = forecaster
            self.training = training
        }
    }

    /// The rows of one series that are fitted on, and those behind them that decide when a training stops.
    private struct Part {
        var rows: Range<Int>
        var validation = 0..<0
    }

    /// Fits preprocessing and model on a range of rows of each series, and on nothing else; a model that stops early looks at
    /// `validation`.
    ///
    /// Models of their own are fitted one after the other, each with all threads, so their number decides the time and not
    /// the numbers. Long: call it off the cooperative pool.
    /// - Parameters:
    ///   - rows: One range a series, in the panel's order.
    ///   - validation: For each series the rows behind `rows` that decide when a training stops, context first; empty where
    ///     no series has any.
    ///   - checkpoints: Where a training in epochs leaves what it can go on from.
    ///   - observe: Told how far a training in epochs is.
    /// - Throws: `ForecastingError`: `tooFewRows`, `columnWithoutValues`, `notPositive`, `invalidShape`, `fitFailed`,
    ///   `diverged`, `fileSystem`; what is wrong with one of several series is `inSeries`.
    package func fitted(
        on panel: Panel,
        rows: [Range<Int>],
        validation: [Range<Int>] = [],
        checkpoints: (any FitCheckpoints)? = nil,
        observe: @escaping @Sendable (FitEvent) -> Void = { _ in }
    ) throws(ForecastingError) -> PanelFitted {
        precondition(
            validation.isEmpty || validation.count == rows.count,
            "ForecasterRecipe: \(validation.count) validation parts of \(rows.count) series"
        )
        let parts = rows.enumerated().map { place, rows in
            Part(rows: rows, validation: validation.isEmpty ? 0..<0 : validation[place])
        }
        let context = FitContext(threads: threads, checkpoints: checkpoints, observe: observe)
        return panel.groupBy.isEmpty || scope == .global
            ? try fittedTogether(panel, parts, context) : try fittedEach(panel, parts, context)
    }

    /// One model on the windows of all series.
    private func fittedTogether(
        _ panel: Panel,
        _ parts: [Part],
        _ context: FitContext
    ) throws(ForecastingError) -> PanelFitted {
        let prepared = try panel.mapSeries(with: parts) { series, part throws(ForecastingError) in
            try seen(series, part, panel.groupBy)
        }
        let data = TrainingData(prepared.map(\.segment), frequency: frequency)
        let fitted = try configuration.fit(data, shape: shape, context)
        let forecasters = try panel.mapSeries(with: prepared) { series, prepared throws(ForecastingError) in
            try forecaster(fitted.model, prepared.preprocessor, series)
        }
        return PanelFitted(forecaster: try joined(panel, forecasters, .global), training: fitted.training)
    }

    /// A model for each series.
    private func fittedEach(
        _ panel: Panel,
        _ parts: [Part],
        _ context: FitContext
    ) throws(ForecastingError) -> PanelFitted {
        var trainings: [TrainingSummary] = []
        var number = 0
        let forecasters = try panel.mapSeries(with: parts) { series, part throws(ForecastingError) in
            let own = FitContext(
                threads: context.threads,
                checkpoints: context.checkpoints?.part(number),
                observe: context.observe
            )
            number += 1
            let label = series.key.label(panel.groupBy)
            context.observe(.series(label: label, number: number, of: panel.series.count))
            let prepared = try seen(series, part, [])
            let fitted = try configuration.fit(
                TrainingData([prepared.segment], frequency: frequency),
                shape: shape,
                own
            )
            if let training = fitted.training { trainings.append(training) }
            return try forecaster(fitted.model, prepared.preprocessor, series)
        }
        return PanelFitted(
            forecaster: try joined(panel, forecasters, .local),
            training: TrainingSummary(of: trainings)
        )
    }

    private func forecaster(
        _ model: any ForecastModel,
        _ preprocessor: Preprocessor,
        _ series: Panel.Series
    ) throws(ForecastingError) -> Forecaster {
        try Forecaster(
            model: model,
            preprocessor: preprocessor,
            columns: series.frame.names,
            frequency: frequency
        )
    }

    private func joined(
        _ panel: Panel,
        _ forecasters: [Forecaster],
        _ scope: PanelScope
    ) throws(ForecastingError) -> PanelForecaster {
        try PanelForecaster(
            groupBy: panel.groupBy,
            keys: panel.series.map(\.key),
            forecasters: forecasters,
            scope: scope
        )
    }

    /// A forecaster whose model's numbers were fitted elsewhere, the same for all series; preprocessing is fitted on a range
    /// of rows of each.
    ///
    /// - Parameters:
    ///   - tensors: As `ModelConfiguration.importing` takes them.
    ///   - rows: One range a series, in the panel's order.
    /// - Throws: `ForecastingError`: `incompatibleWeights`, `invalidShape`, `invalidModel`.
    package func imported(
        _ tensors: [NamedTensor],
        on panel: Panel,
        rows: [Range<Int>]
    ) throws(ForecastingError) -> PanelForecaster {
        let model = try configuration.load(
            tensors: configuration.importing(tensors),
            shape: shape,
            frequency: frequency
        )
        let forecasters = try panel.mapSeries(with: rows) { series, rows throws(ForecastingError) in
            let preprocessor = try Preprocessor(preprocessing, fitting: raw(series.frame, rows))
            return try forecaster(model, preprocessor, series)
        }
        return try joined(panel, forecasters, .global)
    }

    /// Fits anew on all rows of a range of each series, of which a model that stops early holds back the last share. A series
    /// whose share holds no window holds nothing back.
    ///
    /// Long: call it off the cooperative pool.
    /// - Parameter rows: One range a series, in the panel's order.
    /// - Throws: As `fitted`.
    package func refitted(on panel: Panel, rows: [Range<Int>]) throws(ForecastingError) -> PanelForecaster {
        let parts = rows.map(divided)
        return try fitted(on: panel, rows: parts.map(\.rows), validation: parts.map(\.validation)).forecaster
    }

    private func divided(_ rows: Range<Int>) -> Part {
        let held = configuration.usesValidation ? Int(validationShare * Double(rows.count)) : 0
        let historyRows = shape.lookback + preprocessing.warmUp
        guard held >= shape.horizon, rows.count - held >= historyRows + shape.horizon else { return Part(rows: rows) }
        let end = rows.upperBound - held
        return Part(rows: rows.lowerBound..<end, validation: (end - historyRows)..<rows.upperBound)
    }
}

// MARK: Rows as the model sees them

extension ForecasterRecipe {
    private func raw(_ frame: TimeSeriesFrame, _ rows: Range<Int>) -> RawRows {
        RawRows(frame, rows, targets: shape.targets, frequency: frequency)
    }

    /// A series' preprocessing and its rows as the model sees them. Each part loses the rows that preprocessing needs before
    /// its first one.
    private func seen(
        _ series: Panel.Series,
        _ part: Part,
        _ groupBy: [String]
    ) throws(ForecastingError) -> (preprocessor: Preprocessor, segment: TrainingData.Segment) {
        let (frame, rows, validation) = (series.frame, part.rows, part.validation)
        let preprocessor = try Preprocessor(preprocessing, fitting: raw(frame, rows))
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
        let segment = TrainingData.Segment(
            columns: channels,
            future: preprocessor.futureChannels(of: channels, times: times),
            timestamps: times,
            train: within(rows),
            validation: within(validation),
            label: groupBy.isEmpty ? nil : series.key.label(groupBy)
        )
        return (preprocessor, segment)
    }
}

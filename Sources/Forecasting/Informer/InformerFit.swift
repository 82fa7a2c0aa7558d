// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Tensor

/// Fits an Informer: epochs over shuffled train windows, early stopping on the validation windows, best copy kept.
///
/// After each epoch it leaves a checkpoint, where it is given a place for one. A fit that finds one of its own goes on
/// from there and ends with the same numbers as one that was never interrupted.
package struct InformerFit {
    /// The epochs that were run.
    package let epochs: [TrainingEpoch]
    /// The parameters of the epoch with the smallest validation loss, under the reference's names.
    package let tensors: [NamedTensor]
    /// What came of it.
    package let summary: TrainingSummary

    /// Fits on scaled rows.
    ///
    /// Long: call it off the cooperative pool. The same seed, data and number of threads give the same model.
    /// - Parameters:
    ///   - windows: All rows.
    ///   - train: By series, the rows to fit on, counted from its first one.
    ///   - validation: By series, the rows that decide when to stop, context first; where they hold no window, the last
    ///     epoch is kept.
    /// - Throws: `ForecastingError`: `invalidShape`, `tooFewRows`, `fitFailed` where the machine cannot run the engine,
    ///   `diverged` where the loss is not finite, `fileSystem` where a checkpoint cannot be written.
    package init(
        _ configuration: InformerConfiguration,
        _ training: InformerTraining,
        windows: InformerWindows,
        train: [Range<Int>],
        validation: [Range<Int>],
        _ context: FitContext = FitContext()
    ) throws(ForecastingError) {
        try configuration.validate()
        let trainStarts = windows.starts(in: train)
        guard trainStarts.count >= training.batchSize, training.batchSize > 0 else {
            let others = train.count - 1
            throw .tooFewRows(
                part: "the train part" + (others > 0 ? " of all \(train.count) series" : "")
                    + ", for a batch of \(training.batchSize) windows",
                rows: train.reduce(0) { $0 + $1.count },
                lookback: configuration.lookback,
                // Each series has rows that begin no window.
                horizon: configuration.horizon + max(0, training.batchSize - 1)
                    + others * (configuration.lookback + configuration.horizon - 1)
            )
        }
        var course = try InformerCourse(
            configuration,
            training,
            windows: windows,
            trainStarts: trainStarts,
            validationStarts: windows.starts(in: validation),
            context
        )
        while !course.isOver { try course.runEpoch() }
        (epochs, tensors, summary) = (course.state.epochs, course.best, course.summary)
    }
}

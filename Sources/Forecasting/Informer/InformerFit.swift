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
    ///   - train: The rows to fit on.
    ///   - validation: The rows that decide when to stop, context first; where they hold no window, the last epoch is
    ///     kept.
    /// - Throws: `ForecastingError`: `invalidShape`, `tooFewRows`, `fitFailed` where the machine cannot run the engine,
    ///   `diverged` where the loss is not finite, `fileSystem` where a checkpoint cannot be written.
    package init(
        _ configuration: InformerConfiguration,
        _ training: InformerTraining,
        windows: InformerWindows,
        train: Range<Int>,
        validation: Range<Int>,
        _ context: FitContext = FitContext()
    ) throws(ForecastingError) {
        try configuration.validate()
        let trainCount = windows.count(in: train)
        guard trainCount >= training.batchSize, training.batchSize > 0 else {
            throw .tooFewRows(
                part: "the train part, for a batch of \(training.batchSize) windows",
                rows: train.count,
                lookback: configuration.lookback,
                horizon: configuration.horizon + max(0, training.batchSize - 1)
            )
        }
        var course = try InformerCourse(
            configuration,
            training,
            windows: windows,
            trainStarts: Array(train.prefix(trainCount)),
            validationStarts: Array(validation.prefix(windows.count(in: validation))),
            context
        )
        while !course.isOver { try course.runEpoch() }
        (epochs, tensors, summary) = (course.state.epochs, course.best, course.summary)
    }
}

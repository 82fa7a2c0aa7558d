// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What came of a training in epochs; losses are in scaled units.
package struct TrainingStatus: Codable, Sendable, Equatable {
    /// The epochs that were run.
    package var epochs: Int
    /// The epoch whose model was kept, from 1.
    package var bestEpoch: Int
    /// The mean loss of that epoch's steps.
    package var trainLoss: Double
    /// The loss over the validation windows after that epoch; nil where there are none.
    package var validationLoss: Double?
    /// Whether it ended early, because the validation loss no longer fell.
    package var stoppedEarly: Bool

    /// Makes the facts of a training, with as many digits as are shown.
    package init(epochs: Int, bestEpoch: Int, trainLoss: Double, validationLoss: Double?, stoppedEarly: Bool) {
        self.epochs = epochs
        self.bestEpoch = bestEpoch
        self.trainLoss = Significant.round(trainLoss)
        self.validationLoss = validationLoss.map(Significant.round)
        self.stoppedEarly = stoppedEarly
    }
}

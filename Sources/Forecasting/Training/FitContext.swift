// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What a fit may use, and whom it tells how far it is.
package struct FitContext: Sendable {
    /// How many processors it may keep busy; the same number gives the same model.
    package let threads: Int
    /// Where it leaves what it can go on from; nil for nowhere.
    package let checkpoints: (any FitCheckpoints)?
    /// Called from the fitting thread.
    package let observe: @Sendable (FitEvent) -> Void

    /// A context.
    package init(
        threads: Int = 1,
        checkpoints: (any FitCheckpoints)? = nil,
        observe: @escaping @Sendable (FitEvent) -> Void = { _ in }
    ) {
        self.threads = threads
        self.checkpoints = checkpoints
        self.observe = observe
    }
}

/// Keeps one checkpoint of a fit across processes. Calls block.
package protocol FitCheckpoints: Sendable {
    /// Where the checkpoint lies, for messages.
    var location: String { get }
    /// The latest checkpoint; nil where there is none.
    func load() throws(ForecastingError) -> [UInt8]?
    /// Puts a checkpoint in the place of the one before it, whole or not at all.
    func save(_ bytes: [UInt8]) throws(ForecastingError)
    /// A place of its own for one of several trainings; these are counted from 0.
    func part(_ number: Int) -> any FitCheckpoints
}

/// What a training in epochs tells of itself.
package enum FitEvent: Sendable, Equatable {
    /// The model of a series is fitted next, counted from 1; told where each series has its own.
    case series(label: String, number: Int, of: Int)
    /// It goes on behind the epoch of a checkpoint.
    case resumed(epoch: Int, of: Int)
    /// There is a checkpoint that cannot be gone on from; the training begins anew.
    case checkpointDropped(reason: String)
    /// A part of an epoch is done, 0 to 1; the mean loss of its steps so far.
    case steps(epoch: Int, of: Int, share: Double, trainLoss: Double)
    /// An epoch is done; whether its model is the best one so far.
    case epoch(TrainingEpoch, of: Int, isBest: Bool)
}

/// What an epoch gave; losses in scaled units.
package struct TrainingEpoch: Hashable, Codable, Sendable {
    /// Counted from 1.
    package let number: Int
    /// The mean loss of its steps.
    package let trainLoss: Double
    /// The mean loss over all validation windows, without dropout; nil where there are none.
    package let validationLoss: Double?
    /// The learning rate of its steps.
    package let rate: Double
}

/// What came of a training in epochs.
package struct TrainingSummary: Hashable, Codable, Sendable {
    /// The epochs that were run.
    package let epochs: Int
    /// The epoch whose model was kept, from 1.
    package let bestEpoch: Int
    /// The mean loss of that epoch's steps, in scaled units.
    package let trainLoss: Double
    /// The loss over the validation windows after that epoch, in scaled units; nil where there are none.
    package let validationLoss: Double?
    /// Whether it ended early, because the validation loss no longer fell.
    package let stoppedEarly: Bool
}

extension TrainingSummary {
    /// What came of the trainings of several series, in one: the most epochs, the mean losses, and whether all of them ended
    /// early. nil where there was none.
    init?(of trainings: [TrainingSummary]) {
        guard let first = trainings.first else { return nil }
        let count = Double(trainings.count)
        let validation = trainings.compactMap(\.validationLoss)
        self.init(
            epochs: trainings.reduce(first.epochs) { max($0, $1.epochs) },
            bestEpoch: trainings.reduce(first.bestEpoch) { max($0, $1.bestEpoch) },
            trainLoss: trainings.reduce(0) { $0 + $1.trainLoss } / count,
            validationLoss: validation.count == trainings.count ? validation.reduce(0, +) / count : nil,
            stoppedEarly: trainings.allSatisfy(\.stoppedEarly)
        )
    }
}

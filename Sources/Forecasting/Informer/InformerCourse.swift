// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Tensor

/// A training from epoch to epoch.
struct InformerCourse {
    /// Where a training stands between two epochs, but for its tensors.
    struct State: Codable, Sendable {
        var epochs: [TrainingEpoch] = []
        var stopping: EarlyStopping
        var bestEpoch = 0
        var randomPosition: UInt64 = 0
        var hasStopped = false
    }

    private let training: InformerTraining
    private let windows: InformerWindows
    private let trainStarts: [Int]
    private let validationStarts: [Int]
    private let context: FitContext
    let trainer: InformerTrainer
    private let fingerprint: String
    private(set) var state: State
    /// The parameters of the best epoch.
    private(set) var best: [NamedTensor]

    /// A training from its beginning, or from its checkpoint.
    init(
        _ configuration: InformerConfiguration,
        _ training: InformerTraining,
        windows: InformerWindows,
        trainStarts: [Int],
        validationStarts: [Int],
        _ context: FitContext
    ) throws(ForecastingError) {
        self.training = training
        self.windows = windows
        self.trainStarts = trainStarts
        self.validationStarts = validationStarts
        self.context = context
        do throws(TensorError) {
            let engine = try Engine(threads: context.threads, seed: training.seed)
            trainer = try InformerTrainer(configuration, training, engine: engine)
        } catch {
            throw .fitFailed(model: "Informer", reason: error.description)
        }
        state = State(stopping: EarlyStopping(patience: training.patience))
        best = trainer.network.stored
        fingerprint = try InformerCheckpoint.fingerprint(
            configuration,
            training,
            windows,
            starts: [trainStarts, validationStarts],
            threads: context.threads
        )
        try resume()
    }

    /// Whether all epochs were run, or the validation loss has not fallen for too long.
    var isOver: Bool { state.hasStopped || state.epochs.count >= max(1, training.epochs) }

    /// What came of it, once it is over.
    var summary: TrainingSummary {
        let kept = state.epochs.first { $0.number == state.bestEpoch }
        return TrainingSummary(
            epochs: state.epochs.count,
            bestEpoch: state.bestEpoch,
            trainLoss: kept?.trainLoss ?? .nan,
            validationLoss: kept?.validationLoss,
            stoppedEarly: state.hasStopped && state.epochs.count < training.epochs
        )
    }

    /// Runs one epoch and leaves a checkpoint.
    /// - Throws: `ForecastingError`: `diverged`, `fileSystem`.
    mutating func runEpoch() throws(ForecastingError) {
        let number = state.epochs.count + 1
        let total = max(1, training.epochs)
        let rate = training.schedule.rate(epoch: number, first: training.learningRate)
        let engine = trainer.network.engine
        let starts = Self.shuffled(trainStarts, &engine.random)
        let (observe, steps) = (context.observe, max(1, starts.count / trainer.batchSize))
        let trainLoss = trainer.epoch(windows, starts: starts, rate: Float(rate)) { done, loss in
            observe(.steps(epoch: number, of: total, share: Double(done) / Double(steps), trainLoss: loss))
        }
        let validationLoss = trainLoss.isFinite ? trainer.validationLoss(windows, starts: validationStarts) : nil
        let judged = validationLoss ?? trainLoss
        guard trainLoss.isFinite, judged.isFinite else {
            throw .diverged(model: "Informer", epoch: number, rate: rate, kept: keptText)
        }
        let epoch = TrainingEpoch(number: number, trainLoss: trainLoss, validationLoss: validationLoss, rate: rate)
        state.epochs.append(epoch)
        let verdict = state.stopping.judge(judged)
        // Without validation windows the last epoch is as good a choice as any.
        let isBest = verdict == .best || validationStarts.isEmpty
        if isBest { (state.bestEpoch, best) = (number, trainer.network.stored) }
        state.hasStopped = verdict == .stop && !validationStarts.isEmpty
        state.randomPosition = engine.random.position
        try save()
        observe(.epoch(epoch, of: total, isBest: isBest))
    }

    private var keptText: String? {
        guard let place = context.checkpoints?.location, state.bestEpoch > 0 else { return nil }
        return "the model of epoch \(state.bestEpoch), the best one, is kept in \(place)"
    }

    // MARK: Checkpoints

    private func save() throws(ForecastingError) {
        guard let checkpoints = context.checkpoints else { return }
        let checkpoint = InformerCheckpoint(
            fingerprint: fingerprint,
            state: state,
            best: best,
            present: trainer.network.parameters.snapshot(),
            optimizer: trainer.adam.state
        )
        try checkpoints.save(checkpoint.encoded())
    }

    /// Goes on from the checkpoint where it is one of this very training.
    private mutating func resume() throws(ForecastingError) {
        guard let bytes = try context.checkpoints?.load() else { return }
        do throws(ForecastingError) {
            let checkpoint = try InformerCheckpoint(decoding: bytes, fingerprint: fingerprint)
            try checkpoint.requireFit(trainer.network.parameters.snapshot(), best: best)
            trainer.network.parameters.restore(checkpoint.present)
            trainer.adam.state = checkpoint.optimizer
            trainer.network.engine.random.position = checkpoint.state.randomPosition
            (state, best) = (checkpoint.state, checkpoint.best)
        } catch {
            context.observe(.checkpointDropped(reason: error.description))
            return
        }
        context.observe(.resumed(epoch: state.epochs.count, of: max(1, training.epochs)))
    }

    /// R. Fisher and F. Yates' shuffle.
    private static func shuffled(_ starts: [Int], _ random: inout RandomStreams) -> [Int] {
        var result = starts
        let numbers = random.uniform(result.count)
        for index in result.indices.reversed() {
            result.swapAt(index, min(index, Int(numbers[index] * Float(index + 1))))
        }
        return result
    }
}

extension InformerNetwork {
    /// All parameters as files hold them.
    var stored: [NamedTensor] {
        parameters.exported().map {
            NamedTensor(name: $0.name, shape: $0.sizes, values: .float32($0.elements))
        }
    }
}

extension InformerTrainer {
    /// Steps over all whole batches, and returns their mean loss; ends with the first step whose loss is not finite.
    func epoch(
        _ windows: InformerWindows,
        starts: [Int],
        rate: Float,
        observe: (_ steps: Int, _ meanLoss: Double) -> Void
    ) -> Double {
        let steps = starts.count / batchSize
        var sum = 0.0
        for index in 0..<steps {
            let batch = starts[(index * batchSize)..<((index + 1) * batchSize)]
            sum += Double(step(windows, starts: batch, rate: rate))
            guard sum.isFinite else { break }
            observe(index + 1, sum / Double(index + 1))
        }
        return sum / Double(max(steps, 1))
    }

    /// The mean loss over windows, without dropout and with fixed samples; nil where there are none.
    func validationLoss(_ windows: InformerWindows, starts: [Int]) -> Double? {
        guard !starts.isEmpty else { return nil }
        let size = network.configuration.horizon * network.configuration.outputs
        let (forecasts, engine) = (predictor.predict(windows, starts: starts, batchSize: batchSize), network.engine)
        let truth = windows.truth(starts)
        return stride(from: 0, to: forecasts.count, by: size).reduce(0.0) { sum, first in
            let forecast = engine.tensor(Array(forecasts[first..<(first + size)]), [size])
            let target = engine.tensor(Array(truth[first..<(first + size)]), [size])
            return sum + Double(forecast.loss(loss, against: target).scalar)
        } / Double(starts.count)
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Tensor

/// Fits an Informer: epochs over shuffled train windows, early stopping on the validation windows, best copy kept.
package struct InformerFit {
    /// What an epoch gave.
    package struct Epoch: Sendable {
        /// Counted from 1.
        package let number: Int
        /// The mean loss of its steps.
        package let trainLoss: Double
        /// The mean loss over all validation windows, without dropout.
        package let validationLoss: Double
        /// The learning rate of its steps.
        package let rate: Double
    }

    /// The epochs that were run.
    package let epochs: [Epoch]
    /// The parameters of the epoch with the smallest validation loss, under the reference's names.
    package let tensors: [NamedTensor]

    /// Fits on scaled rows.
    ///
    /// Long: call it off the cooperative pool. The same seed, data and number of threads give the same model.
    /// - Parameters:
    ///   - windows: All rows.
    ///   - split: Of these rows; without validation windows, the last epoch is kept.
    ///   - threads: How many processors to use.
    ///   - observe: Called after each epoch; false ends the fit there.
    /// - Throws: `ForecastingError`: `invalidShape`, `tooFewRows`, or `fitFailed` where the loss is not finite.
    package init(
        _ configuration: InformerConfiguration,
        _ training: InformerTraining,
        windows: InformerWindows,
        split: DataSplit,
        threads: Int,
        observe: (Epoch) -> Bool = { _ in true }
    ) throws(ForecastingError) {
        try configuration.validate()
        let trainCount = windows.count(in: split.train)
        guard trainCount >= training.batchSize, training.batchSize > 0 else {
            throw .tooFewRows(
                part: "the train part, for a batch of \(training.batchSize) windows",
                rows: split.train.count,
                lookback: configuration.lookback,
                horizon: configuration.horizon + max(0, training.batchSize - 1)
            )
        }
        let engine: Engine
        do throws(TensorError) {
            engine = try Engine(threads: threads, seed: training.seed)
        } catch {
            throw .fitFailed(model: "Informer", reason: error.description)
        }
        let trainer = InformerTrainer(configuration, training, engine: engine)
        let validationStarts = Array(split.validation.prefix(windows.count(in: split.validation)))
        var stopping = EarlyStopping(patience: training.patience)
        var (best, epochs) = (trainer.network.parameters.snapshot(), [Epoch]())
        for number in 1...max(1, training.epochs) {
            let rate = training.schedule.rate(epoch: number, first: training.learningRate)
            let starts = Self.shuffled(Array(split.train.prefix(trainCount)), &engine.random)
            let trainLoss = trainer.epoch(windows, starts: starts, rate: Float(rate))
            let validationLoss = trainer.validationLoss(windows, starts: validationStarts) ?? trainLoss
            guard trainLoss.isFinite, validationLoss.isFinite else {
                throw .fitFailed(
                    model: "Informer",
                    reason: "the loss of epoch \(number) is not finite; lower training.learningRate"
                )
            }
            let epoch = Epoch(number: number, trainLoss: trainLoss, validationLoss: validationLoss, rate: rate)
            epochs.append(epoch)
            let verdict = stopping.judge(validationLoss)
            if verdict == .best || validationStarts.isEmpty { best = trainer.network.parameters.snapshot() }
            if !observe(epoch) || verdict == .stop { break }
        }
        trainer.network.parameters.restore(best)
        self.epochs = epochs
        tensors = trainer.network.parameters.exported().map {
            NamedTensor(name: $0.name, shape: $0.sizes, values: .float32($0.elements))
        }
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

extension InformerTrainer {
    /// Steps over all whole batches, and returns their mean loss.
    func epoch(_ windows: InformerWindows, starts: [Int], rate: Float) -> Double {
        let steps = starts.count / batchSize
        let sum = (0..<steps).reduce(0.0) { sum, index in
            sum + Double(step(windows, starts: starts[(index * batchSize)..<((index + 1) * batchSize)], rate: rate))
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

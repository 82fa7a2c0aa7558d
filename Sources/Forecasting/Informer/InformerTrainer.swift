// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import Tensor

/// Trains a network step by step; belongs to one task or thread, as its engine does.
package final class InformerTrainer {
    let network: InformerNetwork
    let adam: Adam
    let loss: Loss
    /// Forecasts with the present parameters.
    package let predictor: InformerPredictor
    let batchSize: Int
    private let largestNorm: Float?
    private let division: Division

    /// How a batch is worked through.
    private enum Division {
        /// As a whole, each operation on all threads.
        case whole(InformerBatch)
        /// In parts, each on a thread.
        case replicas(InformerReplicas)
    }

    /// A trainer of fresh parameters for batches of one size.
    ///
    /// - Precondition: The configuration is valid.
    /// - Throws: `TensorError.threadsRefused`.
    package init(
        _ configuration: InformerConfiguration,
        _ training: InformerTraining,
        engine: Engine
    ) throws(TensorError) {
        network = InformerNetwork(configuration, engine: engine)
        adam = Adam(network.parameters)
        predictor = InformerPredictor(network)
        batchSize = training.batchSize
        loss = training.loss
        largestNorm = training.largestGradientNorm.map { Float($0) }
        division =
            if InformerReplicas.pays(configuration, batchSize: training.batchSize, threads: engine.threads) {
                .replicas(try InformerReplicas(network, batchSize: training.batchSize))
            } else {
                .whole(InformerBatch(configuration, size: training.batchSize, engine: engine))
            }
    }

    /// Forecasts with a copy of the present parameters, as a server does with those of an artifact.
    /// - Throws: `ForecastingError.invalidModel` where the machine cannot run the engine.
    package func fixedPredictor(threads: Int) throws(ForecastingError) -> InformerPredictor {
        try InformerPredictor(network.configuration, tensors: network.stored, threads: threads)
    }

    /// Makes one step of Adam on a batch of windows, which begin at `starts`, and returns its loss.
    package func step(_ windows: InformerWindows, starts: ArraySlice<Int>, rate: Float) -> Float {
        let (c, engine) = (network.configuration, network.engine)
        let samples = c.sampledAttentions.map { length, sampled in
            InformerSamples(
                queries: length,
                sampled: sampled,
                keys: engine.random.integers(length * sampled, below: length)
            )
        }
        let loss: Float
        switch division {
        case .whole(let batch):
            windows.fill(batch, starts)
            loss = network.differentiate(batch, self.loss, samples)
        case .replicas(let replicas):
            loss = replicas.differentiate(windows, starts: starts, self.loss, samples)
        }
        adam.step(rate: rate, clipping: largestNorm.map { .norm($0) })
        return loss
    }
}

/// The tensors that a batch of windows fills.
struct InformerBatch {
    let size: Int
    let history: MarkedSequence
    let decoderInput: MarkedSequence
    let truth: Tensor

    init(_ configuration: InformerConfiguration, size: Int, engine: Engine) {
        func sequence(_ length: Int, _ columns: Int) -> MarkedSequence {
            MarkedSequence(
                values: engine.filled(0, [size, length, columns]),
                marks: engine.filled(0, [size, length, configuration.marks])
            )
        }
        self.size = size
        history = sequence(configuration.lookback, configuration.inputs)
        decoderInput = sequence(configuration.decoderLength, configuration.decoderInputs)
        truth = engine.filled(0, [size, configuration.horizon, configuration.outputs])
    }
}

/// How a network is trained; the reference's defaults.
package struct InformerTraining: Hashable, Codable, Sendable {
    /// The most passes over the train windows.
    package var epochs = 6
    /// Windows a step; the rest of an epoch that fills none is left out.
    package var batchSize = 32
    /// The learning rate of the first epoch.
    package var learningRate = 1e-4
    /// How it goes on.
    package var schedule = LearningRateSchedule.halving
    /// How many epochs without a better validation loss end the training.
    package var patience = 3
    /// What is made small.
    package var loss = Loss.mse
    /// Longer gradients are scaled down to this; nil for never.
    package var largestGradientNorm: Double?
    /// Of the initial parameters, the order of windows, sampling and dropout.
    package var seed: UInt64 = 1

    /// The defaults.
    package init() {}
}

/// How the learning rate changes from epoch to epoch.
package enum LearningRateSchedule: String, Codable, Sendable, CaseIterable {
    /// Always the same.
    case constant = "Constant"
    /// Halved after each epoch but the first ("type1" of the reference).
    case halving = "Halving"
    /// By the reference's table ("type2"), whatever the first rate.
    case table = "Table"

    /// The rate of an epoch, counted from 1, given that of the one before.
    ///
    /// The reference sets the rate after epoch e to that of e, so its first two epochs run at the first rate.
    package func rate(epoch: Int, first: Double) -> Double {
        switch self {
        case .constant:
            return first
        case .halving:
            return (2..<max(epoch, 2)).reduce(first) { rate, _ in rate / 2 }
        case .table:
            let steps = [(15, 2e-8), (10, 5e-7), (8, 1e-6), (6, 5e-6), (4, 1e-5), (2, 5e-5)]
            return steps.first { $0.0 < epoch }?.1 ?? first
        }
    }
}

/// Decides after each epoch whether it was the best, and whether to go on.
package struct EarlyStopping: Sendable, Codable {
    /// What to do after an epoch.
    package enum Verdict: Sendable, Equatable {
        /// The best so far: keep a copy.
        case best
        /// No better, but worth another one.
        case next
        /// No better for too long.
        case stop
    }

    private let patience: Int
    private var worse = 0
    /// The smallest loss so far.
    package var best: Double { smallest ?? .infinity }
    private var smallest: Double?

    /// Stops after `patience` epochs in a row that are no better.
    package init(patience: Int) { self.patience = patience }

    /// Takes an epoch's validation loss; NaN is never better.
    package mutating func judge(_ loss: Double) -> Verdict {
        if loss < best {
            (smallest, worse) = (loss, 0)
            return .best
        }
        worse += 1
        return worse >= patience ? .stop : .next
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// How models that are trained in epochs are trained; those that are fitted in closed form have no use for it.
package struct TrainingSpec: Codable, Sendable, Equatable {
    /// The most passes over the training windows, 1 to 10000. Default 6.
    package var epochs: Int?
    /// Windows a step, 1 to 8192; what fills none at the end of an epoch is left out. Default 32.
    package var batchSize: Int?
    /// The learning rate of the first epoch, above 0 and at most 1. Default 0.0001.
    package var learningRate: Double?
    /// How the learning rate goes on. Default `Halving`.
    package var schedule: Schedule?
    /// How many epochs without a better validation loss end the training, 1 to 10000. Default 3.
    package var patience: Int?
    /// What is made small. Default `MSE`.
    package var loss: Loss?
    /// Longer gradients are scaled down to this length; without it never.
    package var gradientClip: Double?
    /// Of all random numbers, 0 to 2147483647: the same seed gives the same model. Default 1.
    package var seed: Int?

    /// How the learning rate changes from epoch to epoch.
    package enum Schedule: String, Codable, Sendable, CaseIterable {
        /// Halved after each epoch but the first (lradj type1).
        case halving = "Halving"
        /// Always the same.
        case constant = "Constant"
        /// The authors' table (lradj type2).
        case table = "Table"
    }

    /// The losses.
    package enum Loss: String, Codable, Sendable, CaseIterable {
        case mse = "MSE"
        case mae = "MAE"
        case huber = "Huber"
    }

    /// Makes a training with all defaults.
    package init() {}

    /// The block with each default of the CRD filled in.
    package func withDefaults() -> Self {
        var filled = self
        filled.epochs = epochs ?? 6
        filled.batchSize = batchSize ?? 32
        filled.learningRate = learningRate ?? 1e-4
        filled.schedule = schedule ?? .halving
        filled.patience = patience ?? 3
        filled.loss = loss ?? .mse
        filled.seed = seed ?? 1
        return filled
    }

    /// What the fields contradict.
    func check(_ check: inout SpecCheck) {
        check.range("spec.training.epochs", epochs, 1...10_000)
        check.range("spec.training.batchSize", batchSize, 1...8_192)
        check.range("spec.training.patience", patience, 1...10_000)
        check.range("spec.training.seed", seed, 0...Int(Int32.max))
        if let learningRate, !(learningRate > 0 && learningRate <= 1) {
            check.add("spec.training.learningRate", "must be above 0 and at most 1")
        }
        if let gradientClip, !(gradientClip > 0 && gradientClip <= 1e6) {
            check.add("spec.training.gradientClip", "must be above 0 and at most 1000000")
        }
    }
}

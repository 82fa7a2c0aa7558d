// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The hyperparameters of an Informer, with the reference implementation's defaults.
package struct InformerConfiguration: Hashable, Codable, Sendable {
    /// Which queries of a self-attention attend.
    package enum Attention: String, Codable, Sendable, CaseIterable {
        /// Those that stand out on sampled keys.
        case probSparse = "ProbSparse"
        /// All.
        case full = "Full"
    }

    /// How times enter.
    package enum Embedding: String, Codable, Sendable, CaseIterable {
        /// A linear map of time features between -0.5 and 0.5.
        case timeFeatures = "TimeFeatures"
        /// Fixed sine tables of month, day, weekday, hour and quarter of an hour.
        case fixed = "Fixed"
        /// Learned tables of them.
        case learned = "Learned"
    }

    /// The function between the two layers of a feed-forward block.
    package enum Activation: String, Codable, Sendable, CaseIterable {
        case gelu = "GELU"
        case relu = "ReLU"
    }

    /// Columns of the history.
    package var inputs: Int
    /// Columns of the decoder's input.
    package var decoderInputs: Int
    /// Columns of the forecast: the first ones of the history.
    package var outputs: Int
    /// How many columns of the history, the last ones, are known for the rows of the forecast, too, and stand there in the
    /// decoder's input in place of zeros; nil for none.
    package var knownInputs: Int?
    /// Numbers a timestamp: time features, or table indices.
    package var marks: Int
    /// Rows of the history.
    package var lookback: Int
    /// Known rows at the beginning of the decoder's input: the last ones of the history.
    package var labelLength: Int
    /// Rows of the forecast.
    package var horizon: Int
    /// The width of the model.
    package var dModel = 512
    /// The heads of each attention; they divide the width.
    package var heads = 8
    /// Layers of the encoder.
    package var encoderLayers = 2
    /// Layers of the decoder.
    package var decoderLayers = 1
    /// The width within feed-forward blocks.
    package var feedForward = 2_048
    /// How many queries attend, and keys are sampled, in units of the logarithm of the length.
    package var factor = 5
    /// The share of numbers that is dropped while training.
    package var dropout = 0.05
    /// The kind of self-attention.
    package var attention = Attention.probSparse
    /// How times enter.
    package var embedding = Embedding.timeFeatures
    /// The function within feed-forward blocks.
    package var activation = Activation.gelu
    /// Whether the time is halved between the encoder's layers.
    package var distilling = true
    /// Whether the decoder's self-attention lays heads before time ("mix").
    package var mixing = true

    /// A model of default hyperparameters for a window.
    package init(inputs: Int, outputs: Int, marks: Int, lookback: Int, labelLength: Int, horizon: Int) {
        self.inputs = inputs
        decoderInputs = inputs
        self.outputs = outputs
        self.marks = marks
        self.lookback = lookback
        self.labelLength = labelLength
        self.horizon = horizon
    }

    /// Rows of the decoder's input.
    package var decoderLength: Int { labelLength + horizon }

    /// How many of `length` are chosen or sampled: factor * ceil(ln(length)), at most all.
    func sampleSize(_ length: Int) -> Int {
        max(1, min(length, factor * Int(log(Double(length)).rounded(.up))))
    }

    /// Stops at the first hyperparameter that cannot be.
    /// - Throws: `ForecastingError.invalidShape`, naming it.
    package func validate() throws(ForecastingError) {
        let bounds: [(String, Int, ClosedRange<Int>)] = [
            ("inputs", inputs, 1...10_000), ("decoderInputs", decoderInputs, 1...10_000),
            ("outputs", outputs, 1...10_000), ("knownInputs", knownInputs ?? 0, 0...max(0, inputs - outputs)),
            ("marks", marks, 1...16), ("lookback", lookback, 1...100_000),
            ("labelLength", labelLength, 0...lookback), ("horizon", horizon, 1...100_000),
            ("dModel", dModel, 2...16_384),
            ("heads", heads, 1...dModel), ("encoderLayers", encoderLayers, 1...64),
            ("decoderLayers", decoderLayers, 1...64), ("feedForward", feedForward, 1...65_536),
            ("factor", factor, 1...1_000),
        ]
        for (name, value, range) in bounds where !range.contains(value) {
            throw .invalidShape(
                reason: "informer.\(name) is \(value), but must be from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        guard dModel % heads == 0, dModel % 2 == 0 else {
            throw .invalidShape(reason: "informer.dModel \(dModel) must be even and a multiple of heads \(heads)")
        }
        guard dropout >= 0, dropout < 1 else {
            throw .invalidShape(reason: "informer.dropout is \(dropout), but must be at least 0 and below 1")
        }
        guard embedding == .timeFeatures || (4...5).contains(marks) else {
            throw .invalidShape(reason: "informer.embedding \(embedding.rawValue) needs 4 or 5 marks, not \(marks)")
        }
    }

    /// The sizes of the tables of a fixed or learned embedding, in the order of the marks.
    static let tables = [("month", 13), ("day", 32), ("weekday", 7), ("hour", 24), ("minute", 4)]

    /// The number of trained numbers.
    package var parameterCount: Int {
        let (d, f) = (dModel, feedForward)
        let times =
            switch embedding {
            case .timeFeatures: (marks + 1) * d
            case .learned: Self.tables.prefix(marks).reduce(0) { $0 + $1.1 } * d
            case .fixed: 0
            }
        let embeddings = 3 * (inputs + decoderInputs) * d + 2 * d + 2 * times
        let attention = 4 * d * (d + 1)
        let block = 2 * d * f + f + d
        let encoder = encoderLayers * (attention + block + 4 * d) + 2 * d
        let distillation = distilling ? (encoderLayers - 1) * (3 * d * d + 3 * d) : 0
        let decoder = decoderLayers * (2 * attention + block + 6 * d) + 2 * d
        return embeddings + encoder + distillation + decoder + (d + 1) * outputs
    }
}

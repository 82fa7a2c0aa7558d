// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Informer (Zhou et al., 2021), a transformer for long horizons; hyperparameters with the authors' defaults.
package struct InformerSpec: Codable, Sendable, Equatable {
    /// Rows of the history that the decoder begins with (label_len), 0 to lookback. Default: half the lookback.
    package var labelLength: Int?
    /// Width of the model (d_model), even and a multiple of `heads`. Default 512.
    package var dModel: Int?
    /// Heads of each attention (n_heads). Default 8.
    package var heads: Int?
    /// Layers of the encoder (e_layers). Default 2.
    package var encoderLayers: Int?
    /// Layers of the decoder (d_layers). Default 1.
    package var decoderLayers: Int?
    /// Width within feed-forward blocks (d_ff). Default 2048.
    package var feedForward: Int?
    /// How many queries attend and keys are sampled, in units of the logarithm of the length. Default 5.
    package var factor: Int?
    /// Share of numbers that is dropped while training. Default 0.05.
    package var dropout: Double?
    /// Which queries of a self-attention attend (attn). Default `ProbSparse`.
    package var attention: Attention?
    /// How times enter (embed). Default `TimeFeatures`.
    package var embedding: Embedding?
    /// The function within feed-forward blocks. Default `GELU`.
    package var activation: Activation?
    /// Whether the time is halved between the encoder's layers (distil). Default true.
    package var distilling: Bool?
    /// Whether the decoder's self-attention lays heads before time (mix). Default true.
    package var mixing: Bool?

    /// Which queries of a self-attention attend.
    package enum Attention: String, Codable, Sendable, CaseIterable {
        /// Those that stand out on sampled keys.
        case probSparse = "ProbSparse"
        /// All.
        case full = "Full"
    }

    /// How times enter.
    package enum Embedding: String, Codable, Sendable, CaseIterable {
        /// Hour, weekday and so on as numbers, and a linear map of them.
        case timeFeatures = "TimeFeatures"
        /// Fixed sine tables.
        case fixed = "Fixed"
        /// Learned tables.
        case learned = "Learned"
    }

    /// The function between the two layers of a feed-forward block.
    package enum Activation: String, Codable, Sendable, CaseIterable {
        case gelu = "GELU"
        case relu = "ReLU"
    }

    /// Makes an Informer of the authors' hyperparameters.
    package init() {}

    /// The block with each default of the CRD filled in; `labelLength` has none there, since it follows from another field.
    package func withDefaults() -> Self {
        var filled = self
        filled.dModel = dModel ?? 512
        filled.heads = heads ?? 8
        filled.encoderLayers = encoderLayers ?? 2
        filled.decoderLayers = decoderLayers ?? 1
        filled.feedForward = feedForward ?? 2_048
        filled.factor = factor ?? 5
        filled.dropout = dropout ?? 0.05
        filled.attention = attention ?? .probSparse
        filled.embedding = embedding ?? .timeFeatures
        filled.activation = activation ?? .gelu
        filled.distilling = distilling ?? true
        filled.mixing = mixing ?? true
        return filled
    }
}

extension InformerSpec {
    /// What the hyperparameters contradict.
    func check(_ check: inout SpecCheck, lookback: Int) {
        let field = "spec.model.informer"
        let bounds: [(String, Int?, ClosedRange<Int>)] = [
            ("dModel", dModel, 2...4_096), ("heads", heads, 1...64), ("encoderLayers", encoderLayers, 1...16),
            ("decoderLayers", decoderLayers, 1...16), ("feedForward", feedForward, 1...16_384),
            ("factor", factor, 1...100),
        ]
        for (name, value, range) in bounds { check.range("\(field).\(name)", value, range) }
        if let dropout, !(dropout >= 0 && dropout < 1) {
            check.add("\(field).dropout", "must be at least 0 and below 1")
        }
        if let labelLength, labelLength < 0 || labelLength > lookback {
            check.add("\(field).labelLength", "is \(labelLength); it must be from 0 to the lookback of \(lookback)")
        }
        let (width, heads) = (dModel ?? 512, heads ?? 8)
        if heads > 0, !width.isMultiple(of: heads) || !width.isMultiple(of: 2) {
            check.add("\(field).dModel", "is \(width); it must be even and a multiple of the \(heads) heads")
        }
    }
}

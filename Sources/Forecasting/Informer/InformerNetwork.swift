// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Tensor

/// Informer (H. Zhou et al., "Informer: Beyond Efficient Transformer for Long Sequence Time-Series Forecasting", AAAI
/// 2021), as in the authors' repository Informer2020 at its last state: see docs of `InformerConfiguration`.
///
/// Parameters carry the names of the authors' PyTorch modules, so their checkpoints and ours are the same.
final class InformerNetwork {
    let configuration: InformerConfiguration
    let engine: Engine
    let parameters: ParameterSet
    private let encoderEmbedding: InformerEmbedding
    private let decoderEmbedding: InformerEmbedding
    private let encoderLayers: [EncoderLayer]
    private let distillingLayers: [DistillingLayer]
    private let encoderNorm: LinearMap
    private let decoderLayers: [DecoderLayer]
    private let decoderNorm: LinearMap
    private let projection: LinearMap

    /// A network with fresh parameters, without their gradients where it is for inference only.
    convenience init(_ configuration: InformerConfiguration, engine: Engine, trainable: Bool = true) {
        let count = configuration.parameterCount
        self.init(configuration, ParameterSet(engine: engine, count: count, trainable: trainable), engine)
    }

    /// A network with the same parameters for another engine, with gradients of its own where they are
    /// trained.
    convenience init(replicating original: InformerNetwork, engine: Engine) {
        self.init(original.configuration, ParameterSet(replicating: original.parameters, engine: engine), engine)
    }

    private init(_ configuration: InformerConfiguration, _ parameters: ParameterSet, _ engine: Engine) {
        self.configuration = configuration
        self.engine = engine
        self.parameters = parameters
        let root = ParameterScope(set: parameters, path: "")
        let width = configuration.dModel
        encoderEmbedding = InformerEmbedding(
            root.scope("enc_embedding"),
            configuration,
            columns: configuration.inputs,
            length: configuration.lookback
        )
        decoderEmbedding = InformerEmbedding(
            root.scope("dec_embedding"),
            configuration,
            columns: configuration.decoderInputs,
            length: configuration.decoderLength
        )
        encoderLayers = (0..<configuration.encoderLayers).map {
            EncoderLayer(root.scope("encoder.attn_layers.\($0)"), configuration)
        }
        distillingLayers = (0..<(configuration.distilling ? configuration.encoderLayers - 1 : 0)).map {
            DistillingLayer(root.scope("encoder.conv_layers.\($0)"), width: width)
        }
        encoderNorm = root.scope("encoder").norm("norm", width: width)
        decoderLayers = (0..<configuration.decoderLayers).map {
            DecoderLayer(root.scope("decoder.layers.\($0)"), configuration)
        }
        decoderNorm = root.scope("decoder").norm("norm", width: width)
        projection = root.output(inputs: width, outputs: configuration.outputs)
        precondition(
            parameters.count == configuration.parameterCount,
            "Informer: \(parameters.count) parameters where \(configuration.parameterCount) were counted"
        )
    }

    /// Forecasts a batch: [batch, horizon, outputs].
    func callAsFunction(_ history: MarkedSequence, _ decoderInput: MarkedSequence, _ pass: InformerPass) -> Tensor {
        var memory = encoderEmbedding(history, pass)
        for (index, layer) in encoderLayers.enumerated() {
            memory = layer(memory, pass)
            if index < distillingLayers.count { memory = distillingLayers[index](memory, pass) }
        }
        memory = memory.layerNorm(encoderNorm)
        var decoded = decoderEmbedding(decoderInput, pass)
        for (index, layer) in decoderLayers.enumerated() {
            // Of the last layer, only the forecast's steps are wanted.
            let isLast = index == decoderLayers.count - 1
            decoded = layer(decoded, memory, kept: isLast ? configuration.horizon : decoded.sizes[1], pass)
        }
        return projection(decoded.layerNorm(decoderNorm))
    }
}

extension ParameterScope {
    /// The last map, which has no scope of its own.
    fileprivate func output(inputs: Int, outputs: Int) -> LinearMap {
        let bound = Initializer.uniform(bound: 1 / Float(inputs).squareRoot())
        return LinearMap(
            weight: set.add([ParameterPiece("projection.weight", [outputs, inputs], bound)]),
            bias: set.add([ParameterPiece("projection.bias", [outputs], bound)])
        )
    }
}

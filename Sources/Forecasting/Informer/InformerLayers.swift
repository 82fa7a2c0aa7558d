// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Tensor

/// Declares parameters under a name, with PyTorch's initial distributions.
struct ParameterScope {
    let set: ParameterSet
    let path: String

    func scope(_ name: String) -> ParameterScope {
        ParameterScope(set: set, path: path.isEmpty ? name : "\(path).\(name)")
    }

    /// Linear maps with the same input, as one matrix and one vector; `taps` where files hold them as convolutions.
    func linear(_ names: [String], inputs: Int, outputs: Int, taps: [Int] = []) -> LinearMap {
        let bound = 1 / Float(inputs).squareRoot()
        let weight = set.add(
            names.map { ParameterPiece("\(path).\($0).weight", [outputs, inputs] + taps, .uniform(bound: bound)) }
        )
        let bias = set.add(names.map { ParameterPiece("\(path).\($0).bias", [outputs], .uniform(bound: bound)) })
        return LinearMap(weight: weight, bias: bias)
    }

    /// A convolution over three neighbours.
    func convolution(_ name: String, inputs: Int, outputs: Int, _ initializer: Initializer? = nil) -> LinearMap {
        let bound = Initializer.uniform(bound: 1 / Float(3 * inputs).squareRoot())
        let sizes = [outputs, inputs, 3]
        let weight = ParameterPiece("\(path).\(name).weight", sizes, initializer ?? bound, swapsTaps: true)
        return LinearMap(
            weight: set.add([weight]),
            bias: set.add([ParameterPiece("\(path).\(name).bias", [outputs], bound)])
        )
    }

    /// The weight and bias of a normalisation.
    func norm(_ name: String, width: Int) -> LinearMap {
        LinearMap(
            weight: set.add([ParameterPiece("\(path).\(name).weight", [width], .constant(1))]),
            bias: set.add([ParameterPiece("\(path).\(name).bias", [width], .constant(0))])
        )
    }
}

extension SlidingWindow {
    /// Three neighbours on a circle.
    static let circular = SlidingWindow.centred(taps: 3, padding: .circular)
}

/// A weight and a bias.
struct LinearMap {
    let weight: Tensor
    let bias: Tensor

    func callAsFunction(_ x: Tensor, dropout: Float = 0) -> Tensor { x.linear(weight, bias, dropout: dropout) }
}

extension Tensor {
    func layerNorm(_ norm: LinearMap, adding residual: Tensor? = nil) -> Tensor {
        layerNorm(norm.weight, norm.bias, adding: residual)
    }
}

/// What a pass through the model knows besides its inputs.
struct InformerPass {
    /// The share of numbers that is dropped; 0 for inference.
    let dropout: Float
    /// Whether batch normalisation goes by the batch.
    let training: Bool
    /// The keys that a ProbSparse attention is measured on: (queries, keys, sampled) -> [queries, sampled].
    let samples: (_ queries: Int, _ keys: Int, _ sampled: Int) -> Indices
}

/// Self-attention with its projections.
struct SelfAttention {
    private let projections: LinearMap
    private let output: LinearMap
    private let configuration: InformerConfiguration
    private let isDecoder: Bool

    init(_ scope: ParameterScope, _ configuration: InformerConfiguration, isDecoder: Bool) {
        let width = configuration.dModel
        let names = ["query_projection", "key_projection", "value_projection"]
        projections = scope.linear(names, inputs: width, outputs: width)
        output = scope.linear(["out_projection"], inputs: width, outputs: width)
        self.configuration = configuration
        self.isDecoder = isDecoder
    }

    /// The attention's output for the last `kept` steps, some of it dropped.
    func callAsFunction(_ x: Tensor, kept: Int, _ pass: InformerPass) -> Tensor {
        let time = x.sizes[1]
        var options = AttentionOptions(heads: configuration.heads)
        options.causal = isDecoder
        options.mixesHeads = isDecoder && configuration.mixing
        switch configuration.attention {
        case .full:
            options.dropout = pass.dropout
        case .probSparse:
            // The reference drops nothing in ProbSparse attention, and samples also where all queries are chosen.
            let samples = pass.samples(time, time, configuration.sampleSize(time))
            options.sparsity = ProbabilisticSparsity(selected: configuration.sampleSize(time), samples: samples)
        }
        let context = projections(x).selfAttention(options)
        return output(context.narrowed(1, (time - kept)..<time), dropout: pass.dropout)
    }
}

/// Full attention to the encoder's output, with its projections.
struct CrossAttention {
    private let query: LinearMap
    private let keyValue: LinearMap
    private let output: LinearMap
    private let heads: Int

    init(_ scope: ParameterScope, _ configuration: InformerConfiguration) {
        let width = configuration.dModel
        query = scope.linear(["query_projection"], inputs: width, outputs: width)
        keyValue = scope.linear(["key_projection", "value_projection"], inputs: width, outputs: width)
        output = scope.linear(["out_projection"], inputs: width, outputs: width)
        heads = configuration.heads
    }

    func callAsFunction(_ x: Tensor, _ memory: Tensor, _ pass: InformerPass) -> Tensor {
        var options = AttentionOptions(heads: heads)
        options.dropout = pass.dropout
        return output(query(x).crossAttention(to: keyValue(memory), options), dropout: pass.dropout)
    }
}

/// The feed-forward block; its two maps are convolutions of one tap in files.
struct FeedForward {
    private let maps: FeedForwardMaps

    init(_ scope: ParameterScope, _ configuration: InformerConfiguration) {
        let (width, hidden) = (configuration.dModel, configuration.feedForward)
        let inner = scope.linear(["conv1"], inputs: width, outputs: hidden, taps: [1])
        let outer = scope.linear(["conv2"], inputs: hidden, outputs: width, taps: [1])
        maps = FeedForwardMaps(
            inner: (inner.weight, inner.bias),
            outer: (outer.weight, outer.bias),
            activation: configuration.activation == .gelu ? .gelu : .relu
        )
    }

    func callAsFunction(_ x: Tensor, _ pass: InformerPass) -> Tensor {
        x.feedForward(maps, dropout: pass.dropout)
    }
}

/// A layer of the encoder.
struct EncoderLayer {
    private let attention: SelfAttention
    private let feedForward: FeedForward
    private let norms: [LinearMap]

    init(_ scope: ParameterScope, _ configuration: InformerConfiguration) {
        attention = SelfAttention(scope.scope("attention"), configuration, isDecoder: false)
        feedForward = FeedForward(scope, configuration)
        norms = ["norm1", "norm2"].map { scope.norm($0, width: configuration.dModel) }
    }

    func callAsFunction(_ x: Tensor, _ pass: InformerPass) -> Tensor {
        let attended = attention(x, kept: x.sizes[1], pass).layerNorm(norms[0], adding: x)
        return feedForward(attended, pass).layerNorm(norms[1], adding: attended)
    }
}

/// Halves the time between two layers of the encoder.
struct DistillingLayer {
    private let convolution: LinearMap
    private let norm: LinearMap
    private let statistics: BatchStatistics

    init(_ scope: ParameterScope, width: Int) {
        convolution = scope.convolution("downConv", inputs: width, outputs: width)
        norm = scope.norm("norm", width: width)
        statistics = BatchStatistics(
            mean: scope.set.addBuffer(ParameterPiece("\(scope.path).norm.running_mean", [width], .constant(0))),
            variance: scope.set.addBuffer(ParameterPiece("\(scope.path).norm.running_var", [width], .constant(1)))
        )
    }

    func callAsFunction(_ x: Tensor, _ pass: InformerPass) -> Tensor {
        x.convolution(convolution.weight, convolution.bias, .circular)
            .batchNorm(norm.weight, norm.bias, statistics: statistics, training: pass.training)
            .activated(.elu)
            .maxPooled()
    }
}

/// A layer of the decoder.
struct DecoderLayer {
    private let selfAttention: SelfAttention
    private let crossAttention: CrossAttention
    private let feedForward: FeedForward
    private let norms: [LinearMap]

    init(_ scope: ParameterScope, _ configuration: InformerConfiguration) {
        selfAttention = SelfAttention(scope.scope("self_attention"), configuration, isDecoder: true)
        crossAttention = CrossAttention(scope.scope("cross_attention"), configuration)
        feedForward = FeedForward(scope, configuration)
        norms = ["norm1", "norm2", "norm3"].map { scope.norm($0, width: configuration.dModel) }
    }

    /// The output for the last `kept` steps; what follows the self-attention works step by step.
    func callAsFunction(_ x: Tensor, _ memory: Tensor, kept: Int, _ pass: InformerPass) -> Tensor {
        let last = x.narrowed(1, (x.sizes[1] - kept)..<x.sizes[1])
        let attended = selfAttention(x, kept: kept, pass).layerNorm(norms[0], adding: last)
        let crossed = crossAttention(attended, memory, pass).layerNorm(norms[1], adding: attended)
        return feedForward(crossed, pass).layerNorm(norms[2], adding: crossed)
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Tensor

/// Every operation's gradient against central differences of its value.
@Suite("Gradients")
struct GradientTests {
    /// An operation on leaves of given sizes, reduced to a number by fixed weights.
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let sizes: [[Int]]
        /// The smallest size of an element, for functions with a corner or a pole at zero.
        var away: Float = 0
        /// Of the leaves: where queries are chosen, one at which no choice is so near that a difference turns it.
        var seed: UInt64 = 0
        let operation: @Sendable ([Tensor]) -> Tensor

        var testDescription: String { name }
    }

    static func attention(_ sparse: Bool, causal: Bool, mix: Bool, dropout: Float = 0) -> @Sendable ([Tensor]) -> Tensor
    {
        { leaves in
            var options = AttentionOptions(heads: 2)
            options.causal = causal
            options.mixesHeads = mix
            options.dropout = dropout
            if sparse {
                let samples: [Int32] = [0, 3, 1, 2, 4, 4, 2, 0, 3, 1]
                let engine = leaves[0].engine
                options.sparsity = ProbabilisticSparsity(selected: 3, samples: engine.indices(samples, [5, 2]))
            }
            return leaves[0].selfAttention(options)
        }
    }

    static let cases: [Case] = [
        Case(name: "add", sizes: [[2, 3], [2, 3]]) { $0[0] + $0[1] },
        Case(name: "add, repeated", sizes: [[2, 3, 4], [3, 1]]) { $0[0] + $0[1] },
        Case(name: "subtract, repeated", sizes: [[4], [2, 3, 4]]) { $0[0] - $0[1] },
        Case(name: "multiply", sizes: [[2, 3, 4], [1, 4]]) { $0[0] * $0[1] },
        Case(name: "multiply, itself", sizes: [[5]]) { $0[0] * $0[0] },
        Case(name: "divide", sizes: [[2, 3], [3]], away: 0.5) { $0[0] / $0[1] },
        Case(name: "scale", sizes: [[7]]) { $0[0] * -1.5 },
        Case(name: "reshape", sizes: [[2, 6]]) { $0[0].reshaped([3, -1]) * $0[0].reshaped([3, 4]) },
        Case(name: "transpose", sizes: [[2, 3, 4]]) { $0[0].transposed(0, 2) * $0[0].transposed(0, 2).contiguous() },
        Case(name: "narrow", sizes: [[3, 5, 2]]) { $0[0].narrowed(1, 1..<4) * $0[0].narrowed(1, 2..<5) },
        Case(name: "relu", sizes: [[3, 5]], away: 0.1) { $0[0].activated(.relu) },
        Case(name: "gelu", sizes: [[3, 21]]) { ($0[0] * 3).activated(.gelu) },
        Case(name: "elu", sizes: [[3, 5]], away: 0.1) { $0[0].activated(.elu) },
        Case(name: "exp", sizes: [[3, 5]]) { $0[0].activated(.exp) },
        Case(name: "square", sizes: [[3, 5]]) { $0[0].activated(.square) },
        Case(name: "absolute", sizes: [[3, 5]], away: 0.1) { $0[0].activated(.absolute) },
        Case(name: "gelu by tanh", sizes: [[3, 21]]) { ($0[0] * 3).activated(.geluTanh) },
        Case(name: "sigmoid", sizes: [[3, 21]]) { ($0[0] * 3).activated(.sigmoid) },
        Case(name: "tanh", sizes: [[3, 21]]) { ($0[0] * 2).activated(.tanh) },
        Case(name: "silu", sizes: [[3, 21]]) { ($0[0] * 3).activated(.silu) },
        Case(name: "softplus", sizes: [[3, 21]]) { ($0[0] * 3).activated(.softplus) },
        Case(name: "log", sizes: [[3, 5]]) { $0[0].activated(.exp).activated(.log) },
        Case(name: "root", sizes: [[3, 5]], away: 0.5) { $0[0].activated(.square).activated(.root) },
        Case(name: "gated", sizes: [[3, 6]]) { $0[0].gated() },
        Case(name: "dropout", sizes: [[10, 20]]) { $0[0].dropout(0.4) + $0[0] },
        Case(name: "sum", sizes: [[3, 5]]) { $0[0].sum() * $0[0] },
        Case(name: "mean over an axis", sizes: [[3, 5, 2]]) { $0[0].mean(over: 1) },
        Case(name: "sum over the first axis", sizes: [[3, 5, 2]]) { $0[0].sum(over: 0) },
        Case(name: "sum over the last axis", sizes: [[3, 5, 2]]) { $0[0].sum(over: 2) },
        Case(name: "variance", sizes: [[3, 5, 2]]) { $0[0].variance(over: 1) },
        Case(name: "maximum", sizes: [[3, 5, 2]]) { $0[0].maximum(over: 1) },
        Case(name: "minimum", sizes: [[3, 5, 2]]) { $0[0].minimum(over: 0) },
        Case(name: "concatenate", sizes: [[2, 1, 3], [2, 4, 3]]) {
            Tensor.concatenated([$0[0], $0[1], $0[0]], over: 1)
        },
        Case(name: "cumulative sum", sizes: [[3, 5, 2]]) { $0[0].cumulativeSum(over: 1) },
        Case(name: "linear", sizes: [[2, 3, 5], [4, 5], [4]]) { $0[0].linear($0[1], $0[2]) },
        Case(name: "feed-forward", sizes: [[2, 3, 5], [8, 5], [8], [4, 8], [4]]) {
            let maps = FeedForwardMaps(inner: ($0[1], $0[2]), outer: ($0[3], $0[4]), activation: .gelu)
            return $0[0].feedForward(maps, dropout: 0.3)
        },
        Case(name: "linear, some dropped", sizes: [[2, 3, 5], [4, 5], [4]]) {
            $0[0].linear($0[1], $0[2], dropout: 0.3)
        },
        Case(name: "matmul", sizes: [[2, 3, 5], [2, 5, 4]]) { $0[0].matmul($0[1]) },
        Case(name: "matmul, repeated", sizes: [[3, 1, 2, 5], [4, 5, 3]]) { $0[0].matmul($0[1]) },
        Case(name: "matmul of views", sizes: [[2, 6, 3, 4], [2, 5, 3, 4]]) {
            // Heads side by side, as attention has them.
            $0[0].narrowed(1, 1..<4).transposed(1, 2).matmul($0[1].transposed(1, 2).transposed(2, 3))
        },
        Case(name: "matmul of a vector", sizes: [[1, 5], [5, 1]]) { $0[0].matmul($0[1]) },
        Case(name: "log softmax", sizes: [[3, 5]]) { $0[0].logSoftmax() },
        Case(name: "masked softmax", sizes: [[3, 5]]) {
            $0[0].softmax(mask: $0[0].engine.tensor([1, 0, 1, 1, 0], [5]))
        },
        Case(name: "softmax", sizes: [[3, 5]]) { $0[0].softmax() },
        Case(name: "layer norm", sizes: [[4, 6], [6], [6]]) { $0[0].layerNorm($0[1], $0[2]) },
        Case(name: "layer norm of a sum", sizes: [[4, 6], [6], [6], [4, 6]]) {
            $0[0].layerNorm($0[1], $0[2], adding: $0[3])
        },
        Case(name: "batch norm of a batch", sizes: [[3, 4, 2], [2], [2]]) {
            let engine = $0[0].engine
            let statistics = BatchStatistics(mean: engine.filled(0, [2]), variance: engine.filled(1, [2]))
            return $0[0].batchNorm($0[1], $0[2], statistics: statistics, training: true)
        },
        Case(name: "batch norm by statistics", sizes: [[3, 4, 2], [2], [2]]) {
            let engine = $0[0].engine
            let statistics = BatchStatistics(mean: engine.filled(0.3, [2]), variance: engine.filled(2, [2]))
            return $0[0].batchNorm($0[1], $0[2], statistics: statistics, training: false)
        },
        Case(name: "circular convolution", sizes: [[2, 5, 3], [4, 9], [4]]) {
            $0[0].convolution($0[1], $0[2], .centred(taps: 3, padding: .circular))
        },
        Case(name: "convolution longer than its input", sizes: [[2, 1, 3], [4, 9], [4]]) {
            $0[0].convolution($0[1], $0[2], .centred(taps: 3, padding: .circular))
        },
        Case(name: "dilated convolution of strides", sizes: [[2, 9, 3], [4, 9], [4]]) {
            var window = SlidingWindow.causal(taps: 3, dilation: 2)
            window.stride = 2
            return $0[0].convolution($0[1], $0[2], window)
        },
        Case(name: "windows beyond the edges", sizes: [[2, 4, 3]]) {
            var window = SlidingWindow(taps: 3)
            (window.before, window.after, window.padding) = (2, 3, .edge)
            return $0[0].unfolded(window)
        },
        Case(name: "average pool", sizes: [[2, 7, 3]]) { $0[0].averagePooled(.centred(taps: 3)) },
        Case(name: "max pool, wide", sizes: [[2, 11, 3]]) { $0[0].maxPooled(taps: 5, stride: 3, padding: 2) },
        Case(name: "max pool, even", sizes: [[2, 6, 3]]) { $0[0].maxPooled() },
        Case(name: "max pool, odd", sizes: [[2, 5, 3]]) { $0[0].maxPooled() },
        Case(name: "embedding", sizes: [[4, 3]]) { $0[0].rows(at: $0[0].engine.indices([1, 3, 1, 0], [2, 2])) },
        Case(name: "gather", sizes: [[2, 4, 3]]) { $0[0].rows(at: $0[0].engine.indices([1, 3, 1, 0], [2, 2])) },
        Case(name: "scatter", sizes: [[2, 3, 4]]) {
            $0[0].scatteredRows(at: $0[0].engine.indices([1, 3, 1, 0, 2, 0], [2, 3]), count: 5)
        },
        Case(name: "lstm", sizes: [[2, 3, 2], [12, 2], [12, 3], [12], [12], [2, 3], [2, 3]]) {
            let (hidden, cell) = $0[0].lstm(PyTorchTests.weights($0), initial: ($0[5], $0[6]))
            return hidden + cell * cell
        },
        Case(name: "lstm from nothing", sizes: [[2, 3, 2], [12, 2], [12, 3], [12], [12]]) {
            $0[0].lstm(PyTorchTests.weights($0)).hidden
        },
        Case(name: "gru", sizes: [[2, 3, 2], [9, 2], [9, 3], [9], [9], [2, 3]]) {
            $0[0].gru(PyTorchTests.weights($0), initial: $0[5])
        },
        Case(name: "largest", sizes: [[3, 6]]) { $0[0].largest(2).values },
        Case(name: "full attention", sizes: [[2, 5, 12]], operation: attention(false, causal: false, mix: false)),
        Case(
            name: "causal attention, mixed",
            sizes: [[2, 5, 12]],
            operation: attention(false, causal: true, mix: true)
        ),
        Case(
            name: "attention with dropout",
            sizes: [[2, 5, 12]],
            operation: attention(false, causal: false, mix: false, dropout: 0.3)
        ),
        Case(name: "cross attention", sizes: [[2, 5, 4], [2, 3, 8]]) {
            $0[0].crossAttention(to: $0[1], AttentionOptions(heads: 2))
        },
        Case(name: "ProbSparse attention", sizes: [[2, 5, 12]], operation: attention(true, causal: false, mix: false)),
        Case(
            name: "causal ProbSparse attention",
            sizes: [[2, 5, 12]],
            seed: 1,
            operation: attention(true, causal: true, mix: false)
        ),
        Case(
            name: "ProbSparse attention, mixed",
            sizes: [[2, 5, 12]],
            operation: attention(true, causal: true, mix: true)
        ),
        Case(name: "mse", sizes: [[3, 4]]) { $0[0].loss(.mse, against: $0[0].engine.filled(0.3, [3, 4])) },
        Case(name: "mae", sizes: [[3, 4]], away: 0.1) { $0[0].loss(.mae, against: $0[0].engine.filled(0, [3, 4])) },
        Case(name: "quantile loss", sizes: [[3, 4, 2]], away: 0.1) {
            $0[0].quantileLoss([0.1, 0.7], against: $0[0].engine.filled(0, [3, 4]))
        },
        Case(name: "gaussian loss", sizes: [[3, 4], [3, 4]]) {
            $0[0].gaussianLoss(variance: $0[1].activated(.exp), against: $0[0].engine.filled(0.3, [3, 4]))
        },
        Case(name: "huber", sizes: [[3, 4]]) { ($0[0] * 2).loss(.huber, against: $0[0].engine.filled(0.1, [3, 4])) },
    ]

    @Test("is that of central differences", arguments: cases, InstructionSet.available)
    func gradient(_ test: Case, _ set: InstructionSet) throws {
        let engine = try Engine(threads: 2, seed: 7, instructionSet: set)
        var generator = SeededRandom(seed: test.name.utf8.reduce(7 &+ test.seed) { $0 &* 31 &+ UInt64($1) })
        func number() -> Float {
            let value = Float.random(in: -1...1, using: &generator)
            return value + (value < 0 ? -test.away : test.away)
        }
        let leaves = test.sizes.map { sizes in
            engine.tensor((0..<sizes.reduce(1, *)).map { _ in number() }, sizes, needsGradient: true)
        }
        let weights = engine.tensor((0..<512).map { _ in number() }, [512])
        let position = engine.random.position
        func reduced() -> Tensor {
            engine.random.position = position
            let result = test.operation(leaves)
            return (result * weights.narrowed(0, 0..<result.count).reshaped(result.sizes)).sum()
        }
        _ = engine.differentiate(reduced)
        for (index, leaf) in leaves.enumerated() {
            let gradient = try #require(leaf.gradient).elements
            let largest = gradient.reduce(1) { max($0, abs($1)) }
            let original = leaf.elements
            for element in original.indices {
                var moved = original
                func value(at shift: Float) -> Float {
                    moved[element] = original[element] + shift
                    leaf.write(moved)
                    return reduced().scalar
                }
                let step: Float = 1.0 / 128
                let slope = (value(at: step) - value(at: -step)) / (2 * step)
                leaf.write(original)
                #expect(
                    abs(gradient[element] - slope) < 4e-3 * largest,
                    "operand \(index), element \(element): \(gradient[element]), by differences \(slope)"
                )
            }
        }
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Functions of two operands, element by element.
private enum BinaryFunction: Int {
    case add, subtract, multiply, divide
}

/// Functions of one operand, element by element.
package enum Activation: String, Sendable, CaseIterable {
    case relu
    /// x times the normal distribution function of x (D. Hendrycks and K. Gimpel 2016), and its approximation by tanh.
    case gelu, geluTanh
    case elu, sigmoid, tanh
    /// x times sigmoid of x.
    case silu
    /// log(1 + exp(x)).
    case softplus
    case exp, log, square
    /// The square root.
    case root
    case absolute

    var code: Int32 {
        switch self {
        case .relu: Int32(CK_RELU)
        case .gelu: Int32(CK_GELU)
        case .geluTanh: Int32(CK_GELU_TANH)
        case .elu: Int32(CK_ELU)
        case .sigmoid: Int32(CK_SIGMOID)
        case .tanh: Int32(CK_TANH)
        case .silu: Int32(CK_SILU)
        case .softplus: Int32(CK_SOFTPLUS)
        case .exp: Int32(CK_EXP)
        case .log: Int32(CK_LOG)
        case .square: Int32(CK_SQUARE)
        case .root: Int32(CK_ROOT)
        case .absolute: Int32(CK_ABSOLUTE)
        }
    }
}

extension Tensor {
    /// Sums by element; operands of fewer or single-element axes are repeated.
    package static func + (a: Tensor, b: Tensor) -> Tensor {
        let result = binary(.add, a, b)
        return a.engine.tracked(result, from: [a, b]) { [a = a.node, b = b.node] gradient in
            a.accumulate(gradient.summed(to: a.sizes))
            b.accumulate(gradient.summed(to: b.sizes))
        }
    }

    /// Differences by element, with repetition as for sums.
    package static func - (a: Tensor, b: Tensor) -> Tensor {
        let result = binary(.subtract, a, b)
        return a.engine.tracked(result, from: [a, b]) { [a = a.node, b = b.node] gradient in
            a.accumulate(gradient.summed(to: a.sizes))
            if b.isWanted { b.accumulate((gradient * -1).summed(to: b.sizes)) }
        }
    }

    /// Products by element, with repetition as for sums.
    package static func * (a: Tensor, b: Tensor) -> Tensor {
        let result = binary(.multiply, a, b)
        return a.engine.tracked(result, from: [a, b]) { gradient in
            if a.needsGradient { a.node.accumulate((gradient * b).summed(to: a.sizes)) }
            if b.needsGradient { b.node.accumulate((gradient * a).summed(to: b.sizes)) }
        }
    }

    /// Quotients by element, with repetition as for sums.
    package static func / (a: Tensor, b: Tensor) -> Tensor {
        let result = binary(.divide, a, b)
        return a.engine.tracked(result, from: [a, b]) { gradient in
            if a.needsGradient { a.node.accumulate((gradient / b).summed(to: a.sizes)) }
            if b.needsGradient { b.node.accumulate((gradient * result / b * -1).summed(to: b.sizes)) }
        }
    }

    /// All elements times a number.
    package static func * (a: Tensor, factor: Float) -> Tensor {
        let result = a.engine.empty(a.sizes)
        result.add(factor, times: a, beta: 0)
        return a.engine.tracked(result, from: [a]) { [a = a.node] in a.accumulate($0 * factor) }
    }

    private static func binary(_ function: BinaryFunction, _ a: Tensor, _ b: Tensor) -> Tensor {
        guard let sizes = Layout.broadcastSizes(a.sizes, b.sizes),
            let first = a.layout.broadcast(to: sizes), let second = b.layout.broadcast(to: sizes)
        else { preconditionFailure("\(function): shapes \(a.sizes) and \(b.sizes) do not fit each other") }
        let result = a.engine.empty(sizes)
        let left = a.storage.pointer.assumingMemoryBound(to: Float.self)
        let right = b.storage.pointer.assumingMemoryBound(to: Float.self)
        let (target, kernel, code) = (result.pointer, a.engine.kernels.binary, Int32(function.rawValue))
        let runs = StridedRuns(first, second)
        let (length, steps) = (runs.length, runs.steps)
        if runs.starts.count == 1, let start = runs.starts.first {
            a.engine.perform(length, cost: 1) { range, _ in
                let (x, y) = (
                    start.first + range.lowerBound * steps.first, start.second + range.lowerBound * steps.second
                )
                kernel(code, range.count, left + x, steps.first, right + y, steps.second, target + range.lowerBound)
            }
        } else {
            a.engine.perform(runs.starts.count, cost: length) { range, _ in
                for run in range {
                    let (x, y) = (left + runs.starts[run].first, right + runs.starts[run].second)
                    kernel(code, length, x, steps.first, y, steps.second, target + run * length)
                }
            }
        }
        return result
    }

    /// A function of each element.
    package func activated(_ activation: Activation) -> Tensor {
        let source = contiguous()
        let result = engine.empty(sizes)
        let (x, y, code) = (source.pointer, result.pointer, activation.code)
        let (unary, unaryBackward) = (engine.kernels.unary, engine.kernels.unary_backward)
        engine.perform(count, cost: 8) { range, _ in
            unary(code, range.count, x + range.lowerBound, y + range.lowerBound)
        }
        return engine.tracked(result, from: [source]) { gradient in
            let (slot, beta) = source.node.slot()
            let (dy, dx) = (gradient.pointer, slot.pointer)
            source.engine.perform(source.count, cost: 12) { range, _ in
                let first = range.lowerBound
                unaryBackward(code, range.count, x + first, dy + first, dx + first, beta == 0 ? 0 : 1)
            }
        }
    }

    /// The gated linear unit (Y. Dauphin et al. 2017): the first half of the last axis times sigmoid of the second.
    package func gated() -> Tensor {
        precondition(width % 2 == 0, "gated: the last axis of \(sizes) has no halves")
        let axis = sizes.count - 1
        return narrowed(axis, 0..<(width / 2)) * narrowed(axis, (width / 2)..<width).activated(.sigmoid)
    }

    /// Each element dropped with a probability, and the others scaled up so that the expectation stays.
    package func dropout(_ probability: Float) -> Tensor {
        precondition(probability >= 0 && probability < 1, "dropout: probability \(probability)")
        guard probability > 0 else { return self }
        let source = contiguous()
        let result = engine.empty(sizes)
        let stream = engine.random.next()
        let (x, y, kernel) = (source.pointer, result.pointer, engine.kernels.dropout)
        engine.perform(count, cost: 8) { range, _ in
            let first = range.lowerBound
            kernel(stream, first, range.count, probability, x + first, y + first, 0)
        }
        return engine.tracked(result, from: [source]) { [source = source.node] gradient in
            let (slot, beta) = source.slot()
            let (dy, dx) = (gradient.pointer, slot.pointer)
            source.engine.perform(gradient.count, cost: 8) { range, _ in
                let first = range.lowerBound
                kernel(stream, first, range.count, probability, dy + first, dx + first, beta == 0 ? 0 : 1)
            }
        }
    }
}

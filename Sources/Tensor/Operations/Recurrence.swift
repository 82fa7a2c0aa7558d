// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CKernels

/// The trained numbers of a recurrent layer, in PyTorch's order of gates: input, forget, cell, output of LSTM; reset,
/// update, new of GRU.
package struct RecurrentWeights {
    let input: Tensor
    let hidden: Tensor
    let inputBias: Tensor
    let hiddenBias: Tensor

    /// Weights for the input [gates * size, in] and the hidden state [gates * size, size], and two biases [gates * size].
    package init(input: Tensor, hidden: Tensor, inputBias: Tensor, hiddenBias: Tensor) {
        self.input = input
        self.hidden = hidden
        self.inputBias = inputBias
        self.hiddenBias = hiddenBias
    }
}

extension Tensor {
    /// Long short-term memory (S. Hochreiter and J. Schmidhuber 1997) along [batch, time, in].
    ///
    /// - Parameter initial: Hidden and cell state before the first step, each [batch, size]; zeros where nil.
    /// - Returns: The hidden and the cell states after each step, each [batch, time, size].
    package func lstm(
        _ weights: RecurrentWeights,
        initial: (hidden: Tensor, cell: Tensor)? = nil
    ) -> (hidden: Tensor, cell: Tensor) {
        let recurrence = Recurrence(cell: .lstm, weights, over: self, initial?.hidden, initial?.cell)
        let (states, size) = (recurrence.run(), recurrence.size)
        return (states.narrowed(2, 0..<size), states.narrowed(2, size..<(2 * size)))
    }

    /// Gated recurrent units (K. Cho et al. 2014) along [batch, time, in]: the hidden states [batch, time, size].
    ///
    /// - Parameter initial: The hidden state before the first step, [batch, size]; zeros where nil.
    package func gru(_ weights: RecurrentWeights, initial: Tensor? = nil) -> Tensor {
        Recurrence(cell: .gru, weights, over: self, initial, nil).run()
    }
}

/// A recurrent layer over all time steps as one operation: each thread takes some sequences from their first step to
/// their last, so that threads wait for each other once and not at each step.
private struct Recurrence {
    enum Cell: Int32 {
        case lstm, gru

        var gates: Int { self == .lstm ? 4 : 3 }
        /// States that the cell leaves behind.
        var states: Int { self == .lstm ? 2 : 1 }
        var code: Int32 { self == .lstm ? Int32(CK_LSTM) : Int32(CK_GRU) }
    }

    let cell: Cell
    let batch: Int
    let time: Int
    let size: Int
    private let weights: RecurrentWeights
    /// What the input gives the gates, [batch, time, gates * size].
    private let projected: Tensor
    private let hidden: Tensor
    private let memory: Tensor?

    init(cell: Cell, _ weights: RecurrentWeights, over input: Tensor, _ hidden: Tensor?, _ memory: Tensor?) {
        let size = weights.hidden.width
        precondition(
            input.sizes.count == 3 && weights.hidden.sizes == [cell.gates * size, size]
                && weights.input.sizes == [cell.gates * size, input.width]
                && weights.hiddenBias.sizes == [cell.gates * size],
            "\(cell): input \(input.sizes), weights \(weights.input.sizes) and \(weights.hidden.sizes)"
        )
        let (engine, state) = (input.engine, [input.sizes[0], size])
        for given in [hidden, memory] where given != nil {
            precondition(given?.sizes == state, "\(cell): initial state \(given?.sizes ?? []), not \(state)")
        }
        self.cell = cell
        self.weights = weights
        (batch, time, self.size) = (input.sizes[0], input.sizes[1], size)
        projected = input.linear(weights.input, weights.inputBias)
        self.hidden = hidden?.contiguous() ?? engine.filled(0, state)
        self.memory = cell == .lstm ? memory?.contiguous() ?? engine.filled(0, state) : nil
    }

    /// What the steps work on.
    private struct Buffers {
        /// Before each step, [batch, time, size].
        let before: Tensor
        /// What the hidden state gives the gates, and their activations: [batch, time, gates * size].
        let recurrent: Tensor
        let gates: Tensor
        /// After each step, [batch, time, states * size].
        let states: Tensor
    }

    func run() -> Tensor {
        let (engine, width) = (projected.engine, cell.gates * size)
        let buffers = Buffers(
            before: engine.empty([batch, time, size]),
            recurrent: engine.empty([batch, time, width]),
            gates: engine.empty([batch, time, width]),
            states: engine.empty([batch, time, cell.states * size])
        )
        let (step, kernel, code, time, size) = (step(buffers), engine.kernels.recurrent_step, cell.code, time, size)
        let (initial, before, weight, bias) = (
            hidden.pointer, buffers.before.pointer, weights.hidden.pointer, Product.Bias(weights.hiddenBias)
        )
        engine.perform(batch, cost: time * width * (size + 16)) { range, _ in
            for entry in range {
                (before + entry * time * size).update(from: initial + entry * size, count: size)
            }
            for now in 0..<time {
                var at = step(range, now)
                Product(
                    rows: range.count,
                    columns: width,
                    inner: size,
                    left: at.hidden,
                    leftStride: time * size,
                    right: weight,
                    rightStride: size,
                    rightTransposed: true,
                    result: at.recurrent,
                    resultStride: time * width,
                    bias: bias
                ).run(rows: 0..<range.count, columns: 0..<width)
                kernel(code, &at)
            }
        }
        let operands = [projected, hidden, weights.hidden, weights.hiddenBias] + (memory.map { [$0] } ?? [])
        return engine.tracked(buffers.states, from: operands) { backward($0, buffers) }
    }

    private func backward(_ gradient: Tensor, _ buffers: Buffers) {
        let (engine, width, time, size) = (gradient.engine, cell.gates * size, time, size)
        let (hiddenSlope, cellSlope) = (engine.filled(0, [batch, size]), engine.filled(0, [batch, size]))
        let (slopes, row) = (gradient.pointer, cell.states * size)
        let (dh, dc, weight) = (hiddenSlope.pointer, cellSlope.pointer, weights.hidden.pointer)
        let (step, kernel, code) = (step(buffers), engine.kernels.recurrent_step_backward, cell.code)
        engine.perform(batch, cost: 2 * time * width * (size + 16)) { range, _ in
            let own = dh + range.lowerBound * size
            for now in (0..<time).reversed() {
                var at = step(range, now)
                at.slope = UnsafePointer(slopes + (range.lowerBound * time + now) * row)
                at.hidden_slope = own
                at.cell_slope = dc + range.lowerBound * size
                kernel(code, &at)
                Product(
                    rows: range.count,
                    columns: size,
                    inner: width,
                    left: UnsafePointer(at.recurrent),
                    leftStride: time * width,
                    right: weight,
                    rightStride: size,
                    result: own,
                    resultStride: size,
                    beta: 1
                ).run(rows: 0..<range.count, columns: 0..<size)
            }
        }
        // The buffers of the forward pass hold gradients now.
        projected.node.accumulate(buffers.gates)
        buffers.before.linearBackward(buffers.recurrent, weight: weights.hidden, bias: weights.hiddenBias)
        hidden.node.accumulate(hiddenSlope)
        memory?.node.accumulate(cellSlope)
    }

    /// The step of some sequences at a time.
    private func step(_ buffers: Buffers) -> (_ entries: Range<Int>, _ now: Int) -> ck_recurrent_step {
        let (time, size, width, row) = (time, size, cell.gates * size, cell.states * size)
        let (before, states) = (buffers.before.pointer, buffers.states.pointer)
        let (recurrent, gates, projected) = (buffers.recurrent.pointer, buffers.gates.pointer, projected.pointer)
        let memory = memory?.pointer
        return { entries, now in
            let first = entries.lowerBound
            let place = first * time + now
            return ck_recurrent_step(
                rows: entries.count,
                size: size,
                gate_row: time * width,
                projected: projected + place * width,
                recurrent: recurrent + place * width,
                gates: gates + place * width,
                hidden: before + place * size,
                hidden_row: time * size,
                cell: memory.map { UnsafePointer(now == 0 ? $0 + first * size : states + (place - 1) * row + size) },
                cell_row: now == 0 ? size : time * row,
                output: states + place * row,
                output_row: time * row,
                next: now + 1 < time ? before + (place + 1) * size : nil,
                slope: nil,
                hidden_slope: nil,
                cell_slope: nil
            )
        }
    }
}

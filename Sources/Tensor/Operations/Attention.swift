// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CKernels

/// How multi-head attention chooses, masks and lays out.
package struct AttentionOptions {
    /// The number of heads, which divides the width.
    package var heads: Int
    /// Lets a query see no key after its own place.
    package var causal = false
    /// The share of probabilities that is dropped while training.
    package var dropout: Float = 0
    /// Which queries attend; nil for all.
    package var sparsity: ProbabilisticSparsity?
    /// Writes [batch, head, time, size] in that order as [batch, time, width], instead of [batch, time, head, size].
    package var mixesHeads = false

    /// Full attention without a mask.
    package init(heads: Int) { self.heads = heads }
}

/// ProbSparse self-attention (H. Zhou et al., AAAI 2021): only the queries whose scores of sampled keys stand out
/// attend; the others take the mean of the values, or the running sum where causal.
package struct ProbabilisticSparsity {
    /// How many queries attend.
    package let selected: Int
    /// The keys that each query is measured on: [queries, sampled], shared by batch and heads.
    package let samples: Indices

    /// Takes the number of queries and the sampled keys.
    package init(selected: Int, samples: Indices) {
        self.selected = selected
        self.samples = samples
    }
}

extension Tensor {
    /// Self-attention of projections that lie side by side: [batch, time, 3 * width] as queries, keys, values.
    package func selfAttention(_ options: AttentionOptions) -> Tensor {
        precondition(sizes.count == 3 && width % 3 == 0, "self attention: \(sizes) is not [batch, time, 3 * width]")
        let size = width / 3
        let source = contiguous()
        let operands = AttentionOperands(
            queries: source,
            keysValues: source,
            width: size,
            offsets: (0, size, 2 * size)
        )
        return operands.attend(options)
    }

    /// Attention of queries [batch, time, width] to [batch, other time, 2 * width] as keys, values.
    package func crossAttention(to keysValues: Tensor, _ options: AttentionOptions) -> Tensor {
        precondition(
            sizes.count == 3 && keysValues.sizes.count == 3 && keysValues.sizes[0] == sizes[0]
                && keysValues.width == 2 * width,
            "cross attention: queries \(sizes) and keys and values \(keysValues.sizes) do not fit each other"
        )
        let operands = AttentionOperands(
            queries: contiguous(),
            keysValues: keysValues.contiguous(),
            width: width,
            offsets: (0, 0, width)
        )
        return operands.attend(options)
    }
}

/// Where queries, keys and values are.
private struct AttentionOperands {
    let queries: Tensor
    let keysValues: Tensor
    let width: Int
    let offsets: (q: Int, k: Int, v: Int)

    func attend(_ options: AttentionOptions) -> Tensor {
        let (batch, time) = (queries.sizes[0], queries.sizes[1])
        let engine = queries.engine
        let result = engine.empty([batch, time, width])
        var shape = shape(options)
        if options.dropout > 0 { shape.random = engine.random.next() }
        let selected = shape.selected
        let heads = batch * options.heads
        let chosen = engine.emptyIndices([heads, selected])
        let probabilities = engine.empty([heads, selected, shape.keys])
        let scratch = engine.empty([engine.parts, engine.kernels.attention_scratch(&shape)])
        let buffers = ck_attention_buffers(
            q: queries.pointer + offsets.q,
            k: keysValues.pointer + offsets.k,
            v: keysValues.pointer + offsets.v,
            samples: options.sparsity.map { UnsafePointer($0.samples.pointer) },
            output: result.pointer,
            indices: chosen.pointer,
            probabilities: probabilities.pointer,
            dq: nil,
            dk: nil,
            dv: nil
        )
        let (kernel, room, roomSize, settings) = (engine.kernels.attention, scratch.pointer, scratch.width, shape)
        engine.perform(heads, cost: 4 * selected * shape.keys * shape.size) { range, part in
            withUnsafePointer(to: settings) { settings in
                withUnsafePointer(to: buffers) { buffers in
                    kernel(settings, buffers, range.lowerBound, range.upperBound, room + part * roomSize)
                }
            }
        }
        return engine.tracked(result, from: [queries, keysValues]) { gradient in
            withExtendedLifetime((chosen.storage, probabilities, options.sparsity?.samples.storage)) {
                backward(gradient, settings, buffers)
            }
        }
    }

    private func backward(_ gradient: Tensor, _ settings: ck_attention, _ forward: ck_attention_buffers) {
        let engine = queries.engine
        let share = engine.empty(queries.sizes)
        let otherShare = queries === keysValues ? share : engine.empty(keysValues.sizes)
        var (buffers, shape) = (forward, settings)
        let scratch = engine.empty([engine.parts, engine.kernels.attention_scratch(&shape)])
        buffers.output = gradient.pointer
        buffers.dq = share.pointer + offsets.q
        buffers.dk = otherShare.pointer + offsets.k
        buffers.dv = otherShare.pointer + offsets.v
        let (kernel, room, roomSize, filled) = (
            engine.kernels.attention_backward, scratch.pointer, scratch.width, buffers
        )
        engine.perform(queries.sizes[0] * settings.heads, cost: 8 * settings.selected * settings.keys * settings.size) {
            range,
            part in
            withUnsafePointer(to: settings) { settings in
                withUnsafePointer(to: filled) { buffers in
                    kernel(settings, buffers, range.lowerBound, range.upperBound, room + part * roomSize)
                }
            }
        }
        queries.node.accumulate(share)
        if queries !== keysValues { keysValues.node.accumulate(otherShare) }
    }

    private func shape(_ options: AttentionOptions) -> ck_attention {
        let (time, keys, size) = (queries.sizes[1], keysValues.sizes[1], width / options.heads)
        precondition(width % options.heads == 0, "attention: \(options.heads) heads do not divide \(width)")
        precondition(!options.causal || time == keys, "attention: causal with \(time) queries and \(keys) keys")
        let selected = options.sparsity?.selected ?? time
        precondition(selected > 0 && selected <= time, "attention: \(selected) of \(time) queries")
        if let samples = options.sparsity?.samples {
            precondition(
                samples.sizes.count == 2 && samples.sizes[0] == time,
                "attention: samples \(samples.sizes) for \(time) queries"
            )
            precondition(
                samples.elements.allSatisfy { $0 >= 0 && $0 < keys },
                "attention: a sample is outside of \(keys) keys"
            )
        }
        return ck_attention(
            heads: options.heads,
            queries: time,
            keys: keys,
            size: size,
            selected: selected,
            sampled: options.sparsity?.samples.sizes[1] ?? 0,
            causal: options.causal ? 1 : 0,
            scale: 1 / Float(size).squareRoot(),
            dropout: options.dropout,
            random: ck_random(key: 0, stream: 0),
            query_row: queries.width,
            key_row: keysValues.width,
            output_batch: time * width,
            output_head: options.mixesHeads ? time * size : size,
            output_row: options.mixesHeads ? size : width
        )
    }
}

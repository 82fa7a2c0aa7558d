// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CKernels

// Operations along time: sequences are [batch, time, channels].
extension Tensor {
    /// One-dimensional convolution with circular padding, which keeps the length (`taps` is odd).
    ///
    /// - Parameters:
    ///   - weight: [out, taps * in], the taps of a filter one after the other.
    ///   - bias: [out].
    package func circularConvolution(_ weight: Tensor, _ bias: Tensor, taps: Int = 3) -> Tensor {
        precondition(
            sizes.count == 3 && taps % 2 == 1 && weight.sizes.count == 2 && weight.sizes[1] == taps * width,
            "circular convolution: input \(sizes), weight \(weight.sizes), \(taps) taps"
        )
        return unfolded(taps: taps).linear(weight, bias)
    }

    /// Each step with its neighbours, on a circle: [batch, time, taps * channels].
    func unfolded(taps: Int) -> Tensor {
        let source = contiguous()
        let (length, channels, batch) = (sizes[1], sizes[2], sizes[0])
        let result = engine.empty([batch, length, taps * channels])
        let (x, y) = (source.pointer, result.pointer)
        let shift = length * taps - taps / 2
        engine.perform(batch * length, cost: taps * channels) { range, _ in
            for row in range {
                let (entry, time) = row.quotientAndRemainder(dividingBy: length)
                for tap in 0..<taps {
                    let from = x + (entry * length + (time + tap + shift) % length) * channels
                    (y + (row * taps + tap) * channels).update(from: from, count: channels)
                }
            }
        }
        return engine.tracked(result, from: [source]) { gradient in
            let (slot, kernel) = (source.gradientSlotForSums(), source.engine.kernels.axpby)
            let (dy, dx) = (gradient.pointer, slot.pointer)
            source.engine.perform(batch * length, cost: taps * channels) { range, _ in
                for row in range {
                    let (entry, time) = row.quotientAndRemainder(dividingBy: length)
                    for tap in 0..<taps {
                        let center = entry * length + (time + length * taps + taps / 2 - tap) % length
                        kernel(channels, 1, dy + (center * taps + tap) * channels, 1, dx + row * channels)
                    }
                }
            }
        }
    }

    /// The largest of three neighbours at every second step: the time shrinks to (time - 1) / 2 + 1.
    package func maxPooled() -> Tensor {
        precondition(sizes.count == 3 && sizes[1] > 0, "max pool: \(sizes) is not [batch, time, channels]")
        let source = contiguous()
        let (batch, length, channels, kernels) = (sizes[0], sizes[1], sizes[2], engine.kernels)
        let (before, after) = (length * channels, ((length - 1) / 2 + 1) * channels)
        let result = engine.empty([batch, (length - 1) / 2 + 1, channels])
        let choices = engine.emptyIndices([(batch * after + 3) / 4])
        let (x, y) = (source.pointer, result.pointer)
        let choice = choices.storage.pointer.assumingMemoryBound(to: UInt8.self)
        engine.perform(batch, cost: 2 * before) { range, _ in
            for entry in range {
                kernels.max_pool(length, channels, x + entry * before, y + entry * after, choice + entry * after)
            }
        }
        return engine.tracked(result, from: [source]) { gradient in
            withExtendedLifetime(choices) {
                let share = source.engine.empty(source.sizes)
                let (dy, dx) = (gradient.pointer, share.pointer)
                source.engine.perform(batch, cost: 4 * before) { range, _ in
                    for entry in range {
                        let place = entry * after
                        kernels.max_pool_backward(length, channels, dy + place, choice + place, dx + entry * before)
                    }
                }
                source.accumulate(share)
            }
        }
    }
}

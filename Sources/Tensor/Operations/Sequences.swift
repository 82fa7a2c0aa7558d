// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Windows that slide along time, for convolutions and patches.
package struct SlidingWindow: Sendable, Hashable {
    /// What stands outside of the sequence.
    package enum Padding: Sendable, Hashable {
        case zero
        /// The first and the last step again.
        case edge
        /// The other end of the sequence.
        case circular
    }

    /// The steps that a window takes.
    package var taps: Int
    /// From one window to the next.
    package var stride = 1
    /// From one tap to the next.
    package var dilation = 1
    /// Steps added in front of the sequence, and behind it.
    package var before = 0, after = 0
    /// What these are.
    package var padding = Padding.zero

    /// Windows of `taps` neighbours, all within the sequence.
    package init(taps: Int) { self.taps = taps }

    /// As many windows as steps; `taps` is odd.
    package static func centred(taps: Int, dilation: Int = 1, padding: Padding = .zero) -> SlidingWindow {
        var result = SlidingWindow(taps: taps)
        (result.dilation, result.padding) = (dilation, padding)
        (result.before, result.after) = (dilation * (taps - 1) / 2, dilation * (taps - 1) / 2)
        return result
    }

    /// As many windows as steps, each ending at its step.
    package static func causal(taps: Int, dilation: Int = 1) -> SlidingWindow {
        var result = SlidingWindow(taps: taps)
        (result.dilation, result.before) = (dilation, dilation * (taps - 1))
        return result
    }

    /// The number of windows over a sequence.
    package func count(over length: Int) -> Int {
        let span = dilation * (taps - 1) + 1
        precondition(
            taps > 0 && stride > 0 && dilation > 0 && before >= 0 && after >= 0 && length + before + after >= span,
            "sliding window: \(self) over \(length) steps"
        )
        return (length + before + after - span) / stride + 1
    }

    /// Where each tap of each window is in the sequence, -1 for a zero.
    func places(over length: Int) -> [Int] {
        (0..<count(over: length)).flatMap { window in
            (0..<taps).map { tap in
                let place = window * stride + tap * dilation - before
                switch padding {
                case .zero: return (0..<length).contains(place) ? place : -1
                case .edge: return min(max(place, 0), length - 1)
                case .circular: return (place % length + length) % length
                }
            }
        }
    }
}

// Operations along time: sequences are [batch, time, channels].
extension Tensor {
    /// One-dimensional convolution.
    ///
    /// Groups of channels are narrowed views, convolved one by one and joined by `concatenated`.
    /// - Parameters:
    ///   - weight: [out, taps * in], the taps of a filter one after the other.
    ///   - bias: [out].
    package func convolution(_ weight: Tensor, _ bias: Tensor, _ window: SlidingWindow) -> Tensor {
        precondition(
            sizes.count == 3 && weight.sizes == [weight.sizes[0], window.taps * width]
                && bias.sizes == [weight.sizes[0]],
            "convolution: input \(sizes), weight \(weight.sizes), bias \(bias.sizes), \(window.taps) taps"
        )
        return unfolded(window).linear(weight, bias)
    }

    /// The steps of each window side by side: [batch, windows, taps * channels].
    package func unfolded(_ window: SlidingWindow) -> Tensor {
        precondition(sizes.count == 3 && sizes[1] > 0, "unfold: \(sizes) is not [batch, time, channels]")
        let source = contiguous()
        let (batch, length, channels, taps) = (sizes[0], sizes[1], sizes[2], window.taps)
        let places = window.places(over: length)
        let count = places.count / taps
        let result = engine.empty([batch, count, taps * channels])
        let (x, y) = (source.pointer, result.pointer)
        engine.perform(batch * count, cost: taps * channels) { range, _ in
            for row in range {
                let (entry, window) = row.quotientAndRemainder(dividingBy: count)
                for tap in 0..<taps {
                    let (place, to) = (places[window * taps + tap], y + (row * taps + tap) * channels)
                    if place >= 0 {
                        to.update(from: x + (entry * length + place) * channels, count: channels)
                    } else {
                        to.update(repeating: 0, count: channels)
                    }
                }
            }
        }
        return engine.tracked(result, from: [source]) { [source = source.node] gradient in
            let (slot, kernel) = (source.slotForSums(), source.engine.kernels.axpby)
            let (dy, dx) = (gradient.pointer, slot.pointer)
            // Windows overlap, so batch entries are the smallest parts that do not meet.
            source.engine.perform(batch, cost: places.count * channels) { range, _ in
                for entry in range {
                    for (index, place) in places.enumerated() where place >= 0 {
                        let from = dy + (entry * places.count + index) * channels
                        kernel(channels, 1, from, 1, dx + (entry * length + place) * channels)
                    }
                }
            }
        }
    }

    /// The largest of each window of `taps` steps: the time becomes (time + 2 * padding - taps) / stride + 1.
    ///
    /// - Parameter padding: Steps on both sides that are never the largest, at most half of a window.
    package func maxPooled(taps: Int = 3, stride: Int = 2, padding: Int = 1) -> Tensor {
        precondition(
            sizes.count == 3 && (1...255).contains(taps) && stride > 0 && (0...(taps / 2)).contains(padding)
                && sizes[1] + 2 * padding >= taps,
            "max pool: \(taps) taps, stride \(stride), padding \(padding) over [batch, time, channels] \(sizes)"
        )
        let source = contiguous()
        let (batch, length, channels, kernels) = (sizes[0], sizes[1], sizes[2], engine.kernels)
        let pool = ck_pool(length: length, channels: channels, taps: taps, stride: stride, padding: padding)
        let pooled = (length + 2 * padding - taps) / stride + 1
        let (before, after) = (length * channels, pooled * channels)
        let result = engine.empty([batch, pooled, channels])
        let choices = engine.emptyIndices([(batch * after + 3) / 4])
        let (x, y) = (source.pointer, result.pointer)
        let choice = choices.storage.pointer.assumingMemoryBound(to: UInt8.self)
        engine.perform(batch, cost: taps * after) { range, _ in
            withUnsafePointer(to: pool) { pool in
                for entry in range {
                    kernels.max_pool(pool, x + entry * before, y + entry * after, choice + entry * after)
                }
            }
        }
        return engine.tracked(result, from: [source]) { [source = source.node] gradient in
            withExtendedLifetime(choices) {
                let share = source.engine.empty(source.sizes)
                let (dy, dx) = (gradient.pointer, share.pointer)
                source.engine.perform(batch, cost: 2 * taps * after) { range, _ in
                    withUnsafePointer(to: pool) { pool in
                        for entry in range {
                            let place = entry * after
                            kernels.max_pool_backward(pool, dy + place, choice + place, dx + entry * before)
                        }
                    }
                }
                source.accumulate(share)
            }
        }
    }

    /// The mean of each window, in which padding counts as it stands there.
    package func averagePooled(_ window: SlidingWindow) -> Tensor {
        let taps = unfolded(window)
        return taps.reshaped([sizes[0], taps.sizes[1], window.taps, width]).mean(over: 2)
    }
}

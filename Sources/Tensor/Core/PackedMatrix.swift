// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CKernels

/// The weight of a linear map that changes seldom or never, in the order in which the kernel for such maps reads it.
///
/// OpenBLAS copies both factors into an order of its own in each product, which takes a sixth to a third of the time of a
/// single forecast; a weight that was packed once needs no copy.
final class PackedMatrix {
    /// Larger ones are not worth the memory.
    private static let mostElements = 1 << 20
    private static let panel = Int(CK_PANEL)

    private let outputs: Int
    private let inputs: Int
    private let source: UnsafeMutablePointer<Float>
    private let storage: Storage

    /// Of a weight [outputs, inputs] without gaps whose memory lives longer; nil for one that is too large.
    init?(_ weight: Tensor) {
        guard weight.sizes.count == 2, weight.isContiguous, weight.count <= Self.mostElements else { return nil }
        (outputs, inputs, source) = (weight.sizes[0], weight.sizes[1], weight.pointer)
        storage = Storage(count: outputs * inputs, pool: BufferPool())
        refresh()
    }

    /// How many panels of columns there are, which can be computed apart.
    var panels: Int { (outputs + Self.panel - 1) / Self.panel }

    /// The map with a bias of `outputs` elements.
    func map(bias: UnsafePointer<Float>) -> ck_map {
        ck_map(inner: inputs, columns: outputs, panels: UnsafePointer(elements), bias: bias)
    }

    /// Packs anew, after the weight has changed.
    func refresh() {
        for first in stride(from: 0, to: outputs, by: Self.panel) {
            let width = min(Self.panel, outputs - first)
            for row in 0..<width {
                for column in 0..<inputs {
                    elements[first * inputs + column * width + row] = source[(first + row) * inputs + column]
                }
            }
        }
    }

    private var elements: UnsafeMutablePointer<Float> { storage.pointer.assumingMemoryBound(to: Float.self) }
}

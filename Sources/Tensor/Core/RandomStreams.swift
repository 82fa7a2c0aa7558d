// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CKernels
import Foundation

/// Seeded random numbers by counter (Philox4x32-10): any number of any stream is had without those before it.
package struct RandomStreams: Sendable {
    /// Tells whole sequences apart.
    package let seed: UInt64
    /// How many streams were handed out; set it to repeat from a point.
    package var position: UInt64 = 0

    /// Streams from the first one on.
    package init(seed: UInt64) { self.seed = seed }

    /// Streams that go on from here, others than these for each number but 0.
    func branch(_ number: Int) -> RandomStreams {
        // The golden ratio in 64 bits: far from each other, whatever the seeds.
        var result = RandomStreams(seed: seed &+ UInt64(truncatingIfNeeded: number) &* 0x9E37_79B9_7F4A_7C15)
        result.position = position
        return result
    }

    /// A stream of its own for one use.
    mutating func next() -> ck_random {
        defer { position += 1 }
        return ck_random(key: seed, stream: position)
    }

    /// `count` integers in 0..<bound, from a new stream.
    package mutating func integers(_ count: Int, below bound: Int) -> [Int32] {
        precondition(bound > 0 && bound <= UInt32.max, "random integers: bound \(bound)")
        let stream = next()
        return [Int32](unsafeUninitializedCapacity: count) { buffer, initialized in
            if let base = buffer.baseAddress {
                ck_best().pointee.random_integers(stream, 0, count, UInt32(bound), base)
            }
            initialized = count
        }
    }

    /// `count` numbers in [0, 1), from a new stream.
    package mutating func uniform(_ count: Int) -> [Float] {
        let stream = next()
        return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            if let base = buffer.baseAddress { ck_best().pointee.random_uniform(stream, 0, count, base) }
            initialized = count
        }
    }

    /// `count` numbers of the standard normal distribution (G. Box and M. Muller 1958), from new streams.
    package mutating func normal(_ count: Int) -> [Float] {
        let (radii, angles) = (uniform(count), uniform(count))
        return zip(radii, angles).map { radius, angle in
            let length = (-2 * log(1 - Double(radius))).squareRoot()
            return Float(length * cos(2 * .pi * Double(angle)))
        }
    }
}

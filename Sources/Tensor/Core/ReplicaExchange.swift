// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Where replicas show each other what is needed of the whole batch, such as its moments.
///
/// All replicas make the same exchanges in the same order, each on a thread of its own.
final class ReplicaExchange {
    private let count: Int
    private let barrier: OpaquePointer
    /// Where the share of each replica lies. Each writes its own place, and reads the others' between two barriers.
    private let places: UnsafeMutablePointer<UnsafeRawPointer?>

    init(count: Int) throws(TensorError) {
        guard let barrier = ck_barrier_create(Int32(clamping: count)) else { throw .threadsRefused(count: count) }
        self.count = count
        self.barrier = barrier
        places = .allocate(capacity: count)
        places.initialize(repeating: nil, count: count)
    }

    deinit {
        places.deallocate()
        ck_barrier_destroy(barrier)
    }

    /// Calls `body` with the shares of all replicas by rank, once the last has come here; nobody goes on before all are
    /// done, so that what shares point to may change afterwards.
    func exchange<Share, Result>(_ share: Share, rank: Int, _ body: (_ shares: [Share]) -> Result) -> Result {
        withUnsafePointer(to: share) { place in
            places[rank] = UnsafeRawPointer(place)
            ck_barrier_wait(barrier)
            let shares = (0..<count).map { places[$0]?.assumingMemoryBound(to: Share.self).pointee ?? share }
            let result = body(shares)
            ck_barrier_wait(barrier)
            return result
        }
    }
}

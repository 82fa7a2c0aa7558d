// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Engines that work through the parts of one batch at the same time, each on one thread (data parallelism).
///
/// With small layers this keeps the processors busier than sharing out each operation does, at the price of gradients for
/// each replica. What depends on the whole batch, such as batch normalisation, is exchanged, so that the result is that of
/// one engine but for the order of sums.
package final class ReplicaTeam {
    /// The engines by rank; networks that are made with these take part.
    package let engines: [Engine]
    private let original: Engine

    /// Replicas for all threads of an engine, which itself does nothing while they work.
    /// - Throws: `TensorError.threadsRefused`.
    package init(_ original: Engine) throws(TensorError) {
        let exchange = try ReplicaExchange(count: original.threads)
        self.original = original
        engines = (0..<original.threads).map { Engine(replicating: original, exchange: exchange, rank: $0) }
    }

    /// Which part of a batch each replica takes: one after the other, as equal as can be.
    package static func shares(of batch: Int, replicas: Int) -> [Range<Int>] {
        (0..<replicas).map { (batch * $0 / replicas)..<(batch * ($0 + 1) / replicas) }
    }

    /// Calls `body` for all ranks at the same time.
    ///
    /// Random numbers go on where those of the original stand, in sequences of their own, and the original's behind them.
    package func run(_ body: @escaping (_ rank: Int) -> Void) {
        for (rank, engine) in engines.enumerated() { engine.random = original.random.branch(rank) }
        original.runSideBySide(engines.count, body)
        original.random.position = engines.map(\.random.position).max() ?? original.random.position
    }
}

extension ParameterSet {
    /// Adds the gradients of replicas, in their order, and clears theirs.
    package func takeGradients(of replicas: [ParameterSet]) {
        let (engine, sum) = (values.engine, gradients.pointer)
        let axpby = engine.kernels.axpby
        let shares = replicas.map(\.gradients.pointer)
        engine.perform(gradients.count, cost: 2 * shares.count) { range, _ in
            for share in shares {
                axpby(range.count, 1, share + range.lowerBound, 1, sum + range.lowerBound)
                (share + range.lowerBound).update(repeating: 0, count: range.count)
            }
        }
    }
}

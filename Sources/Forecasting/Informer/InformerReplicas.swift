// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Tensor

/// Copies of a network that each work through a part of a batch, at the same time.
final class InformerReplicas {
    private struct Replica {
        let network: InformerNetwork
        let batch: InformerBatch
        /// Which windows of the batch are its own.
        let share: Range<Int>
    }

    /// The most gradients of all replicas together, in elements: beyond it their memory (32 MiB) is worth more than the
    /// time, and the products are large enough to be shared out themselves.
    private static let mostGradients = 1 << 23

    private let original: InformerNetwork
    private let team: ReplicaTeam
    private let replicas: [Replica]
    private let batchSize: Int

    /// Whether replicas are the better way to train.
    static func pays(_ configuration: InformerConfiguration, batchSize: Int, threads: Int) -> Bool {
        batchSize >= threads && pays(configuration, threads: threads)
    }

    /// Whether replicas are the better way to work through batches.
    static func pays(_ configuration: InformerConfiguration, threads: Int) -> Bool {
        threads > 1 && configuration.parameterCount * threads <= mostGradients
    }

    /// Copies of a network for each thread of its engine.
    /// - Throws: `TensorError.threadsRefused`.
    init(_ network: InformerNetwork, batchSize: Int) throws(TensorError) {
        original = network
        self.batchSize = batchSize
        let team = try ReplicaTeam(network.engine)
        self.team = team
        let shares = ReplicaTeam.shares(of: batchSize, replicas: team.engines.count)
        replicas = zip(team.engines, shares).map { engine, share in
            Replica(
                network: InformerNetwork(replicating: network, engine: engine),
                batch: InformerBatch(network.configuration, size: share.count, engine: engine),
                share: share
            )
        }
    }

    /// Adds the gradients of a batch's mean loss to those of the original, and returns that loss.
    func differentiate(
        _ windows: InformerWindows,
        starts: ArraySlice<Int>,
        _ loss: Loss,
        _ samples: [InformerSamples]
    ) -> Float {
        precondition(starts.count == batchSize, "InformerReplicas: \(starts.count) windows for a batch of \(batchSize)")
        let losses = original.engine.filled(0, [replicas.count])
        let (replicas, batchSize) = (replicas, Float(batchSize))
        team.run { rank in
            let replica = replicas[rank]
            let weight = Float(replica.share.count) / batchSize
            let first = starts.startIndex
            windows.fill(
                replica.batch,
                starts[(first + replica.share.lowerBound)..<(first + replica.share.upperBound)]
            )
            let own = weight * replica.network.differentiate(replica.batch, loss, samples, weight: weight)
            losses.withElements { $0[rank] = own }
        }
        original.parameters.takeGradients(of: replicas.map(\.network.parameters))
        return losses.elements.reduce(0, +)
    }
}

/// The keys that the queries of one ProbSparse attention are measured on.
struct InformerSamples {
    let queries: Int
    /// How many keys each query gets.
    let sampled: Int
    /// [queries x sampled].
    let keys: [Int32]
}

extension InformerNetwork {
    /// Adds the gradients of a batch's mean loss, times a weight, to those of the parameters; returns the loss.
    func differentiate(
        _ batch: InformerBatch,
        _ loss: Loss,
        _ samples: [InformerSamples],
        weight: Float = 1
    ) -> Float {
        // The layers ask in the order in which these were drawn.
        var rest = samples[...]
        let pass = InformerPass(dropout: Float(configuration.dropout), training: true) { [engine] queries, _, sampled in
            guard let next = rest.popFirst(), next.queries == queries, next.sampled == sampled else {
                preconditionFailure("Informer: the samples are not those of \(queries) queries")
            }
            return engine.indices(next.keys, [queries, sampled])
        }
        return engine.differentiate(weight: weight) {
            self(batch.history, batch.decoderInput, pass).loss(loss, against: batch.truth)
        }.scalar
    }
}

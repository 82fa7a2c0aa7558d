// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Tensor

/// The forecasts of a batch of one size, recorded once: by one network, or by several of the same parameters that each
/// work through a part of the batch at the same time.
final class InformerPlan {
    private struct Part {
        let batch: InformerBatch
        let plan: Plan
        /// Which windows of the batch are its own.
        let share: Range<Int>
    }

    private static let sampleSeed: UInt64 = 0x1F0_8ECA57

    /// The number of windows.
    let size: Int
    private let parts: [Part]
    private let team: ReplicaTeam?

    /// Records the forecasts of one network.
    init(_ network: InformerNetwork, size: Int) {
        self.size = size
        team = nil
        parts = [Self.record(network, 0..<size)]
    }

    /// Records the forecasts of networks that work side by side, one for each engine of the team.
    /// - Precondition: There are at least as many windows as networks.
    init(_ networks: [InformerNetwork], team: ReplicaTeam, size: Int) {
        self.size = size
        self.team = team
        parts = zip(networks, ReplicaTeam.shares(of: size, replicas: networks.count)).map { Self.record($0, $1) }
    }

    /// Computes the forecasts of what the batch holds now.
    func run() {
        guard let team else { return parts.forEach { $0.plan.run() } }
        let parts = parts
        team.run { parts[$0].plan.run() }
    }

    /// Calls `body` for each part with its inputs and the windows of the batch that are its own.
    func fill(_ body: (_ batch: InformerBatch, _ share: Range<Int>) -> Void) {
        for part in parts { body(part.batch, part.share) }
    }

    /// Calls `body` for each part with its forecasts, [windows, horizon, outputs], and the windows of the batch that they
    /// are of.
    func read(_ body: (_ forecasts: Tensor, _ share: Range<Int>) -> Void) {
        for part in parts { body(part.plan.output, part.share) }
    }

    private static func record(_ network: InformerNetwork, _ share: Range<Int>) -> Part {
        let (engine, configuration) = (network.engine, network.configuration)
        var streams = RandomStreams(seed: sampleSeed)
        // Drawn before the plan is recorded, in the order in which the layers ask.
        var samples: [Indices] = []
        for (queries, sampled) in configuration.sampledAttentions {
            samples.append(engine.indices(streams.integers(queries * sampled, below: queries), [queries, sampled]))
        }
        let inputs = InformerBatch(configuration, size: share.count, engine: engine)
        var next = 0
        let plan = engine.plan {
            network(
                inputs.history,
                inputs.decoderInput,
                InformerPass(dropout: 0, training: false) { _, _, _ in
                    defer { next += 1 }
                    return samples[next]
                }
            )
        }
        plan.keep(samples)
        return Part(batch: inputs, plan: plan, share: share)
    }
}

extension InformerConfiguration {
    /// The length and the samples a query of each ProbSparse attention, encoder first.
    var sampledAttentions: [(length: Int, sampled: Int)] {
        guard attention == .probSparse else { return [] }
        var (lengths, length) = ([Int](), lookback)
        for layer in 0..<encoderLayers {
            lengths.append(length)
            if distilling, layer < encoderLayers - 1 { length = (length - 1) / 2 + 1 }
        }
        lengths += [Int](repeating: decoderLength, count: decoderLayers)
        return lengths.map { ($0, sampleSize($0)) }
    }
}

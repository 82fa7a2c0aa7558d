// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Forecasting
@testable import Tensor

@Suite("Informer replicas")
struct InformerReplicasTests {
    static let batchSize = 16

    /// The network and what a batch finds: its loss, its gradients, the running statistics.
    struct Outcome {
        let loss: Float
        let gradients: [NamedElements]
        let statistics: [[Float]]

        init(replicas threads: Int?, dropout: Double = 0) throws {
            var configuration = InformerFitTests.configuration()
            configuration.dropout = dropout
            #expect(configuration.distilling && configuration.encoderLayers > 1, "a batch norm is part of it")
            let windows = try InformerFitTests.windows(configuration, rows: 200)
            let engine = try Engine(threads: threads ?? 1, seed: 5)
            let network = InformerNetwork(configuration, engine: engine)
            var random = RandomStreams(seed: 9)
            let samples = configuration.sampledAttentions.map { length, sampled in
                let keys = random.integers(length * sampled, below: length)
                return InformerSamples(queries: length, sampled: sampled, keys: keys)
            }
            let starts = (0..<batchSize).map { $0 * 7 }[...]
            if threads == nil {
                let batch = InformerBatch(configuration, size: batchSize, engine: engine)
                windows.fill(batch, starts)
                loss = network.differentiate(batch, .mse, samples)
            } else {
                let replicas = try InformerReplicas(network, batchSize: batchSize)
                loss = replicas.differentiate(windows, starts: starts, .mse, samples)
            }
            gradients = network.parameters.exportedGradients()
            statistics = Array(network.parameters.snapshot().dropFirst())
        }
    }

    @Test("find the loss, the gradients and the running statistics of the whole batch", arguments: [1, 2, 3, 7, 16])
    func gradients(_ threads: Int) throws {
        let (whole, parts) = (try Outcome(replicas: nil), try Outcome(replicas: threads))
        #expect(abs(whole.loss - parts.loss) < 1e-5 * whole.loss)
        let largest = whole.gradients.flatMap(\.elements).reduce(0) { max($0, abs($1)) }
        #expect(largest > 0.01)
        for (expected, found) in zip(whole.gradients, parts.gradients) {
            #expect(InformerParityTests.distance(expected.elements, found.elements) < 1e-5 * largest, "\(found.name)")
        }
        for (expected, found) in zip(whole.statistics, parts.statistics) {
            #expect(InformerParityTests.distance(expected, found) < 1e-6)
        }
    }

    @Test("find the same again, bit by bit, also with dropout")
    func repeated() throws {
        let outcomes = try (0..<4).map { _ in try Outcome(replicas: 3, dropout: 0.2) }
        for other in outcomes.dropFirst() {
            #expect(other.loss == outcomes[0].loss)
            #expect(other.gradients.map(\.elements) == outcomes[0].gradients.map(\.elements))
        }
    }

    @Test("drop different elements each")
    func branches() {
        var (original, first, second) = (
            RandomStreams(seed: 4), RandomStreams(seed: 4).branch(0), RandomStreams(seed: 4).branch(1)
        )
        let numbers = original.uniform(100)
        #expect(first.uniform(100) == numbers)
        #expect(second.uniform(100) != numbers)
    }

    @Test("share a batch out without a gap, as equally as can be")
    func shares() {
        for (batch, replicas) in [(32, 2), (32, 3), (7, 7), (100, 16)] {
            let shares = ReplicaTeam.shares(of: batch, replicas: replicas)
            #expect(shares.flatMap(Array.init) == Array(0..<batch))
            let sizes = shares.map(\.count)
            #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
        }
    }

    @Test("are chosen where gradients are small and each thread has a window")
    func choice() {
        var configuration = InformerFitTests.configuration()
        #expect(InformerReplicas.pays(configuration, batchSize: 32, threads: 2))
        #expect(!InformerReplicas.pays(configuration, batchSize: 32, threads: 1))
        #expect(!InformerReplicas.pays(configuration, batchSize: 3, threads: 4))
        (configuration.dModel, configuration.feedForward) = (512, 2_048)
        #expect(!InformerReplicas.pays(configuration, batchSize: 32, threads: 2))
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Tensor

@Suite("Engine")
struct EngineTests {
    /// A small network with most operations.
    static func network(_ engine: Engine) -> (parameters: [Tensor], value: (Tensor) -> Tensor) {
        func leaf(_ sizes: [Int]) -> Tensor {
            engine.tensor(engine.random.normal(sizes.reduce(1, *)), sizes, needsGradient: true)
        }
        let parameters = [leaf([48, 16]), leaf([48]), leaf([16, 48]), leaf([16]), leaf([16]), leaf([16])]
        return (
            parameters,
            { input in
                let projected = input.linear(parameters[0], parameters[1])
                let attended = projected.selfAttention(AttentionOptions(heads: 4))
                let block = attended.convolution(parameters[2], parameters[3], .centred(taps: 3, padding: .circular))
                    .activated(.gelu)
                return block.layerNorm(parameters[4], parameters[5], adding: input).maxPooled()
            }
        )
    }

    static func distance(_ a: [Float], _ b: [Float]) -> Float {
        a.count == b.count ? zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } : .infinity
    }

    @Test(
        "values and gradients hardly depend on the number of threads, and repeat exactly for the same",
        arguments: 1...4
    )
    func threads(_ count: Int) throws {
        func run(_ threads: Int) throws -> [[Float]] {
            let engine = try Engine(threads: threads, seed: 11)
            let (parameters, value) = Self.network(engine)
            let input = engine.tensor(engine.random.normal(64 * 32 * 16), [64, 32, 16])
            let loss = engine.differentiate { value(input).activated(.square).mean() }
            return [loss.elements] + parameters.compactMap { $0.gradient?.elements }
        }
        let (alone, together) = (try run(1), try run(count))
        #expect(together.count == 7)
        #expect(try run(count) == together)
        for (a, b) in zip(alone, together) { #expect(Self.distance(a, b) < 1e-4) }
    }

    @Test(
        "a feed-forward block is its parts, to the last bit, whether it keeps its hidden values or not",
        arguments: [0, 0.25],
        [16, 4_096]
    )
    func feedForward(dropout: Float, time: Int) throws {
        func run(_ block: (Tensor, [Tensor]) -> Tensor) throws -> [[Float]] {
            let engine = try Engine(threads: 2, seed: 5)
            let parameters = [[96, 24], [96], [24, 96], [24]].map { sizes in
                engine.tensor(engine.random.normal(sizes.reduce(1, *)), sizes, needsGradient: true)
            }
            let input = engine.tensor(engine.random.normal(4 * time * 24), [4, time, 24], needsGradient: true)
            let loss = engine.differentiate { block(input, parameters).activated(.square).mean() }
            return [loss.elements] + ([input] + parameters).compactMap { $0.gradient?.elements }
        }
        let whole = try run { input, p in
            let maps = FeedForwardMaps(inner: (p[0], p[1]), outer: (p[2], p[3]), activation: .gelu)
            return input.feedForward(maps, dropout: dropout)
        }
        let parts = try run { input, p in
            input.linear(p[0], p[1]).activated(.gelu).dropout(dropout).linear(p[2], p[3]).dropout(dropout)
        }
        #expect(whole.count == 6)
        #expect(whole == parts)
    }

    @Test("a plan repeats its computation on new inputs, in memory of its own")
    func plan() throws {
        let engine = try Engine(threads: 2, seed: 1)
        let (_, value) = Self.network(engine)
        let input = engine.filled(0, [8, 12, 16])
        let plan = engine.plan { value(input) }
        let footprint = (engine.footprint, plan.footprint)
        for _ in 0..<10 {
            input.write(engine.random.normal(input.count))
            plan.run()
            #expect(plan.output.elements == value(input).elements)
        }
        #expect(plan.footprint == footprint.1)
        #expect(plan.footprint < 16 * input.count * 4)
    }

    @Test("a recorded plan asks for no memory when it runs")
    func planAllocatesNothing() throws {
        let engine = try Engine(threads: 2, seed: 1)
        let (_, value) = Self.network(engine)
        let input = engine.filled(0.5, [8, 12, 16])
        let plan = engine.plan { value(input) }
        let (requests, footprint) = (engine.pool.requests, plan.footprint)
        for _ in 0..<100 { plan.run() }
        #expect(engine.pool.requests == requests)
        #expect(plan.footprint == footprint)
    }

    @Test("a training loop reaches a steady footprint")
    func footprint() throws {
        let engine = try Engine(seed: 1)
        let (_, value) = Self.network(engine)
        let input = engine.tensor(engine.random.normal(8 * 12 * 16), [8, 12, 16])
        func step() { _ = engine.differentiate { value(input).activated(.square).mean() } }
        step()
        step()
        let footprint = engine.footprint
        for _ in 0..<20 { step() }
        #expect(engine.footprint == footprint)
    }

    @Test("what no gradient is wanted of keeps no memory between operations")
    func withoutTape() throws {
        let engine = try Engine()
        var x = engine.filled(1, [1_000])
        x = x + x
        x = x + x
        let footprint = engine.footprint
        for _ in 0..<50 { x = x + x }
        #expect(engine.footprint == footprint)
    }
}

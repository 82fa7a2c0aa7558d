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

    @Test(
        "weights for inference give what those for training give, also after others were loaded",
        arguments: InstructionSet.available,
        [(1, 40, 24), (7, 33, 50), (257, 8, 16), (3, 400, 300)]
    )
    func fixedWeights(_ set: InstructionSet, _ sizes: (rows: Int, inputs: Int, outputs: Int)) throws {
        let engine = try Engine(threads: 2, seed: 8, instructionSet: set)
        let (inputs, outputs) = (sizes.inputs, sizes.outputs)
        func make(_ trainable: Bool) -> (set: ParameterSet, weight: Tensor, bias: Tensor) {
            let set = ParameterSet(engine: engine, count: (inputs + 1) * outputs, trainable: trainable)
            let weight = set.add([ParameterPiece("weight", [outputs, inputs], .normal(deviation: 1))])
            return (set, weight, set.add([ParameterPiece("bias", [outputs], .normal(deviation: 1))]))
        }
        let (fixed, trained) = (make(false), make(true))
        let input = engine.tensor(engine.random.normal(sizes.rows * inputs), [sizes.rows, inputs])
        for _ in 0..<2 {
            try fixed.set.load(trained.set.exported())
            let expected = input.linear(trained.weight, trained.bias).elements
            // Twice in a plan: what its steps leave in memory must not reach the weights.
            let plan = engine.plan {
                (input + input).linear(fixed.weight, fixed.bias) * 2 - input.linear(fixed.weight, fixed.bias)
            }
            plan.run()
            let found = input.linear(fixed.weight, fixed.bias).elements
            #expect(zip(expected, found).allSatisfy { abs($0 - $1) < 1e-4 })
            let planned = zip(plan.output.elements, zip(expected, trained.bias.elements.repeated(sizes.rows)))
            #expect(planned.allSatisfy { abs($0 - (3 * $1.0 - 2 * $1.1)) < 1e-3 })
            trained.set.restore([engine.random.normal(trained.set.count)])
        }
    }
}

extension [Float] {
    fileprivate func repeated(_ times: Int) -> [Float] { (0..<times).flatMap { _ in self } }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CKernels
import TestSupport
import Testing

@testable import Tensor

@Suite("Kernels")
struct KernelTests {
    static func table(_ set: InstructionSet) throws -> ck_kernels { try #require(ck_named(set.rawValue)).pointee }

    static func numbers(_ count: Int, _ generator: inout SeededRandom) -> [Float] {
        (0..<count).map { _ in Float.random(in: -1...1, using: &generator) }
    }

    @Test("random numbers are those of Philox4x32-10", arguments: InstructionSet.available)
    func philox(_ set: InstructionSet) throws {
        // Known answers of the authors' Random123: counter and key of zeros, word by word.
        let expected: [UInt32] = [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8]
        var numbers = [Float](repeating: 0, count: 64)
        try Self.table(set).random_uniform(ck_random(key: 0, stream: 0), 0, 64, &numbers)
        for (word, bits) in expected.enumerated() {
            #expect(UInt32(numbers[16 * word] * 16_777_216) == bits >> 8)
        }
    }

    @Test("a part of a stream is the same from wherever it is read", arguments: InstructionSet.available)
    func streams(_ set: InstructionSet) throws {
        let (kernels, stream) = (try Self.table(set), ck_random(key: 5, stream: 9))
        var whole = [Int32](repeating: 0, count: 300)
        kernels.random_integers(stream, 0, 300, 1_000, &whole)
        #expect(whole.allSatisfy { (0..<1_000).contains($0) })
        for first in [1, 63, 64, 65, 200] {
            var part = [Int32](repeating: 0, count: 70)
            kernels.random_integers(stream, first, 70, 1_000, &part)
            #expect(part == Array(whole[first..<(first + 70)]))
        }
    }

    @Test(
        "products of small matrices equal the definition",
        arguments: InstructionSet.available,
        0..<40 as Range<UInt64>
    )
    func smallProducts(_ set: InstructionSet, seed: UInt64) throws {
        var generator = SeededRandom(seed: seed)
        let (m, n, k) = (
            Int.random(in: 1...20, using: &generator), Int.random(in: 1...70, using: &generator),
            Int.random(in: 1...20, using: &generator)
        )
        let transposed = Bool.random(using: &generator)
        let (rowStep, columnStep) = transposed ? (1, m) : (k, 1)
        let beta: Float = Bool.random(using: &generator) ? 0 : 0.5
        let (a, b) = (Self.numbers(m * k, &generator), Self.numbers(k * n, &generator))
        var c = Self.numbers(m * n, &generator)
        let before = c
        try Self.table(set).small_gemm(m, n, k, 2, a, rowStep, columnStep, b, n, beta, &c, n)
        for row in 0..<m {
            for column in 0..<n {
                let sum = (0..<k).reduce(Float(0)) { $0 + a[row * rowStep + $1 * columnStep] * b[$1 * n + column] }
                #expect(abs(c[row * n + column] - 2 * sum - beta * before[row * n + column]) < 1e-4)
            }
        }
    }

    @Test(
        "maps by packed matrices equal the definition, and a row's result does not depend on the others",
        arguments: InstructionSet.available,
        0..<40 as Range<UInt64>
    )
    func packedMaps(_ set: InstructionSet, seed: UInt64) throws {
        var generator = SeededRandom(seed: seed)
        let (rows, outputs, inputs) = (
            Int.random(in: 1...150, using: &generator), Int.random(in: 1...150, using: &generator),
            [1, 7, 64, 130, 300].randomElement(using: &generator) ?? 1
        )
        let engine = try Engine(threads: 3, instructionSet: set)
        let set = ParameterSet(engine: engine, count: outputs * (inputs + 1), trainable: false)
        let weight = set.add([ParameterPiece("weight", [outputs, inputs], .uniform(bound: 1))])
        let bias = set.add([ParameterPiece("bias", [outputs], .uniform(bound: 1))])
        let input = Self.numbers(rows * inputs, &generator)
        let result = engine.tensor(input, [rows, inputs]).linear(weight, bias).elements
        let (w, b) = (weight.elements, bias.elements)
        for row in 0..<rows {
            for column in 0..<outputs {
                let sum = (0..<inputs).reduce(b[column]) { $0 + input[row * inputs + $1] * w[column * inputs + $1] }
                #expect(abs(result[row * outputs + column] - sum) < 1e-4)
            }
        }
        let last = engine.tensor(Array(input.suffix(inputs)), [1, inputs]).linear(weight, bias).elements
        #expect(last == Array(result.suffix(outputs)))
    }

    @Test("of equal measures the first queries are chosen", arguments: InstructionSet.available)
    func equalMeasures(_ set: InstructionSet) throws {
        // Keys of nothing score 0 for every query, so that the attending queries are the first ones: all others
        // take the mean of the values, as those do here whose scores are equal.
        let engine = try Engine(instructionSet: set)
        let samples = engine.indices([Int32](repeating: 0, count: 40), [40, 1])
        var options = AttentionOptions(heads: 1)
        options.causal = true
        options.sparsity = ProbabilisticSparsity(selected: 3, samples: samples)
        let x = (0..<40).flatMap { [Float](repeating: 0, count: 8) + [Float](repeating: Float($0 + 1), count: 4) }
        let result = engine.tensor(x, [1, 40, 12]).selfAttention(options).elements
        for time in 0..<40 {
            // The mean of the values so far for those that attend, their sum for the others.
            let sum = Float((time + 1) * (time + 2) / 2)
            #expect(abs(result[4 * time] - (time < 3 ? sum / Float(time + 1) : sum)) < 1e-3)
        }
    }

    @Test("each part of a step runs once, whichever thread takes it", arguments: [2, 3, 5])
    func parts(threads: Int) throws {
        let engine = try Engine(threads: threads)
        let counts = engine.filled(0, [997])
        let place = counts.pointer
        for round in 1...2_000 {
            engine.perform(997, cost: 1_000) { range, _ in
                for index in range { place[index] += 1 }
            }
            #expect(place[round % 997] == Float(round))
        }
        #expect(counts.elements.allSatisfy { $0 == 2_000 })
    }

    @Test("GELU and the exponential are exact to rounding", arguments: InstructionSet.available)
    func functions(_ set: InstructionSet) throws {
        let kernels = try Self.table(set)
        let x = (-800...800).map { Float($0) / 100 }
        var y = x
        kernels.unary(Int32(CK_EXP), x.count, x, &y)
        // exp(x) exp(-x) = 1.
        for index in x.indices { #expect(abs(y[index] * y[x.count - 1 - index] - 1) < 1e-6) }
        kernels.unary(Int32(CK_GELU), x.count, x, &y)
        // gelu(x) - gelu(-x) = x, and a value from tables of the normal distribution.
        for index in x.indices { #expect(abs(y[index] - y[x.count - 1 - index] - x[index]) < 2e-6) }
        #expect(abs(y[900] - 0.841_344_7) < 1e-6)
    }

    @Test("dropout drops its share and keeps the expectation", arguments: InstructionSet.available)
    func dropout(_ set: InstructionSet) throws {
        let engine = try Engine(seed: 3, instructionSet: set)
        let dropped = engine.filled(1, [40_000]).dropout(0.25)
        let zeros = dropped.elements.count { $0 == 0 }
        #expect(abs(Double(zeros) / 40_000 - 0.25) < 0.01)
        #expect(abs(dropped.mean().scalar - 1) < 0.02)
    }
}

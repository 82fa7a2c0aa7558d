// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Tensor

/// Attention against its definition in plain loops, with sampled scores alone and with all of them.
@Suite("Attention")
struct AttentionTests {
    struct Setting: CustomTestStringConvertible, Sendable {
        let time: Int
        let size: Int
        let sampled: Int
        let causal: Bool

        var testDescription: String { "\(time) steps, heads of \(size), \(sampled) samples\(causal ? ", causal" : "")" }
    }

    static let settings = [
        Setting(time: 40, size: 8, sampled: 2, causal: false), Setting(time: 40, size: 3, sampled: 2, causal: true),
        Setting(time: 40, size: 16, sampled: 11, causal: false), Setting(time: 19, size: 5, sampled: 7, causal: true),
    ]

    @Test("is that of the definition", arguments: settings, InstructionSet.available)
    func definition(_ setting: Setting, _ set: InstructionSet) throws {
        let engine = try Engine(threads: 2, seed: 1, instructionSet: set)
        let (batch, heads, selected) = (3, 2, 6)
        let width = heads * setting.size
        let input = engine.random.normal(batch * setting.time * 3 * width)
        let samples = engine.random.integers(setting.time * setting.sampled, below: setting.time)
        var options = AttentionOptions(heads: heads)
        options.causal = setting.causal
        options.sparsity = ProbabilisticSparsity(
            selected: selected,
            samples: engine.indices(samples, [setting.time, setting.sampled])
        )
        let result = engine.tensor(input, [batch, setting.time, 3 * width]).selfAttention(options).elements
        for entry in 0..<batch {
            for head in 0..<heads {
                func rows(_ part: Int) -> [[Float]] {
                    (0..<setting.time).map { row in
                        let start = ((entry * setting.time + row) * 3 + part) * width + head * setting.size
                        return Array(input[start..<(start + setting.size)])
                    }
                }
                let expected = Self.head(rows(0), rows(1), rows(2), samples, setting, selected)
                for row in 0..<setting.time {
                    let start = (entry * setting.time + row) * width + head * setting.size
                    for element in 0..<setting.size {
                        #expect(abs(result[start + element] - expected[row][element]) < 2e-4)
                    }
                }
            }
        }
    }

    /// One head of one batch entry.
    static func head(
        _ q: [[Float]],
        _ k: [[Float]],
        _ v: [[Float]],
        _ samples: [Int32],
        _ setting: Setting,
        _ selected: Int
    ) -> [[Float]] {
        func dot(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        func weighted(_ weights: [Float]) -> [Float] {
            v[0].indices.map { element in weights.indices.reduce(0) { $0 + weights[$1] * v[$1][element] } }
        }
        let measure = q.indices.map { row in
            let chosen = samples[(row * setting.sampled)..<((row + 1) * setting.sampled)]
            let scores = chosen.map { dot(q[row], k[Int($0)]) }
            return (scores.max() ?? 0) - scores.reduce(0, +) / Float(k.count)
        }
        let attending = q.indices.sorted { measure[$0] > measure[$1] }.prefix(selected)
        return q.indices.map { row in
            let allowed = setting.causal ? row + 1 : k.count
            guard attending.contains(row) else {
                return weighted([Float](repeating: setting.causal ? 1 : 1 / Float(k.count), count: allowed))
            }
            let scores = (0..<allowed).map { dot(q[row], k[$0]) / Float(setting.size).squareRoot() }
            let exponentials = scores.map { exponential($0 - (scores.max() ?? 0)) }
            return weighted(exponentials.map { $0 / exponentials.reduce(0, +) })
        }
    }

    /// exp(x) by its series, after halvings of x.
    static func exponential(_ x: Float) -> Float {
        let small = Double(x) / 1_024
        var (term, sum) = (1.0, 1.0)
        for n in 1...8 { (term, sum) = (term * small / Double(n), sum + term * small / Double(n)) }
        return Float((0..<10).reduce(sum) { value, _ in value * value })
    }
}

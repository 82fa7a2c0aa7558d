// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Tensor

@Suite("Parameters and Adam")
struct AdamTests {
    static func set(_ engine: Engine) -> (ParameterSet, Tensor) {
        let set = ParameterSet(engine: engine, count: 4)
        return (set, set.add([ParameterPiece("a", [3], .constant(1)), ParameterPiece("b", [1], .constant(-1))]))
    }

    @Test("each step is that of the published algorithm")
    func steps() throws {
        let engine = try Engine()
        let (set, parameter) = Self.set(engine)
        let adam = Adam(set)
        var (x, m, v) = ([1.0, 1, 1, -1], [0.0, 0, 0, 0], [0.0, 0, 0, 0])
        for step in 1...20 {
            _ = engine.differentiate { (parameter * parameter * parameter).sum() }
            adam.step(rate: 0.05)
            for index in 0..<4 {
                let gradient = 3 * x[index] * x[index]
                m[index] = 0.9 * m[index] + 0.1 * gradient
                v[index] = 0.999 * v[index] + 0.001 * gradient * gradient
                let (first, second) = (1 - power(0.9, step), 1 - power(0.999, step))
                x[index] -= 0.05 * m[index] / first / ((v[index] / second).squareRoot() + 1e-8)
            }
            for index in 0..<4 { #expect(abs(Double(set.values.elements[index]) - x[index]) < 1e-5) }
        }
    }

    private func power(_ base: Double, _ exponent: Int) -> Double { (0..<exponent).reduce(1) { x, _ in x * base } }

    @Test("gradients beyond the largest norm are scaled down to it")
    func clipping() throws {
        // Adam forgets the scale of its first step, so the moments are seen in the second.
        let engine = try Engine()
        func moved(_ norm: Float?) -> [Float] {
            let (set, parameter) = Self.set(engine)
            let adam = Adam(set)
            for factor: Float in [1_000, 1] {
                _ = engine.differentiate { (parameter * factor).sum() }
                if factor == 1_000 { #expect(abs(set.gradientNorm - 2_000) < 0.1) }
                adam.step(rate: 0.1, clipping: norm.map { .norm($0) })
            }
            return set.values.elements
        }
        #expect(moved(1)[0] < moved(nil)[0] - 0.01)
    }

    @Test("parameters are stored and taken back under their names, filters in the order of files")
    func storage() throws {
        let engine = try Engine(seed: 5)
        func make() -> (ParameterSet, Tensor) {
            let set = ParameterSet(engine: engine, count: 12)
            return (set, set.add([ParameterPiece("w", [2, 2, 3], .normal(deviation: 1), swapsTaps: true)]))
        }
        let ((first, filter), (second, copy)) = (make(), make())
        #expect(filter.sizes == [2, 6])
        try second.load(first.exported())
        #expect(copy.elements == filter.elements)
        let stored = try #require(first.exported().first)
        #expect(stored.sizes == [2, 2, 3])
        // [out 0, in 1, tap 2] is at tap 2, in 1 of the engine's row 0.
        #expect(stored.elements[5] == filter.elements[5])
        #expect(stored.elements[1] == filter.elements[2])
        let wrong = [NamedElements(name: "w", sizes: [12], elements: stored.elements)]
        #expect(throws: TensorError.parameterShape(name: "w", expected: [2, 2, 3], actual: [12])) {
            try second.load(wrong)
        }
        #expect(throws: TensorError.parameterMissing(name: "w")) { try second.load([]) }
    }
}

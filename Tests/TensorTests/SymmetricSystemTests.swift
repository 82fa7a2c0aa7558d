// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Tensor

@Suite("Linear algebra")
struct SymmetricSystemTests {
    static func random(_ rows: Int, _ columns: Int, _ generator: inout SeededRandom) -> Matrix<Double> {
        let elements = (0..<(rows * columns)).map { _ in Double.random(in: -1...1, using: &generator) }
        return Matrix(rows: rows, columns: columns, elements: elements)
    }

    static func product(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Matrix<Double> {
        var result = Matrix<Double>(rows: a.rows, columns: b.columns)
        for row in 0..<a.rows {
            for column in 0..<b.columns {
                result[row, column] = (0..<a.columns).reduce(0) { $0 + a[row, $1] * b[$1, column] }
            }
        }
        return result
    }

    static func transposed(_ a: Matrix<Double>) -> Matrix<Double> {
        var result = Matrix<Double>(rows: a.columns, columns: a.rows)
        for row in 0..<a.rows { for column in 0..<a.columns { result[column, row] = a[row, column] } }
        return result
    }

    static func distance(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Double {
        zip(a.elements, b.elements).reduce(0) { max($0, abs($1.0 - $1.1)) }
    }

    @Test("products equal the definition, transposed or not", arguments: 0..<20)
    func products(seed: UInt64) {
        var generator = SeededRandom(seed: seed)
        let sizes = (0..<3).map { _ in Int.random(in: 1...9, using: &generator) }
        let a = Self.random(sizes[0], sizes[1], &generator)
        let b = Self.random(sizes[1], sizes[2], &generator)
        let expected = Self.product(a, b)
        #expect(Self.distance(LinearAlgebra.multiply(a, b), expected) < 1e-12)
        let (at, bt) = (Self.transposed(a), Self.transposed(b))
        #expect(Self.distance(LinearAlgebra.multiply(at, transposeA: true, bt, transposeB: true), expected) < 1e-12)
        #expect(Self.distance(LinearAlgebra.gram(a), Self.product(at, a)) < 1e-12)
    }

    @Test("a positive definite system is solved exactly, without a ridge", arguments: 0..<20)
    func solves(seed: UInt64) throws {
        var generator = SeededRandom(seed: seed)
        let order = Int.random(in: 1...12, using: &generator)
        let matrix = LinearAlgebra.gram(Self.random(order + 8, order, &generator))
        let solution = Self.random(3, order, &generator)
        let system = try SymmetricSystem(matrix: matrix, rightSides: Self.product(solution, matrix))
        #expect(system.ridge == 0)
        #expect(Self.distance(system.solution, solution) < 1e-8)
    }

    @Test("dependent columns are reported by the factor and solved with a small ridge")
    func dependentColumns() throws {
        var generator = SeededRandom(seed: 1)
        var data = Self.random(30, 4, &generator)
        for row in 0..<30 { data[row, 3] = data[row, 0] + 2 * data[row, 1] }
        let matrix = LinearAlgebra.gram(data)
        #expect(throws: TensorError.notPositiveDefinite(order: 4, minor: 4)) {
            try CholeskyFactor(matrix, tolerance: 1e-11)
        }
        let target = Matrix<Double>(rows: 1, columns: 4, elements: [1, 2, 3, 0])
        let system = try SymmetricSystem(matrix: matrix, rightSides: Self.product(target, matrix))
        #expect(system.ridge > 0)
        let fitted = Self.product(data, Self.transposed(system.solution))
        #expect(Self.distance(fitted, Self.product(data, Self.transposed(target))) < 1e-6)
    }

    @Test("a column without information gets the coefficient zero, and NaN is an error")
    func emptyColumns() throws {
        let matrix = Matrix<Double>(rows: 2, columns: 2, elements: [4, 0, 0, 0])
        let sides = Matrix<Double>(rows: 1, columns: 2, elements: [8, 0])
        #expect(try SymmetricSystem(matrix: matrix, rightSides: sides).solution.elements == [2, 0])
        let broken = Matrix<Double>(rows: 1, columns: 1, elements: [.infinity])
        #expect(throws: TensorError.self) {
            try SymmetricSystem(matrix: broken, rightSides: Matrix(rows: 1, columns: 1))
        }
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport

@testable import Parquet

/// Columns of all kinds that the writer knows, with random values.
struct RandomTable {
    static let kinds: [ParquetKind] =
        [.boolean, .float, .double, .string, .bytes, .date, .decimal(precision: 18, scale: 4)]
        + [8, 16, 32, 64].flatMap { [.integer(bits: $0, isSigned: true), .integer(bits: $0, isSigned: false)] }
        + ParquetTimeUnit.allCases.map { .time($0) }
        + ParquetTimeUnit.allCases.flatMap { [.timestamp($0, isUTC: true), .timestamp($0, isUTC: false)] }

    var columns: [ParquetColumn] = []
    var values: [ParquetValues] = []

    /// Draws `rows` values of every kind; a column lacks none, some or all of them.
    init(rows: Int, using random: inout SeededRandom) {
        for kind in Self.kinds {
            for missing in [nil, 0, 30, 100] {
                let name = "\(kind) \(missing.map { "\($0) %" } ?? "required")"
                let column = ParquetColumn(name: name, kind: kind, isOptional: missing != nil)
                let flags = missing.map { missing in (0..<rows).map { _ in !random.chance(missing) } }
                columns.append(column)
                let storage = Self.storage(of: column, rows, &random)
                values.append(ParquetValues(column: column, storage: storage, isPresent: flags))
            }
        }
    }

    private static func storage(
        of column: ParquetColumn,
        _ rows: Int,
        _ random: inout SeededRandom
    ) -> ParquetValues.Storage {
        switch column.physicalType {
        case .boolean: return .booleans((0..<rows).map { _ in random.chance(20) })
        case .int32:
            let range = range32(column.kind)
            return .int32(integers(rows, &random).map { Int32(truncatingIfNeeded: range.wrapping($0)) })
        case .int64: return .int64(integers(rows, &random).map { limited($0, column.kind) })
        case .float:
            let floats = (0..<rows).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: random.next())) }
            // Python does not keep the bits of every NaN.
            return .floats(floats.map { $0.isNaN ? .nan : $0 })
        case .double:
            let doubles = (0..<rows).map { random.chance(50) ? Double($0 % 7) : Double(bitPattern: random.next()) }
            return .doubles(doubles.map { $0.isNaN ? .nan : $0 })
        default:
            let texts = (0..<rows).map { _ in
                Array("text \(random.chance(70) ? Int.random(in: 0..<5, using: &random) : rows)é".utf8)
            }
            return .texts(ParquetTexts(texts))
        }
    }

    /// Stretches of steady, repeated and random numbers.
    private static func integers(_ rows: Int, _ random: inout SeededRandom) -> [Int64] {
        (0..<rows).map { row in
            switch row / 50 % 3 {
            case 0: Int64(row) * 600
            case 1: Int64.random(in: 0..<3, using: &random)
            default: Int64(bitPattern: random.next() >> UInt64.random(in: 0..<64, using: &random))
            }
        }
    }

    private static func range32(_ kind: ParquetKind) -> ClosedRange<Int64> {
        switch kind {
        case .integer(8, true): -128...127
        case .integer(8, false): 0...255
        case .integer(16, true): -32768...32767
        case .integer(16, false): 0...65535
        case .time: 0...86_399_999
        default: Int64(Int32.min)...Int64(Int32.max)
        }
    }

    private static func limited(_ value: Int64, _ kind: ParquetKind) -> Int64 {
        switch kind {
        case .decimal: (-999_999_999_999_999_999...999_999_999_999_999_999).wrapping(value)
        case .time(let unit): (0...86_400 * unit.perSecond - 1).wrapping(value)
        default: value
        }
    }
}

extension ClosedRange<Int64> {
    /// A number of the range that another one leads to.
    fileprivate func wrapping(_ value: Int64) -> Int64 {
        guard !contains(value) else { return value }
        return lowerBound + Int64(value.magnitude % UInt64(upperBound - lowerBound))
    }
}

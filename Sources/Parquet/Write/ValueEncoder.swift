// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What the values of a type have of their own when they are written.
protocol ValueEncoder {
    associatedtype Value
    associatedtype Key: Hashable

    /// Whether the format has dictionaries for the type.
    static var hasDictionary: Bool { get }
    /// The bits of the type's differences; 0 where the format has none.
    static var deltaBits: Int { get }

    /// Tells apart what must not share an entry of a dictionary, as 0 and -0.
    static func key(_ value: Value) -> Key
    static func appendPlain(_ values: ArraySlice<Value>, to page: inout [UInt8])
    static func deltas(_ values: ArraySlice<Value>) -> [Int64]
    /// Nil bounds where there is no value to bound.
    static func statistics(_ values: [Value], nulls: Int) -> ColumnStatistics
}

extension ValueEncoder {
    static var hasDictionary: Bool { true }
    static var deltaBits: Int { 0 }
    static func deltas(_ values: ArraySlice<Value>) -> [Int64] { [] }
}

extension ValueEncoder where Value == Self, Self: FixedWidthInteger {
    static var deltaBits: Int { bitWidth }

    static func key(_ value: Self) -> Self { value }

    static func appendPlain(_ values: ArraySlice<Self>, to page: inout [UInt8]) {
        values.withUnsafeBytes { page.append(contentsOf: $0) }
    }

    static func deltas(_ values: ArraySlice<Self>) -> [Int64] { values.map { Int64(truncatingIfNeeded: $0) } }

    static func statistics(_ values: [Self], nulls: Int) -> ColumnStatistics {
        ColumnStatistics(
            nullCount: Int64(nulls),
            smallest: values.min().map { Swift.withUnsafeBytes(of: $0) { Array($0) } },
            largest: values.max().map { Swift.withUnsafeBytes(of: $0) { Array($0) } }
        )
    }
}

extension Int32: ValueEncoder {}
extension Int64: ValueEncoder {}
extension UInt32: ValueEncoder {}
extension UInt64: ValueEncoder {}

/// A float whose bits are its identity.
protocol BitPatterned: BinaryFloatingPoint {
    associatedtype Bits: Hashable
    var bitPattern: Bits { get }
}

extension ValueEncoder where Value == Self, Self: BitPatterned {
    static func key(_ value: Self) -> Self.Bits { value.bitPattern }

    static func appendPlain(_ values: ArraySlice<Self>, to page: inout [UInt8]) {
        values.withUnsafeBytes { page.append(contentsOf: $0) }
    }

    /// NaN has no order and is left out; a zero bounds from below as -0 and from above as 0. All as the format asks.
    static func statistics(_ values: [Self], nulls: Int) -> ColumnStatistics {
        let ordered = values.lazy.filter { !$0.isNaN }
        let smallest = ordered.min().map { $0 == 0 ? -Self.zero : $0 }
        let largest = ordered.max().map { $0 == 0 ? Self.zero : $0 }
        return ColumnStatistics(
            nullCount: Int64(nulls),
            smallest: smallest.map { Swift.withUnsafeBytes(of: $0) { Array($0) } },
            largest: largest.map { Swift.withUnsafeBytes(of: $0) { Array($0) } }
        )
    }
}

extension Float: BitPatterned, ValueEncoder {
    typealias Key = UInt32
}

extension Double: BitPatterned, ValueEncoder {
    typealias Key = UInt64
}

/// Booleans: one bit each.
enum BooleanForm: ValueEncoder {
    static var hasDictionary: Bool { false }

    static func key(_ value: Bool) -> Bool { value }

    static func appendPlain(_ values: ArraySlice<Bool>, to page: inout [UInt8]) {
        var byte: UInt8 = 0
        var bits: UInt8 = 0
        for value in values {
            byte |= (value ? 1 : 0) << bits
            bits += 1
            if bits == 8 {
                page.append(byte)
                (byte, bits) = (0, 0)
            }
        }
        if bits > 0 { page.append(byte) }
    }

    static func statistics(_ values: [Bool], nulls: Int) -> ColumnStatistics {
        let bounds = values.isEmpty ? nil : (values.contains(false) ? 0 : 1, values.contains(true) ? 1 : 0)
        return ColumnStatistics(
            nullCount: Int64(nulls),
            smallest: bounds.map { [UInt8($0.0)] },
            largest: bounds.map { [UInt8($0.1)] }
        )
    }
}

/// Byte strings: a length of four bytes before each.
enum TextForm: ValueEncoder {
    /// Longer bounds are not worth their place in every footer.
    private static let longestBound = 64

    static func key(_ value: ArraySlice<UInt8>) -> ArraySlice<UInt8> { value }

    static func appendPlain(_ values: ArraySlice<ArraySlice<UInt8>>, to page: inout [UInt8]) {
        for value in values {
            page.appendLittleEndian(UInt32(clamping: value.count))
            page += value
        }
    }

    static func statistics(_ values: [ArraySlice<UInt8>], nulls: Int) -> ColumnStatistics {
        let bounds = (values.min(by: isLess), values.max(by: isLess))
        guard let smallest = bounds.0, let largest = bounds.1, smallest.count <= longestBound,
            largest.count <= longestBound
        else { return ColumnStatistics(nullCount: Int64(nulls)) }
        return ColumnStatistics(nullCount: Int64(nulls), smallest: Array(smallest), largest: Array(largest))
    }

    private static func isLess(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Bool {
        left.lexicographicallyPrecedes(right)
    }
}

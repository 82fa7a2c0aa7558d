// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The unit of a time; numbered as in the format.
package enum ParquetTimeUnit: Int, Sendable, CaseIterable {
    /// Thousandths of a second.
    case milliseconds = 1
    /// Millionths of a second.
    case microseconds = 2
    /// Thousand-millionths of a second.
    case nanoseconds = 3

    /// How many make a second.
    package var perSecond: Int64 {
        switch self {
        case .milliseconds: 1000
        case .microseconds: 1_000_000
        case .nanoseconds: 1_000_000_000
        }
    }

    fileprivate var symbol: String {
        switch self {
        case .milliseconds: "ms"
        case .microseconds: "us"
        case .nanoseconds: "ns"
        }
    }
}

/// What the values of a column mean.
package enum ParquetKind: Sendable, Equatable, CustomStringConvertible {
    /// True or false.
    case boolean
    /// Whole numbers of so many bits.
    case integer(bits: Int, isSigned: Bool)
    /// IEEE half precision.
    case float16
    /// IEEE single precision.
    case float
    /// IEEE double precision.
    case double
    /// Whole numbers over ten to the power of `scale`.
    case decimal(precision: Int, scale: Int)
    /// UTF-8.
    case string
    /// Bytes without a known meaning.
    case bytes
    /// Days since 1970-01-01.
    case date
    /// Units since midnight.
    case time(ParquetTimeUnit)
    /// Units since 1970-01-01T00:00:00, in UTC or in an unnamed place's local time.
    case timestamp(ParquetTimeUnit, isUTC: Bool)
    /// The old form of timestamps, in UTC by agreement.
    case int96

    package var description: String {
        switch self {
        case .boolean: "boolean"
        case .integer(let bits, let isSigned): (isSigned ? "int" : "uint") + "\(bits)"
        case .float16: "float16"
        case .float: "float"
        case .double: "double"
        case .decimal(let precision, let scale): "decimal(\(precision), \(scale))"
        case .string: "string"
        case .bytes: "bytes"
        case .date: "date"
        case .time(let unit): "time[\(unit.symbol)]"
        case .timestamp(let unit, let isUTC): "timestamp[\(unit.symbol)\(isUTC ? ", UTC" : "")]"
        case .int96: "timestamp[int96]"
        }
    }

    /// Whether each value is a number that a double can stand for.
    package var isNumeric: Bool {
        switch self {
        case .boolean, .integer, .float16, .float, .double, .decimal: true
        case .string, .bytes, .date, .time, .timestamp, .int96: false
        }
    }
}

/// A column of a flat schema.
package struct ParquetColumn: Sendable, Equatable {
    /// The column's name.
    package let name: String
    /// What its values mean.
    package let kind: ParquetKind
    /// How its values lie in the file.
    package let physicalType: PhysicalType
    /// Bytes a value, for `fixedByteArray`; else 0.
    package let valueLength: Int
    /// Whether values may be missing.
    package let isOptional: Bool

    /// A column as the writer takes it, with the physical type that suits its kind.
    ///
    /// Decimals of up to 18 digits become `int64`; other kinds that `ParquetWriter` does not write are refused there.
    package init(name: String, kind: ParquetKind, isOptional: Bool = false) {
        self.name = name
        self.kind = kind
        self.isOptional = isOptional
        var length = 0
        switch kind {
        case .boolean: physicalType = .boolean
        case .integer(let bits, _): physicalType = bits > 32 ? .int64 : .int32
        case .float16:
            physicalType = .fixedByteArray
            length = 2
        case .float: physicalType = .float
        case .double: physicalType = .double
        case .string, .bytes: physicalType = .byteArray
        case .date: physicalType = .int32
        case .time(let unit): physicalType = unit == .milliseconds ? .int32 : .int64
        case .decimal, .timestamp: physicalType = .int64
        case .int96: physicalType = .int96
        }
        valueLength = length
    }

    /// A column as a file's schema has it.
    init(leaf element: SchemaElement, type: PhysicalType) throws(ParquetProblem) {
        name = element.name
        physicalType = type
        isOptional = element.repetition != .required
        if type == .fixedByteArray {
            guard let length = element.typeLength, length > 0 else {
                throw .damaged("column '\(element.name)' has values of a fixed length that is not given")
            }
            valueLength = Int(length)
        } else {
            valueLength = 0
        }
        kind = Self.kind(of: element, type, length: valueLength)
    }

    /// An annotation that does not go with the physical type is taken as if it were not there, as the format asks.
    private static func kind(of element: SchemaElement, _ type: PhysicalType, length: Int) -> ParquetKind {
        switch (element.logicalType ?? older(element), type) {
        case (.string, .byteArray): return .string
        case (.decimal(let scale, let precision), .int32), (.decimal(let scale, let precision), .int64),
            (.decimal(let scale, let precision), .byteArray), (.decimal(let scale, let precision), .fixedByteArray):
            guard scale >= 0, precision >= scale else { break }
            return .decimal(precision: Int(precision), scale: Int(scale))
        case (.date, .int32): return .date
        case (.time(_, .milliseconds), .int32): return .time(.milliseconds)
        case (.time(_, let unit), .int64) where unit != .milliseconds: return .time(unit)
        case (.timestamp(let isUTC, let unit), .int64): return .timestamp(unit, isUTC: isUTC)
        case (.integer(let bits, let isSigned), .int32) where [8, 16, 32].contains(bits):
            return .integer(bits: bits, isSigned: isSigned)
        case (.integer(64, let isSigned), .int64): return .integer(bits: 64, isSigned: isSigned)
        case (.float16, .fixedByteArray) where length == 2: return .float16
        default: break
        }
        switch type {
        case .boolean: return .boolean
        case .int32: return .integer(bits: 32, isSigned: true)
        case .int64: return .integer(bits: 64, isSigned: true)
        case .int96: return .int96
        case .float: return .float
        case .double: return .double
        case .byteArray, .fixedByteArray: return .bytes
        }
    }

    /// The annotation in the form of older writers.
    private static func older(_ element: SchemaElement) -> LogicalType? {
        switch element.convertedType {
        case 0: .string
        case 5: .decimal(scale: element.scale ?? 0, precision: element.precision ?? 0)
        case 6: .date
        case 7: .time(isAdjustedToUTC: true, unit: .milliseconds)
        case 8: .time(isAdjustedToUTC: true, unit: .microseconds)
        case 9: .timestamp(isAdjustedToUTC: true, unit: .milliseconds)
        case 10: .timestamp(isAdjustedToUTC: true, unit: .microseconds)
        case 11: .integer(bits: 8, isSigned: false)
        case 12: .integer(bits: 16, isSigned: false)
        case 13: .integer(bits: 32, isSigned: false)
        case 14: .integer(bits: 64, isSigned: false)
        case 15: .integer(bits: 8, isSigned: true)
        case 16: .integer(bits: 16, isSigned: true)
        case 17: .integer(bits: 32, isSigned: true)
        case 18: .integer(bits: 64, isSigned: true)
        default: nil
        }
    }
}

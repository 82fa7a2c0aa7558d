// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// One node of a file's schema, which is a tree written in depth-first order.
struct SchemaElement: Equatable {
    enum Repetition: Int32 {
        case required = 0
        case optional = 1
        case repeated = 2
    }

    var type: PhysicalType?
    var typeLength: Int32?
    /// Nil for the root.
    var repetition: Repetition?
    var name = ""
    var childCount: Int32 = 0
    /// The number of an annotation as writers made them before `logicalType`.
    var convertedType: Int32?
    var scale: Int32?
    var precision: Int32?
    var logicalType: LogicalType?

    init(name: String) { self.name = name }

    init(_ reader: inout ThriftReader) throws(ParquetProblem) {
        var element = SchemaElement(name: "")
        try reader.structure { reader, field throws(ParquetProblem) in
            switch field.id {
            case 1:
                let number = try reader.int32(field)
                guard let type = PhysicalType(rawValue: number) else {
                    throw .unsupported("the physical type \(number)")
                }
                element.type = type
            case 2: element.typeLength = try reader.int32(field)
            case 3:
                let number = try reader.int32(field)
                guard let repetition = Repetition(rawValue: number) else {
                    throw .damaged("the schema has the unknown repetition \(number)")
                }
                element.repetition = repetition
            case 4: element.name = try reader.string(field)
            case 5: element.childCount = try reader.int32(field)
            case 6: element.convertedType = try reader.int32(field)
            case 7: element.scale = try reader.int32(field)
            case 8: element.precision = try reader.int32(field)
            case 10: element.logicalType = try LogicalType(&reader, field)
            default: return false
            }
            return true
        }
        self = element
    }

    func write(to writer: inout ThriftWriter) {
        writer.structure { writer in
            if let type { writer.int32(1, type.rawValue) }
            if let typeLength { writer.int32(2, typeLength) }
            if let repetition { writer.int32(3, repetition.rawValue) }
            writer.binary(4, name.utf8)
            if type == nil { writer.int32(5, childCount) }
            if let convertedType { writer.int32(6, convertedType) }
            if let scale { writer.int32(7, scale) }
            if let precision { writer.int32(8, precision) }
            logicalType?.write(to: &writer, id: 10)
        }
    }
}

/// What values mean: those annotations that make a difference to a reader of numbers, times and texts.
enum LogicalType: Equatable {
    case string
    case decimal(scale: Int32, precision: Int32)
    case date
    case time(isAdjustedToUTC: Bool, unit: ParquetTimeUnit)
    case timestamp(isAdjustedToUTC: Bool, unit: ParquetTimeUnit)
    case integer(bits: Int, isSigned: Bool)
    case float16
    /// JSON, BSON, UUID, enumerations and whatever came later: read as what lies in the file.
    case other

    init(_ reader: inout ThriftReader, _ field: ThriftReader.Field) throws(ParquetProblem) {
        try reader.expect(field, .structure)
        var found = LogicalType.other
        try reader.structure { reader, member throws(ParquetProblem) in
            // The union's members are all structures.
            guard member.kind == .structure else { return false }
            switch member.id {
            case 1:
                found = .string
                return false
            case 5: found = try Self.decimal(&reader)
            case 6:
                found = .date
                return false
            case 7:
                let (isUTC, unit) = try Self.time(&reader)
                found = .time(isAdjustedToUTC: isUTC, unit: unit)
            case 8:
                let (isUTC, unit) = try Self.time(&reader)
                found = .timestamp(isAdjustedToUTC: isUTC, unit: unit)
            case 10: found = try Self.integer(&reader)
            case 15:
                found = .float16
                return false
            default: return false
            }
            return true
        }
        self = found
    }

    private static func decimal(_ reader: inout ThriftReader) throws(ParquetProblem) -> LogicalType {
        var scale: Int32 = 0
        var precision: Int32 = 0
        try reader.structure { reader, field throws(ParquetProblem) in
            switch field.id {
            case 1: scale = try reader.int32(field)
            case 2: precision = try reader.int32(field)
            default: return false
            }
            return true
        }
        return .decimal(scale: scale, precision: precision)
    }

    private static func time(_ reader: inout ThriftReader) throws(ParquetProblem) -> (Bool, ParquetTimeUnit) {
        var isUTC = false
        var unit: ParquetTimeUnit?
        try reader.structure { reader, field throws(ParquetProblem) in
            switch field.id {
            case 1:
                isUTC = try reader.boolean(field)
                return true
            case 2:
                try reader.expect(field, .structure)
                try reader.structure { _, member in
                    unit = ParquetTimeUnit(rawValue: member.id)
                    return false
                }
                return true
            default: return false
            }
        }
        guard let unit else { throw .unsupported("a time without a known unit") }
        return (isUTC, unit)
    }

    private static func integer(_ reader: inout ThriftReader) throws(ParquetProblem) -> LogicalType {
        var bits: Int8 = 0
        var isSigned = true
        try reader.structure { reader, field throws(ParquetProblem) in
            switch field.id {
            case 1: bits = try reader.byte(field)
            case 2: isSigned = try reader.boolean(field)
            default: return false
            }
            return true
        }
        return .integer(bits: Int(bits), isSigned: isSigned)
    }

    func write(to writer: inout ThriftWriter, id: Int) {
        switch self {
        case .string: writer.structure(id) { $0.structure(1) { _ in } }
        case .date: writer.structure(id) { $0.structure(6) { _ in } }
        case .float16: writer.structure(id) { $0.structure(15) { _ in } }
        case .decimal(let scale, let precision):
            writer.structure(id) { union in
                union.structure(5) {
                    $0.int32(1, scale)
                    $0.int32(2, precision)
                }
            }
        case .time(let isUTC, let unit): Self.write(to: &writer, id: id, member: 7, isUTC, unit)
        case .timestamp(let isUTC, let unit): Self.write(to: &writer, id: id, member: 8, isUTC, unit)
        case .integer(let bits, let isSigned):
            writer.structure(id) { union in
                union.structure(10) {
                    $0.byte(1, Int8(truncatingIfNeeded: bits))
                    $0.boolean(2, isSigned)
                }
            }
        case .other: break
        }
    }

    private static func write(
        to writer: inout ThriftWriter,
        id: Int,
        member: Int,
        _ isUTC: Bool,
        _ unit: ParquetTimeUnit
    ) {
        writer.structure(id) { union in
            union.structure(member) { time in
                time.boolean(1, isUTC)
                time.structure(2) { $0.structure(unit.rawValue) { _ in } }
            }
        }
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The part of a column that lies in one row group.
struct ColumnChunkMetadata: Equatable {
    /// Another file that the part lies in; nobody writes that.
    var filePath: String?
    var type: Int32 = 0
    var encodings: [Int32] = []
    var path: [String] = []
    var codec: Int32 = 0
    var valueCount: Int64 = 0
    var unpackedBytes: Int64 = 0
    var packedBytes: Int64 = 0
    var dataPageOffset: Int64 = 0
    var dictionaryPageOffset: Int64?
    var statistics: ColumnStatistics?
    var isEncrypted = false
    /// Whether the metadata was there at all; a part of an encrypted column may have none.
    var isDescribed = false

    /// Where its first page begins. Some writers give 0 for a dictionary that is not there.
    var start: Int64 {
        guard let dictionaryPageOffset, dictionaryPageOffset > 0 else { return dataPageOffset }
        return min(dictionaryPageOffset, dataPageOffset)
    }

    /// Reads a ColumnChunk, which wraps the metadata.
    static func chunk(_ reader: inout ThriftReader) throws(ParquetProblem) -> Self {
        var found = ColumnChunkMetadata()
        try reader.structure { reader, field throws(ParquetProblem) in
            switch field.id {
            case 1: found.filePath = try reader.string(field)
            case 3:
                try reader.expect(field, .structure)
                try found.read(&reader)
                found.isDescribed = true
            case 8, 9:
                found.isEncrypted = true
                return false
            default: return false
            }
            return true
        }
        return found
    }

    private mutating func read(_ reader: inout ThriftReader) throws(ParquetProblem) {
        var found = self
        try reader.structure { reader, field throws(ParquetProblem) in
            switch field.id {
            case 1: found.type = try reader.int32(field)
            case 2:
                found.encodings = try reader.list(field, of: .int32) { reader throws(ParquetProblem) in
                    try reader.int32()
                }
            case 3:
                found.path = try reader.list(field, of: .binary) { reader throws(ParquetProblem) in
                    try reader.string()
                }
            case 4: found.codec = try reader.int32(field)
            case 5: found.valueCount = try reader.int64(field)
            case 6: found.unpackedBytes = try reader.int64(field)
            case 7: found.packedBytes = try reader.int64(field)
            case 9: found.dataPageOffset = try reader.int64(field)
            case 11: found.dictionaryPageOffset = try reader.int64(field)
            case 12:
                try reader.expect(field, .structure)
                found.statistics = try ColumnStatistics(&reader)
            default: return false
            }
            return true
        }
        self = found
    }

    func write(to writer: inout ThriftWriter) {
        writer.structure { writer in
            // Deprecated and required: the offset of a copy of this metadata that nobody writes any more.
            writer.int64(2, 0)
            writer.structure(3) { writer in
                writer.int32(1, type)
                writer.list(2, of: .int32, encodings) { $0.int32($1) }
                writer.list(3, of: .binary, path) { $0.binary($1.utf8) }
                writer.int32(4, codec)
                writer.int64(5, valueCount)
                writer.int64(6, unpackedBytes)
                writer.int64(7, packedBytes)
                writer.int64(9, dataPageOffset)
                if let dictionaryPageOffset { writer.int64(11, dictionaryPageOffset) }
                statistics?.write(to: &writer, id: 12)
            }
        }
    }
}

/// The smallest and the largest value of a column's part, in the bytes of plain encoding.
struct ColumnStatistics: Equatable {
    var nullCount: Int64?
    var largest: [UInt8]?
    var smallest: [UInt8]?

    init(nullCount: Int64? = nil, smallest: [UInt8]? = nil, largest: [UInt8]? = nil) {
        self.nullCount = nullCount
        self.smallest = smallest
        self.largest = largest
    }

    init(_ reader: inout ThriftReader) throws(ParquetProblem) {
        var found = ColumnStatistics()
        // Fields 1 and 2 are older, and sound where values are ordered as signed numbers; 5 and 6 say the same better.
        var (oldLargest, oldSmallest): ([UInt8]?, [UInt8]?)
        try reader.structure { reader, field throws(ParquetProblem) in
            switch field.id {
            case 1: oldLargest = try reader.binary(field)
            case 2: oldSmallest = try reader.binary(field)
            case 3: found.nullCount = try reader.int64(field)
            case 5: found.largest = try reader.binary(field)
            case 6: found.smallest = try reader.binary(field)
            default: return false
            }
            return true
        }
        self = found
        largest = largest ?? oldLargest
        smallest = smallest ?? oldSmallest
    }

    func write(to writer: inout ThriftWriter, id: Int) {
        writer.structure(id) { writer in
            if let nullCount { writer.int64(3, nullCount) }
            if let largest { writer.binary(5, largest) }
            if let smallest { writer.binary(6, smallest) }
        }
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A file's footer: its schema and where everything lies.
struct FileMetadata: Equatable {
    var version: Int32 = 1
    var schema: [SchemaElement] = []
    var rowCount: Int64 = 0
    var rowGroups: [RowGroupMetadata] = []
    var createdBy: String?

    init() {}

    /// Reads a footer's bytes.
    init(_ bytes: UnsafeRawBufferPointer) throws(ParquetProblem) {
        var reader = ThriftReader(bytes)
        var found = FileMetadata()
        try reader.structure { reader, field throws(ParquetProblem) in
            switch field.id {
            case 1: found.version = try reader.int32(field)
            case 2:
                found.schema = try reader.list(field, of: .structure) { reader throws(ParquetProblem) in
                    try SchemaElement(&reader)
                }
            case 3: found.rowCount = try reader.int64(field)
            case 4:
                found.rowGroups = try reader.list(field, of: .structure) { reader throws(ParquetProblem) in
                    try RowGroupMetadata(&reader)
                }
            case 6: found.createdBy = try reader.string(field)
            case 8: throw .unsupported("an encrypted file")
            default: return false
            }
            return true
        }
        self = found
    }

    /// The footer's bytes; every column is ordered by its type.
    func encoded() -> [UInt8] {
        var writer = ThriftWriter()
        writer.structure { writer in
            writer.int32(1, version)
            writer.list(2, of: .structure, schema) { $1.write(to: &$0) }
            writer.int64(3, rowCount)
            writer.list(4, of: .structure, rowGroups) { $1.write(to: &$0) }
            if let createdBy { writer.binary(6, createdBy.utf8) }
            writer.list(7, of: .structure, schema.filter { $0.type != nil }) { writer, _ in
                writer.structure { $0.structure(1) { _ in } }
            }
        }
        return writer.bytes
    }
}

/// One row group: a part of each column.
struct RowGroupMetadata: Equatable {
    var columns: [ColumnChunkMetadata] = []
    var byteCount: Int64 = 0
    var rowCount: Int64 = 0

    init() {}

    init(_ reader: inout ThriftReader) throws(ParquetProblem) {
        var found = RowGroupMetadata()
        try reader.structure { reader, field throws(ParquetProblem) in
            switch field.id {
            case 1:
                found.columns = try reader.list(field, of: .structure) { reader throws(ParquetProblem) in
                    try ColumnChunkMetadata.chunk(&reader)
                }
            case 2: found.byteCount = try reader.int64(field)
            case 3: found.rowCount = try reader.int64(field)
            default: return false
            }
            return true
        }
        self = found
    }

    func write(to writer: inout ThriftWriter) {
        writer.structure { writer in
            writer.list(1, of: .structure, columns) { $1.write(to: &$0) }
            writer.int64(2, byteCount)
            writer.int64(3, rowCount)
        }
    }
}

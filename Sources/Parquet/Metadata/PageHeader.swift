// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What stands before each page.
struct PageHeader: Equatable {
    enum Content: Equatable {
        /// The values' dictionary.
        case dictionary(count: Int32, encoding: Int32)
        /// Levels and values, packed together.
        case data(count: Int32, encoding: Int32, levelEncoding: Int32)
        /// Levels, never packed, and values, packed or not.
        case dataV2(DataPageV2)
        /// An index, or what later versions of the format bring.
        case other
    }

    struct DataPageV2: Equatable {
        var count: Int32 = 0
        var encoding: Int32 = 0
        var definitionBytes: Int32 = 0
        var repetitionBytes: Int32 = 0
        var isCompressed = true
    }

    var unpackedBytes: Int32 = 0
    var packedBytes: Int32 = 0
    /// The checksum of the page's bytes as they lie in the file, without this header.
    var checksum: UInt32?
    var content = Content.other

    init(content: Content, unpackedBytes: Int32, packedBytes: Int32, checksum: UInt32?) {
        self.content = content
        self.unpackedBytes = unpackedBytes
        self.packedBytes = packedBytes
        self.checksum = checksum
    }

    init(_ reader: inout ThriftReader) throws(ParquetProblem) {
        var found = PageHeader(content: .other, unpackedBytes: -1, packedBytes: -1, checksum: nil)
        var type: Int32 = -1
        try reader.structure { reader, field throws(ParquetProblem) in
            switch field.id {
            case 1: type = try reader.int32(field)
            case 2: found.unpackedBytes = try reader.int32(field)
            case 3: found.packedBytes = try reader.int32(field)
            case 4: found.checksum = UInt32(bitPattern: try reader.int32(field))
            case 5: found.content = try Self.data(&reader, field)
            case 7: found.content = try Self.dictionary(&reader, field)
            case 8: found.content = .dataV2(try Self.dataV2(&reader, field))
            default: return false
            }
            return true
        }
        guard found.packedBytes >= 0, found.unpackedBytes >= 0 else { throw .damaged("a page has no size") }
        let isComplete =
            switch (type, found.content) {
            case (0, .data), (2, .dictionary), (3, .dataV2): true
            case (0, _), (2, _), (3, _): false
            default: true
            }
        guard isComplete else { throw .damaged("a page of type \(type) lacks what belongs to it") }
        self = found
    }

    private static func data(
        _ reader: inout ThriftReader,
        _ field: ThriftReader.Field
    ) throws(ParquetProblem) -> Content {
        try reader.expect(field, .structure)
        var (count, encoding, levels): (Int32, Int32, Int32) = (-1, -1, PageEncoding.rle.rawValue)
        try reader.structure { reader, field throws(ParquetProblem) in
            switch field.id {
            case 1: count = try reader.int32(field)
            case 2: encoding = try reader.int32(field)
            case 3: levels = try reader.int32(field)
            default: return false
            }
            return true
        }
        return .data(count: count, encoding: encoding, levelEncoding: levels)
    }

    private static func dictionary(
        _ reader: inout ThriftReader,
        _ field: ThriftReader.Field
    ) throws(ParquetProblem) -> Content {
        try reader.expect(field, .structure)
        var (count, encoding): (Int32, Int32) = (-1, -1)
        try reader.structure { reader, field throws(ParquetProblem) in
            switch field.id {
            case 1: count = try reader.int32(field)
            case 2: encoding = try reader.int32(field)
            default: return false
            }
            return true
        }
        return .dictionary(count: count, encoding: encoding)
    }

    private static func dataV2(
        _ reader: inout ThriftReader,
        _ field: ThriftReader.Field
    ) throws(ParquetProblem) -> DataPageV2 {
        try reader.expect(field, .structure)
        var page = DataPageV2()
        try reader.structure { reader, field throws(ParquetProblem) in
            switch field.id {
            case 1: page.count = try reader.int32(field)
            case 4: page.encoding = try reader.int32(field)
            case 5: page.definitionBytes = try reader.int32(field)
            case 6: page.repetitionBytes = try reader.int32(field)
            case 7: page.isCompressed = try reader.boolean(field)
            default: return false
            }
            return true
        }
        return page
    }

    func encoded() -> [UInt8] {
        var writer = ThriftWriter()
        writer.structure { writer in
            switch content {
            case .data: writer.int32(1, 0)
            case .dictionary: writer.int32(1, 2)
            case .dataV2: writer.int32(1, 3)
            case .other: writer.int32(1, 1)
            }
            writer.int32(2, unpackedBytes)
            writer.int32(3, packedBytes)
            if let checksum { writer.int32(4, Int32(bitPattern: checksum)) }
            switch content {
            case .data(let count, let encoding, let levelEncoding):
                writer.structure(5) {
                    $0.int32(1, count)
                    $0.int32(2, encoding)
                    $0.int32(3, levelEncoding)
                    $0.int32(4, PageEncoding.rle.rawValue)
                }
            case .dictionary(let count, let encoding):
                writer.structure(7) {
                    $0.int32(1, count)
                    $0.int32(2, encoding)
                }
            // The writer makes neither.
            case .dataV2, .other: break
            }
        }
        return writer.bytes
    }
}

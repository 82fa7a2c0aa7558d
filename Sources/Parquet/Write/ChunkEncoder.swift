// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Encodes a column's values of one row group: a dictionary perhaps, then pages.
struct ChunkEncoder {
    /// How the values of the part are written.
    private enum Form {
        case plain
        case delta
        /// Indexes, one a value that is there, with so many bits each.
        case indexes([UInt32], bits: Int)
    }

    private let column: ParquetColumn
    private let options: ParquetWriter.Options
    /// The part's bytes as they lie in the file.
    private(set) var bytes: [UInt8] = []
    private var metadata = ColumnChunkMetadata()

    init(column: ParquetColumn, options: ParquetWriter.Options) {
        self.column = column
        self.options = options
    }

    /// Encodes a part that begins at `offset` of the file.
    mutating func encode(_ values: ParquetValues, offset: Int) throws(ParquetError) -> ColumnChunkMetadata {
        metadata.type = column.physicalType.rawValue
        metadata.path = [column.name]
        metadata.codec = options.codec.rawValue
        metadata.valueCount = Int64(values.count)
        switch (column.physicalType, values.storage) {
        case (.boolean, .booleans(let all)): try encode(BooleanForm.self, all, values.isPresent, offset)
        case (.int32, .int32(let all)) where column.kind.isUnsigned:
            try encode(UInt32.self, all.map { UInt32(bitPattern: $0) }, values.isPresent, offset)
        case (.int64, .int64(let all)) where column.kind.isUnsigned:
            try encode(UInt64.self, all.map { UInt64(bitPattern: $0) }, values.isPresent, offset)
        case (.int32, .int32(let all)): try encode(Int32.self, all, values.isPresent, offset)
        case (.int64, .int64(let all)): try encode(Int64.self, all, values.isPresent, offset)
        case (.float, .floats(let all)): try encode(Float.self, all, values.isPresent, offset)
        case (.double, .doubles(let all)): try encode(Double.self, all, values.isPresent, offset)
        case (.byteArray, .texts(let all)):
            try encode(TextForm.self, (0..<all.count).map { all[$0] }, values.isPresent, offset)
        default: throw .unwritable(reason: "the values of '\(column.name)' are not of the type \(column.kind)")
        }
        metadata.packedBytes = Int64(bytes.count)
        metadata.isDescribed = true
        return metadata
    }

    private mutating func encode<Encoder: ValueEncoder>(
        _ encoder: Encoder.Type,
        _ all: [Encoder.Value],
        _ isPresent: [Bool]?,
        _ offset: Int
    ) throws(ParquetError) {
        let present = isPresent.map { flags in zip(all, flags).compactMap { $1 ? $0 : nil } } ?? all
        metadata.statistics = encoder.statistics(present, nulls: all.count - present.count)
        let form = try chooseForm(encoder, present, offset)
        metadata.dataPageOffset = Int64(offset + bytes.count)
        let encoding: PageEncoding =
            switch form {
            case .plain: .plain
            case .delta: .deltaBinaryPacked
            case .indexes: .rleDictionary
            }
        metadata.encodings = [encoding.rawValue, PageEncoding.rle.rawValue]
        if metadata.dictionaryPageOffset != nil { metadata.encodings.append(PageEncoding.plain.rawValue) }
        var next = 0
        for start in stride(from: 0, to: max(all.count, 1), by: options.pageRows) {
            let rows = start..<min(start + options.pageRows, all.count)
            let flags = column.isOptional ? isPresent.map { Array($0[rows]) } ?? rows.map { _ in true } : []
            let count = column.isOptional ? flags.count { $0 } : rows.count
            var page: [UInt8] = []
            if column.isOptional {
                let levels = HybridEncoder.encode(flags.map { $0 ? 1 : 0 }, width: 1)
                page.appendLittleEndian(UInt32(clamping: levels.count))
                page += levels
            }
            append(encoder, form, present, next..<next + count, to: &page)
            next += count
            try append(page, .data(count: Int32(clamping: rows.count), encoding: encoding.rawValue, levelEncoding: 3))
        }
    }

    private func append<Encoder: ValueEncoder>(
        _ encoder: Encoder.Type,
        _ form: Form,
        _ present: [Encoder.Value],
        _ range: Range<Int>,
        to page: inout [UInt8]
    ) {
        switch form {
        case .plain: encoder.appendPlain(present[range], to: &page)
        case .delta: DeltaEncoder.append(encoder.deltas(present[range]), bits: encoder.deltaBits, to: &page)
        case .indexes(let indexes, let bits):
            page.append(UInt8(bits))
            page += HybridEncoder.encode(Array(indexes[range]), width: bits)
        }
    }

    /// Chooses how to write the values, and writes their dictionary where they get one.
    private mutating func chooseForm<Encoder: ValueEncoder>(
        _ encoder: Encoder.Type,
        _ present: [Encoder.Value],
        _ offset: Int
    ) throws(ParquetError) -> Form {
        let other = encoder.deltaBits > 0 ? Form.delta : .plain
        switch options.encoding {
        case .plain: return .plain
        case .delta: return other
        case .automatic, .dictionary:
            // Where it is a choice, values must occur four times each, or the dictionary gains too little.
            let limit = options.encoding == .dictionary ? present.count : min(present.count / 4, 1 << 16)
            guard encoder.hasDictionary, !present.isEmpty,
                let dictionary = Dictionary(encoder, present, limit: limit)
            else { return other }
            metadata.dictionaryPageOffset = Int64(offset + bytes.count)
            var page: [UInt8] = []
            encoder.appendPlain(dictionary.entries[...], to: &page)
            let count = Int32(clamping: dictionary.entries.count)
            try append(page, .dictionary(count: count, encoding: PageEncoding.plain.rawValue))
            return .indexes(dictionary.indexes, bits: max(1, (dictionary.entries.count - 1).bitsNeeded))
        }
    }

    private mutating func append(_ page: [UInt8], _ content: PageHeader.Content) throws(ParquetError) {
        let packed = try options.codec.pack(page)
        guard let size = Int32(exactly: page.count), let packedSize = Int32(exactly: packed.count) else {
            throw .unwritable(reason: "a page of '\(column.name)' has \(page.count) bytes; write fewer rows a page")
        }
        let checksum = packed.span.withUnsafeBytes { PageChecksum.of($0) }
        let header = PageHeader(content: content, unpackedBytes: size, packedBytes: packedSize, checksum: checksum)
        let encoded = header.encoded()
        metadata.unpackedBytes += Int64(encoded.count + page.count)
        bytes += encoded
        bytes += packed
    }
}

/// Distinct values in the order in which they first occur, and for each value which of them it is.
private struct Dictionary<Encoder: ValueEncoder> {
    var entries: [Encoder.Value] = []
    var indexes: [UInt32] = []

    /// Nil when there are more than `limit` distinct values.
    init?(_ encoder: Encoder.Type, _ values: [Encoder.Value], limit: Int) {
        var known: [Encoder.Key: UInt32] = [:]
        indexes.reserveCapacity(values.count)
        for value in values {
            let key = encoder.key(value)
            if let index = known[key] {
                indexes.append(index)
                continue
            }
            guard entries.count < limit else { return nil }
            let index = UInt32(entries.count)
            known[key] = index
            entries.append(value)
            indexes.append(index)
        }
    }
}

extension ParquetKind {
    fileprivate var isUnsigned: Bool {
        if case .integer(_, false) = self { true } else { false }
    }
}

extension Int {
    /// How many bits a number of 0 or more has.
    var bitsNeeded: Int { Int.bitWidth - leadingZeroBitCount }
}

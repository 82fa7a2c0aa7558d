// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Makes a Parquet file of a flat schema, row group by row group.
///
/// It returns the file's bytes piece by piece and writes them nowhere: whoever has them decides where they go, and that
/// no half of a file is ever seen. Files are of format version 2, with pages of version 1 and checksums.
package struct ParquetWriter: Sendable {
    /// What may be chosen.
    package struct Options: Sendable, Equatable {
        /// How values are written.
        package enum Encoding: Sendable, CaseIterable {
            /// A dictionary where values repeat; else differences for whole numbers, and plain for the rest.
            case automatic
            /// One value after the other.
            case plain
            /// A dictionary for all but booleans.
            case dictionary
            /// Differences for whole numbers, plain for the rest.
            case delta
        }

        /// How pages are packed.
        package var codec: ParquetCodec
        /// How values are written.
        package var encoding: Encoding
        /// The most rows of one page.
        package var pageRows: Int

        /// Snappy, automatic encodings and pages of 64 Ki rows, unless told otherwise.
        package init(codec: ParquetCodec = .snappy, encoding: Encoding = .automatic, pageRows: Int = 1 << 16) {
            self.codec = codec
            self.encoding = encoding
            self.pageRows = pageRows
        }
    }

    private static let magic = Array("PAR1".utf8)

    private let columns: [ParquetColumn]
    private let options: Options
    private var metadata = FileMetadata()
    /// How many bytes have been made.
    private var offset = 0

    /// Begins a file.
    /// - Throws: `ParquetError.unwritable` for no columns, names that are there twice, and kinds that are only read:
    ///   half precision, old timestamps, decimals of more than 18 digits.
    package init(columns: [ParquetColumn], options: Options = Options()) throws(ParquetError) {
        guard !columns.isEmpty else { throw .unwritable(reason: "there are no columns") }
        guard Set(columns.map(\.name)).count == columns.count else {
            throw .unwritable(reason: "two columns have the same name")
        }
        guard options.pageRows > 0, options.pageRows <= 1 << 24 else {
            throw .unwritable(reason: "pages of \(options.pageRows) rows are not between 1 and \(1 << 24)")
        }
        for column in columns {
            switch column.kind {
            case .float16, .int96: throw .unwritable(reason: "'\(column.name)' is \(column.kind), which is only read")
            case .decimal(let precision, _) where precision > 18:
                throw .unwritable(reason: "'\(column.name)' is \(column.kind); decimals have at most 18 digits")
            default: break
            }
        }
        self.columns = columns
        self.options = options
        metadata.version = 2
        metadata.createdBy = "almanac"
        var root = SchemaElement(name: "schema")
        root.childCount = Int32(clamping: columns.count)
        metadata.schema = [root] + columns.map(SchemaElement.init(column:))
    }

    /// Makes one row group and returns the file's next bytes.
    ///
    /// `values` are of the columns, in their order, and of one length; the caller's row groups bound its memory.
    /// - Throws: `ParquetError.unwritable` for values that do not go with their column.
    package mutating func rowGroup(_ values: [ParquetValues]) throws(ParquetError) -> [UInt8] {
        guard values.count == columns.count, let rows = values.first?.count else {
            throw .unwritable(reason: "\(values.count) columns were given where there are \(columns.count)")
        }
        var bytes = offset == 0 ? Self.magic : []
        var group = RowGroupMetadata()
        group.rowCount = Int64(rows)
        for (column, values) in zip(columns, values) {
            guard values.count == rows, values.isPresent.map({ $0.count == rows }) ?? true else {
                throw .unwritable(reason: "'\(column.name)' has not the \(rows) rows that others have")
            }
            guard column.isOptional || !(values.isPresent?.contains(false) ?? false) else {
                throw .unwritable(reason: "'\(column.name)' lacks values and is not optional")
            }
            var encoder = ChunkEncoder(column: column, options: options)
            let chunk = try encoder.encode(values, offset: offset + bytes.count)
            bytes += encoder.bytes
            group.byteCount += chunk.unpackedBytes
            group.columns.append(chunk)
        }
        metadata.rowGroups.append(group)
        metadata.rowCount += Int64(rows)
        offset += bytes.count
        return bytes
    }

    /// Ends the file and returns its last bytes.
    package consuming func finish() -> [UInt8] {
        var bytes = offset == 0 ? Self.magic : []
        let footer = metadata.encoded()
        bytes += footer
        bytes.appendLittleEndian(UInt32(clamping: footer.count))
        bytes += Self.magic
        return bytes
    }
}

extension SchemaElement {
    /// A column with both forms of its annotation, where older readers know one.
    init(column: ParquetColumn) {
        self.init(name: column.name)
        type = column.physicalType
        repetition = column.isOptional ? .optional : .required
        switch column.kind {
        case .boolean, .float, .double, .bytes, .float16, .int96: break
        case .string: (logicalType, convertedType) = (.string, 0)
        case .date: (logicalType, convertedType) = (.date, 6)
        case .time(let unit):
            logicalType = .time(isAdjustedToUTC: true, unit: unit)
            convertedType = unit == .milliseconds ? 7 : unit == .microseconds ? 8 : nil
        case .timestamp(let unit, let isUTC):
            logicalType = .timestamp(isAdjustedToUTC: isUTC, unit: unit)
            // The older form always means UTC.
            if isUTC { convertedType = unit == .milliseconds ? 9 : unit == .microseconds ? 10 : nil }
        case .decimal(let precision, let scale):
            (self.scale, self.precision) = (Int32(clamping: scale), Int32(clamping: precision))
            logicalType = .decimal(scale: Int32(clamping: scale), precision: Int32(clamping: precision))
            convertedType = 5
        case .integer(let bits, let isSigned):
            logicalType = .integer(bits: bits, isSigned: isSigned)
            let size: Int32? = [8: 0, 16: 1, 32: 2, 64: 3][bits]
            convertedType = size.map { $0 + (isSigned ? 15 : 11) }
        }
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A column's part of one row group: where it lies and what it is, checked.
struct ColumnPart: Sendable {
    let input: any ParquetInput
    let column: ParquetColumn
    let place: ParquetPlace
    let codec: ParquetCodec
    let range: Range<Int64>
    let rows: Int
    let limits: ParquetLimits

    /// Reads and decodes it.
    func read() async throws(ParquetError) -> ParquetValues {
        let bytes = range.isEmpty ? [] : try await input.read(range)
        return try await DecodingThread.run { () throws(ParquetError) in
            try bytes.span.withUnsafeBytes { bytes throws(ParquetError) in try self.decode(bytes) }
        }
    }

    /// The same as a result, for task groups.
    func outcome() async -> Result<ParquetValues, ParquetError> {
        do throws(ParquetError) {
            return .success(try await read())
        } catch {
            return .failure(error)
        }
    }

    /// Decodes the part's bytes.
    func decode(_ bytes: UnsafeRawBufferPointer) throws(ParquetError) -> ParquetValues {
        switch column.physicalType {
        case .boolean: try decode(BooleanPages(), bytes) { .booleans($0.values) }
        case .int32: try decode(NumberPages<Int32>(), bytes) { .int32($0.values) }
        case .int64: try decode(NumberPages<Int64>(), bytes) { .int64($0.values) }
        case .int96: try decode(NumberPages<Int96>(), bytes) { .int96($0.values) }
        case .float: try decode(NumberPages<Float>(), bytes) { .floats($0.values) }
        case .double: try decode(NumberPages<Double>(), bytes) { .doubles($0.values) }
        case .byteArray:
            try decode(TextPages(length: nil, limit: limits.textBytes), bytes) {
                .texts(ParquetTexts(extents: $0.values, pool: $0.pages.pool))
            }
        case .fixedByteArray:
            try decode(TextPages(length: column.valueLength, limit: limits.textBytes), bytes) {
                .texts(ParquetTexts(extents: $0.values, pool: $0.pages.pool))
            }
        }
    }

    private func decode<Pages: PageValues>(
        _ pages: Pages,
        _ bytes: UnsafeRawBufferPointer,
        _ storage: (ChunkDecoder<Pages>.Decoded) -> ParquetValues.Storage
    ) throws(ParquetError) -> ParquetValues {
        let decoder = ChunkDecoder(pages, column: column, codec: codec, rows: rows, limits: limits)
        let decoded = try decoder.decode(bytes, place: place)
        return ParquetValues(column: column, storage: storage(decoded), isPresent: decoded.isPresent)
    }
}

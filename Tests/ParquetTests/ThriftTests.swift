// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Parquet

@Suite("Thrift's compact protocol")
struct ThriftTests {
    private func read<Value>(
        _ bytes: [UInt8],
        _ body: (UnsafeRawBufferPointer) throws(ParquetProblem) -> Value
    ) throws(ParquetProblem) -> Value {
        try bytes.span.withUnsafeBytes { bytes throws(ParquetProblem) in try body(bytes) }
    }

    @Test("a footer comes back as it was written")
    func footer() throws {
        var metadata = FileMetadata()
        metadata.version = 2
        metadata.rowCount = 7
        metadata.createdBy = "almanac"
        metadata.schema = [SchemaElement(name: "schema")]
        metadata.schema[0].childCount = 20
        for index in 0..<20 {
            var element = SchemaElement(name: "column \(index)")
            element.type = .int64
            element.repetition = index % 2 == 0 ? .required : .optional
            element.logicalType = .timestamp(isAdjustedToUTC: index % 3 == 0, unit: .microseconds)
            metadata.schema.append(element)
        }
        var group = RowGroupMetadata()
        group.rowCount = 7
        for index in 0..<20 {
            var chunk = ColumnChunkMetadata()
            chunk.isDescribed = true
            chunk.type = 2
            chunk.path = ["column \(index)"]
            chunk.encodings = [0, 3]
            chunk.codec = 6
            chunk.valueCount = 7
            chunk.dataPageOffset = Int64(index) << 33
            chunk.dictionaryPageOffset = 4
            chunk.statistics = ColumnStatistics(nullCount: 1, smallest: [1, 2], largest: [3, 4])
            group.columns.append(chunk)
        }
        metadata.rowGroups = [group]
        let again = try read(metadata.encoded()) { bytes throws(ParquetProblem) in try FileMetadata(bytes) }
        #expect(again == metadata)
    }
}

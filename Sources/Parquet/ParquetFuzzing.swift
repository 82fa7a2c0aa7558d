// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What fuzzers feed with bytes, without tasks and threads.
package enum ParquetFuzzing {
    /// Small, so that a claim of more is refused before it could be met.
    private static let limits = ParquetLimits(
        footerBytes: 1 << 20,
        pageBytes: 1 << 20,
        rowGroupRows: 1 << 12,
        textBytes: 1 << 20
    )

    /// Reads a whole file; whether each column that could be decoded has the rows that its row group has.
    package static func fuzzFile(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 12 else { return true }
        let length = bytes.suffix(8).prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        let footer = Array(bytes.dropLast(8).suffix(length))
        let input = ParquetBytes(bytes, name: "fuzz")
        guard let file = try? ParquetFile(input, footer: footer, size: Int64(bytes.count), limits: limits) else {
            return true
        }
        // Each row group may claim the limit again, and a run of a few bytes can meet it.
        for group in file.rowGroups.indices.prefix(4) {
            for column in file.columns.prefix(16) {
                guard let values = values(of: column.name, group, file, bytes) else { continue }
                _ = (values.numbers(), values.seconds())
                guard values.count == file.rowGroups[group], values.isPresent?.count ?? values.count == values.count
                else { return false }
            }
        }
        return true
    }

    private static func values(
        of column: String,
        _ group: Int,
        _ file: ParquetFile,
        _ bytes: [UInt8]
    ) -> ParquetValues? {
        guard let leaf = try? file.leaf(column), let part = try? file.part(of: leaf, group) else { return nil }
        let chunk = Array(bytes[Int(part.range.lowerBound)..<Int(part.range.upperBound)])
        return try? chunk.span.withUnsafeBytes { bytes throws(ParquetError) in try part.decode(bytes) }
    }
}

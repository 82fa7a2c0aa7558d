// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

extension ParquetFile {
    /// The row groups that may hold times of a range, in seconds since 1970-01-01T00:00:00, both ends included.
    ///
    /// A row group without statistics, and any of a column that holds no dates or timestamps, may hold them all.
    /// - Throws: What `column` throws.
    package func rowGroups(holding range: ClosedRange<Int64>, in name: String) throws(ParquetError) -> [Int] {
        let leaf = try leaf(name)
        return metadata.rowGroups.indices.filter { index in
            let statistics = metadata.rowGroups[index].columns[leaf.index].statistics
            guard let times = statistics?.times(of: leaf.column) else { return true }
            return times.overlaps(range)
        }
    }
}

extension ColumnStatistics {
    /// The bounds in seconds, rounded down; nil where they are not known or contradict themselves.
    fileprivate func times(of column: ParquetColumn) -> ClosedRange<Int64>? {
        guard let smallest = second(smallest, column), let largest = second(largest, column), smallest <= largest
        else { return nil }
        return smallest...largest
    }

    private func second(_ bound: [UInt8]?, _ column: ParquetColumn) -> Int64? {
        guard let bound else { return nil }
        switch (column.kind, column.physicalType, bound.count) {
        case (.date, .int32, 4):
            return Int64(bound.withUnsafeBytes { $0.loadUnaligned(as: Int32.self) }) * 86_400
        case (.timestamp(let unit, _), .int64, 8):
            let value = bound.withUnsafeBytes { $0.loadUnaligned(as: Int64.self) }
            let (quotient, remainder) = value.quotientAndRemainder(dividingBy: unit.perSecond)
            return remainder < 0 ? quotient - 1 : quotient
        default: return nil
        }
    }
}

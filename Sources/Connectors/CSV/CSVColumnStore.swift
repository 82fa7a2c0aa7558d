// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Gathers rows and hands them over as columns.
///
/// Rows collect in one small block, which is turned into columns when it is full: writing each cell straight to its
/// column would check and grow one array a cell.
struct CSVColumnStore {
    private static let blockRows = 512

    private(set) var rowCount = 0
    private var block: [Double] = []
    private var columns: [[Double]]
    private var timestamps: [Int64] = []

    init(columnCount: Int) {
        columns = Array(repeating: [], count: columnCount)
        block.reserveCapacity(columnCount * Self.blockRows)
    }

    /// Adds one cell of the row in progress; cells come in the order of the columns.
    @inline(__always)
    mutating func append(_ value: Double) {
        block.append(value)
    }

    /// Adds the timestamp of the row in progress.
    mutating func append(timestamp: Int64) {
        timestamps.append(timestamp)
    }

    /// Ends the row in progress, which has all of its cells.
    @inline(__always)
    mutating func endRow() {
        rowCount += 1
        if rowCount % Self.blockRows == 0 { flush() }
    }

    private mutating func flush() {
        for index in columns.indices {
            for cell in stride(from: index, to: block.count, by: columns.count) { columns[index].append(block[cell]) }
        }
        block.removeAll(keepingCapacity: true)
    }

    /// Ends the gathering.
    consuming func table(names: [String], hasTimestamps: Bool) -> CSVTable {
        flush()
        return CSVTable(
            timestamps: hasTimestamps ? timestamps : nil,
            columns: zip(names, columns).map { CSVTable.Column(name: $0, values: $1) },
            rowCount: rowCount
        )
    }
}

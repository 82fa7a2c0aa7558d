// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Forecasting

/// Gathers rows and hands them over as columns.
///
/// Rows come in blocks, or one by one; then they collect in a small block, column by column, which goes to the columns'
/// pieces when it is full: writing each cell straight to its column would check and grow one array a cell. Pieces double up
/// to a size and are joined at the end, so that no column is ever there twice but the one that is being joined.
struct CSVColumnStore {
    private static let blockRows = 512
    /// Four MiB, from where on the kernel gives large pages.
    private static let largestPiece = 1 << 19

    private(set) var rowCount = 0
    private var block: [Double]
    private var blockCount = 0
    private var columns: [[[Double]]]
    private var timestamps: [[Int64]] = []
    private var timestampBlock: [Int64] = []

    init(columnCount: Int) {
        columns = Array(repeating: [], count: columnCount)
        block = [Double](repeating: 0, count: columnCount * Self.blockRows)
    }

    /// Adds a row; `cell` gives the value of each column.
    @inline(__always)
    mutating func appendRow(
        timestamp: Int64?,
        _ cell: (_ column: Int) throws(ConnectorError) -> Double
    ) throws(ConnectorError) {
        let (count, row) = (columns.count, blockCount)
        try block.withUnsafeMutableBufferPointer { block throws(ConnectorError) in
            for column in 0..<count { block[column * Self.blockRows + row] = try cell(column) }
        }
        if let timestamp { timestampBlock.append(timestamp) }
        rowCount += 1
        blockCount += 1
        if blockCount == Self.blockRows { flush() }
    }

    /// Adds the rows of blocks, each thread those of some columns: most of the time goes into memory that is touched for the
    /// first time. Either all rows come in blocks, or none.
    mutating func append(_ blocks: ArraySlice<CSVBlock>, threads: Int) {
        ParallelElements.update(&columns, count: columns.count, threads: threads) { index, column in
            for block in blocks { Self.add(block.rows.column(index), to: &column) }
        }
        for block in blocks {
            Self.add(block.rows.timestamps, to: &timestamps)
            rowCount += block.rows.count
        }
    }

    /// Makes room for so many rows in all, so that columns are written once and never moved.
    mutating func expect(_ rows: Int) {
        for index in columns.indices { Self.makeRoom(rows, in: &columns[index]) }
        if !timestamps.isEmpty { Self.makeRoom(rows, in: &timestamps) }
    }

    private static func makeRoom<Element: BitwiseCopyable>(_ rows: Int, in pieces: inout [[Element]]) {
        var piece: [Element] = []
        piece.reserveLongCapacity(rows)
        for former in pieces { piece.append(contentsOf: former) }
        pieces = [piece]
    }

    /// Moves the rows of the block to the pieces.
    private mutating func flush() {
        for index in columns.indices {
            let start = index * Self.blockRows
            Self.add(block[start..<start + blockCount], to: &columns[index])
        }
        blockCount = 0
        Self.add(timestampBlock[...], to: &timestamps)
        timestampBlock.removeAll(keepingCapacity: true)
    }

    private static func add<Element: BitwiseCopyable>(_ block: ArraySlice<Element>, to pieces: inout [[Element]]) {
        guard !block.isEmpty else { return }
        let last = pieces.count - 1
        if last < 0 || pieces[last].count + block.count > pieces[last].capacity {
            var piece: [Element] = []
            let wanted = min(largestPiece, max(2 * (last < 0 ? 0 : pieces[last].count), blockRows))
            piece.reserveLongCapacity(max(wanted, block.count))
            pieces.append(piece)
        }
        pieces[pieces.count - 1].append(contentsOf: block)
    }

    /// Gives the columns away, without a copy; nothing is left here.
    mutating func table(names: [String], hasTimestamps: Bool) -> CSVTable {
        flush()
        let count = rowCount
        rowCount = 0
        var joined: [CSVTable.Column] = []
        for (index, name) in names.enumerated() {
            joined.append(CSVTable.Column(name: name, values: Self.joined(&columns[index], count: count)))
        }
        return CSVTable(
            timestamps: hasTimestamps ? Self.joined(&timestamps, count: count) : nil,
            columns: joined,
            rowCount: count
        )
    }

    /// One array of the pieces, which are gone then.
    private static func joined<Element: BitwiseCopyable>(_ pieces: inout [[Element]], count: Int) -> [Element] {
        if pieces.count == 1 { return pieces.removeLast() }
        let whole = [Element](long: count) { target in
            var first = 0
            for piece in pieces {
                _ = target[first...].update(fromContentsOf: piece)
                first += piece.count
            }
        }
        pieces = []
        return whole
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What the records of one block of text gave, for whoever puts blocks below each other.
struct CSVBlock: Sendable {
    /// The rows of data, but for those that are not wanted.
    var rows: CSVRows
    /// Which rows of the block they are.
    private(set) var kept = KeptRows()
    /// The lines up to where the reading ended. Lines are counted from the block's first one, which is 0.
    var lineCount = 0
    var offsets = OffsetLines()
    /// What ended the reading before the block's end.
    var problem: ConnectorError?

    init(columnCount: Int, hasTimestamps: Bool, groupCount: Int) {
        rows = CSVRows(columnCount: columnCount, hasTimestamps: hasTimestamps, groupCount: groupCount)
    }

    /// Forgets the former block but keeps its room.
    mutating func clear() {
        rows.removeAll()
        (lineCount, offsets, problem) = (0, OffsetLines(), nil)
    }

    /// Leaves the rows whose times are wanted; nil for all.
    mutating func keep(_ times: ClosedRange<Int64>?) {
        kept = KeptRows()
        if let times { rows.keep(times, in: &kept) } else { kept.keep(rows.count) }
    }
}

/// The first lines whose timestamps have a UTC offset, and have none.
struct OffsetLines: Sendable, Equatable {
    var with: Int?
    var without: Int?

    @inline(__always)
    mutating func note(_ hasOffset: Bool, line: Int) {
        if hasOffset {
            if with == nil { with = line }
        } else if without == nil {
            without = line
        }
    }

    /// Adds those of a block that begins after `lines` lines.
    mutating func add(_ block: OffsetLines, after lines: Int) {
        with = with ?? block.with.map { $0 + lines }
        without = without ?? block.without.map { $0 + lines }
    }

    /// Where both kinds are there for the first time.
    var mixedLine: Int? {
        guard let with, let without else { return nil }
        return max(with, without)
    }
}

/// Rows of a block, column by column.
struct CSVRows: Sendable {
    /// Where rows are added.
    struct Room {
        /// Column by column, `capacity` each.
        let values: UnsafeMutableBufferPointer<Double>
        /// Empty where there are no timestamps.
        let times: UnsafeMutableBufferPointer<Int64>
        /// Numbers of texts, grouping column by grouping column, `capacity` each.
        let codes: UnsafeMutableBufferPointer<Int32>
        /// One a grouping column, and behind them the pairs of each further one.
        let texts: UnsafeMutableBufferPointer<SeriesTexts>
        let capacity: Int
        /// How many rows there are.
        var count: Int

        /// Makes one number of those of all texts of the row after the last one; false where there is no room.
        @inline(__always)
        func joinCodes(line: Int) -> Bool {
            let series = SeriesTexts.series(in: texts, line: line) { codes[$0 * capacity + count] }
            guard let series else { return false }
            codes[count] = series
            return true
        }
    }

    private(set) var count = 0
    private let columnCount: Int
    private let groupCount: Int
    /// Few at first, for there may be thousands of columns.
    private var capacity = 16
    private var values: [Double]
    private var times: [Int64]
    private var codes: [Int32]
    /// The texts of each grouping column in this block and in those that had the place before it, and behind them the pairs
    /// of each further column.
    var texts: [SeriesTexts]

    init(columnCount: Int, hasTimestamps: Bool, groupCount: Int) {
        self.columnCount = columnCount
        self.groupCount = groupCount
        values = Array(repeating: 0, count: columnCount * capacity)
        times = hasTimestamps ? Array(repeating: 0, count: capacity) : []
        codes = Array(repeating: 0, count: groupCount * capacity)
        texts = SeriesTexts.tables(groupCount)
    }

    mutating func removeAll() { count = 0 }

    /// Adds rows; there is room for at least one.
    mutating func add<Problem>(_ body: (inout Room) throws(Problem) -> Void) throws(Problem) {
        if count == capacity { grow() }
        count = try values.withUnsafeMutableBufferPointer { values throws(Problem) in
            try times.withUnsafeMutableBufferPointer { times throws(Problem) in
                try codes.withUnsafeMutableBufferPointer { codes throws(Problem) in
                    try texts.withUnsafeMutableBufferPointer { texts throws(Problem) in
                        var room = Room(
                            values: values,
                            times: times,
                            codes: codes,
                            texts: texts,
                            capacity: capacity,
                            count: count
                        )
                        try body(&room)
                        return room.count
                    }
                }
            }
        }
    }

    /// Leaves the rows whose times are wanted, and notes which they are.
    mutating func keep(_ wanted: ClosedRange<Int64>, in kept: inout KeptRows) {
        var row = 0
        while row < count {
            let (start, isWanted) = (row, wanted.contains(times[row]))
            while row < count, wanted.contains(times[row]) == isWanted { row += 1 }
            if isWanted { kept.keep(row - start) } else { kept.drop(row - start) }
        }
        guard kept.count < count else { return }
        Self.close(&values, columnCount, capacity, to: kept.runs)
        Self.close(&times, 1, capacity, to: kept.runs)
        Self.close(&codes, groupCount, capacity, to: kept.runs)
        count = kept.count
    }

    /// Moves some rows of each column to its beginning.
    private static func close<Element: BitwiseCopyable>(
        _ elements: inout [Element],
        _ columns: Int,
        _ capacity: Int,
        to runs: [Range<Int>]
    ) {
        elements.withUnsafeMutableBufferPointer { elements in
            for column in 0..<columns {
                var end = column * capacity
                for run in runs {
                    let moved = column * capacity + run.lowerBound..<column * capacity + run.upperBound
                    end = elements[end...].update(fromContentsOf: elements[moved])
                }
            }
        }
    }

    private mutating func grow() {
        values = Self.wider(values, columnCount, capacity)
        codes = Self.wider(codes, groupCount, capacity)
        times += times
        capacity *= 2
    }

    /// Columns with twice the room.
    private static func wider<Element: Numeric>(_ values: [Element], _ columns: Int, _ capacity: Int) -> [Element] {
        var wider = [Element](repeating: 0, count: 2 * values.count)
        for column in 0..<columns {
            let start = column * capacity
            wider.replaceSubrange(2 * start..<2 * start + capacity, with: values[start..<start + capacity])
        }
        return wider
    }

    /// The values of a column, one a row.
    func column(_ index: Int) -> ArraySlice<Double> { values[index * capacity..<index * capacity + count] }

    /// The numbers of the series, one a row; none where all rows are of one.
    var series: ArraySlice<Int32> { codes.prefix(groupCount == 0 ? 0 : count) }

    /// The timestamps, one a row; none where there is no such column.
    var timestamps: ArraySlice<Int64> { times.prefix(count) }
}

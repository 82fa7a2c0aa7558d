// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// The rows of one series as they come in: the model's columns by name and, where they are there, times.
struct HistoryTable: Sendable {
    /// The member or column that holds the time of each row.
    static let timestamp = "timestamp"

    /// What stands in a column of a row.
    enum Role: Sendable, Equatable {
        /// Values of the model's column at that position.
        case value(Int)
        /// The times of the rows.
        case time
        /// A value of what tells the model's series apart: the grouping column at that position.
        case group(Int)
        /// The name that a request gives to the series that a row belongs to.
        case item
        /// Something that the model does not know.
        case ignored
    }

    /// [rows x columns], row-major.
    private var values: [Double] = []
    private var times: [Int64] = []
    private var rowCount = 0
    private let series: ServedSeries

    init(_ series: ServedSeries) {
        self.series = series
    }

    /// Rows that were read column by column; there are as many times, or none.
    init(_ series: ServedSeries, values: [Double], times: [Int64], rowCount: Int) {
        self.series = series
        (self.values, self.times, self.rowCount) = (values, times, rowCount)
    }

    // MARK: Reading

    /// Reads `{"column": [...], ...}` or `[{"column": ..., ...}, ...]`.
    mutating func read(_ field: String, _ scanner: inout JSONScanner) throws(ServingError) {
        if scanner.peek() == UInt8(ascii: "[") {
            try readRows(field, &scanner)
        } else {
            var columns = ColumnsReader(series)
            try columns.read(field, &scanner)
            self = columns.table
        }
    }

    private mutating func readRows(_ field: String, _ scanner: inout JSONScanner) throws(ServingError) {
        var reader = RowReader(series)
        try scanner.array(field) { (position, scanner) throws(ServingError) in
            try reader.readObject("\(field)[\(position)]", &scanner)
            try append(reader, "\(field)[\(position)]")
        }
    }

    static func missing(_ column: String, _ field: String) -> ServingError {
        .invalidBody(field: field, problem: "has no column '\(column)', which the model needs")
    }

    /// Appends a row that was just read.
    mutating func append(_ row: RowReader, _ field: String) throws(ServingError) {
        guard rowCount == 0 || (row.time != nil) == !times.isEmpty else {
            throw .invalidBody(
                field: field,
                problem: "must have a '\(Self.timestamp)' as all other rows, or none of them"
            )
        }
        values.append(contentsOf: row.values)
        if let time = row.time { times.append(time) }
        rowCount += 1
    }

    // MARK: Use

    /// Some of the rows.
    func picking(_ rows: [Int]) -> HistoryTable {
        let width = series.columns.count
        return HistoryTable(
            series,
            values: rows.flatMap { values[$0 * width..<($0 + 1) * width] },
            times: times.isEmpty ? [] : rows.map { times[$0] },
            rowCount: rows.count
        )
    }

    /// Appends the last rows to a batch and returns the time of the last one; nil where there are no times.
    func append(to values: inout [Double], _ field: String) throws(ServingError) -> Int64? {
        let lookback = series.shape.lookback
        guard rowCount >= lookback else {
            throw .invalidBody(
                field: field,
                problem: "has \(rowCount) rows; the model needs at least \(lookback), of which it uses the last"
            )
        }
        guard !series.usesTimes || !times.isEmpty else {
            throw .invalidBody(
                field: field,
                problem: "has no '\(Self.timestamp)', which this model needs: the time of each row"
            )
        }
        try checkTimes(field)
        values.append(contentsOf: self.values.suffix(series.shape.inputCount))
        return times.last
    }

    /// Appends the first rows, which are those behind a history that ends at `end`, to what a batch knows of its future.
    func append(
        ahead values: inout [Double],
        behind end: Int64?,
        _ future: FutureRows,
        _ field: String
    ) throws(ServingError) {
        let horizon = series.shape.lookback
        guard rowCount >= horizon else { throw future.tooFew(rowCount, field) }
        if let end {
            for (position, time) in times.prefix(horizon).enumerated()
            where series.frequency.instant(position + 1, after: end) != time {
                throw .invalidBody(
                    field: "\(field): row \(position)",
                    problem: "is not \(position + 1) steps of \(series.frequency) after the last row of the history"
                )
            }
        }
        values.append(contentsOf: self.values.prefix(series.shape.inputCount))
    }

    /// The rows that are used must follow each other by the model's step: a forecast from others would be wrong silently.
    private func checkTimes(_ field: String) throws(ServingError) {
        guard !times.isEmpty else { return }
        let used = times.suffix(series.shape.lookback)
        for position in used.indices.dropFirst() {
            let (first, before, time) = (used[used.startIndex], used[position - 1], used[position])
            guard
                series.frequency.instant(1, after: before) == time
                    || series.frequency.instant(position - used.startIndex, after: first) == time
            else {
                throw .invalidBody(
                    field: "\(field): row \(position)",
                    problem: "is not one step of \(series.frequency) after the row before it"
                )
            }
        }
        guard let last = times.last, series.frequency.instant(series.shape.horizon, after: last) != nil else {
            throw .invalidBody(field: field, problem: "reaches beyond the years 1 to 9999")
        }
    }
}

extension HistoryTable {
    /// Reads one row at a time, as an object or as a list of cells.
    struct RowReader: Sendable {
        /// The position of each of the model's columns by its name.
        let places: [String: Int]
        /// The values of the row that was read last.
        private(set) var values: [Double]
        /// Its time, where it has one.
        private(set) var time: Int64?
        /// The name of its series, where it has one.
        private(set) var item: String?
        /// The values of its grouping columns; empty where there are none.
        private(set) var key: [String]
        private var isRead: [Bool]
        private var isKeyRead: [Bool]
        private let columns: [String]
        private let groupBy: [String]
        private let isFrame: Bool

        /// - Parameter isFrame: Whether the rows are of a data frame, which may hold those of several series.
        init(_ series: ServedSeries, isFrame: Bool = false) {
            columns = series.columns
            groupBy = isFrame ? series.groups?.groupBy ?? [] : []
            self.isFrame = isFrame
            places = Dictionary(zip(series.columns, series.columns.indices)) { first, _ in first }
            values = [Double](repeating: .nan, count: series.columns.count)
            isRead = [Bool](repeating: false, count: series.columns.count)
            key = [String](repeating: "", count: groupBy.count)
            isKeyRead = [Bool](repeating: false, count: groupBy.count)
        }

        /// What a column of that name holds.
        func role(of name: String) -> Role {
            if let column = places[name] { return .value(column) }
            if name == HistoryTable.timestamp { return .time }
            if let column = groupBy.firstIndex(of: name) { return .group(column) }
            return isFrame && name == InvocationsBody.item ? .item : .ignored
        }

        /// Throws unless columns of these roles make rows.
        func requireAll(_ roles: [Role], _ field: String) throws(ServingError) {
            for (column, name) in columns.enumerated() where !roles.contains(.value(column)) {
                throw HistoryTable.missing(name, field)
            }
            for (column, name) in groupBy.enumerated() where !roles.contains(.group(column)) {
                throw HistoryTable.missing(name, field)
            }
        }

        /// Reads `{"column": value, ...}`; the model's columns must all be there.
        mutating func readObject(_ field: String, _ scanner: inout JSONScanner) throws(ServingError) {
            begin()
            try scanner.object(field) { (key, scanner) throws(ServingError) in
                try readCell(role(of: key), "\(field).\(key.prefix(60))", &scanner)
            }
            try finish(field)
        }

        /// Reads `[value, ...]` in the order of roles.
        mutating func readList(
            _ field: String,
            roles: [Role],
            _ scanner: inout JSONScanner
        ) throws(ServingError) {
            begin()
            let count = try scanner.array(field) { (position, scanner) throws(ServingError) in
                guard position < roles.count else { return try scanner.skip() }
                try readCell(roles[position], "\(field)[\(position)]", &scanner)
            }
            guard count == roles.count else {
                throw .invalidBody(field: field, problem: "has \(count) values; there are \(roles.count) columns")
            }
            try finish(field)
        }

        private mutating func begin() {
            for column in isRead.indices { isRead[column] = false }
            for column in isKeyRead.indices { isKeyRead[column] = false }
            (time, item) = (nil, nil)
        }

        private mutating func readCell(
            _ role: Role,
            _ place: @autoclosure () -> String,
            _ scanner: inout JSONScanner
        ) throws(ServingError) {
            switch role {
            case .value(let column):
                guard !isRead[column] else { throw .invalidBody(field: place(), problem: "is there twice") }
                values[column] = try scanner.value(place())
                isRead[column] = true
            case .time:
                guard time == nil else { throw .invalidBody(field: place(), problem: "is there twice") }
                time = try HistoryEnd.scanOfRow(place(), &scanner)
            case .group(let column):
                guard !isKeyRead[column] else { throw .invalidBody(field: place(), problem: "is there twice") }
                key[column] = try scanner.label(place())
                isKeyRead[column] = true
            case .item:
                guard item == nil else { throw .invalidBody(field: place(), problem: "is there twice") }
                item = try scanner.name(place())
            case .ignored: try scanner.skip()
            }
        }

        private func finish(_ field: String) throws(ServingError) {
            if let column = isRead.firstIndex(of: false) { throw HistoryTable.missing(columns[column], field) }
            if let column = isKeyRead.firstIndex(of: false) { throw HistoryTable.missing(groupBy[column], field) }
        }
    }
}

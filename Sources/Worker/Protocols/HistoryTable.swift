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
        /// The name of the series that a row belongs to.
        case series
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

    // MARK: Reading

    /// Reads `{"column": [...], ...}` or `[{"column": ..., ...}, ...]`.
    mutating func read(_ field: String, _ scanner: inout JSONScanner) throws(WorkerError) {
        if scanner.peek() == UInt8(ascii: "[") {
            try readRows(field, &scanner)
        } else {
            try readColumns(field, &scanner)
        }
    }

    private mutating func readRows(_ field: String, _ scanner: inout JSONScanner) throws(WorkerError) {
        var reader = RowReader(series)
        try scanner.array(field) { (position, scanner) throws(WorkerError) in
            try reader.readObject("\(field)[\(position)]", &scanner)
            try append(reader, "\(field)[\(position)]")
        }
    }

    private mutating func readColumns(_ field: String, _ scanner: inout JSONScanner) throws(WorkerError) {
        var columns = [[Double]?](repeating: nil, count: series.columns.count)
        var times: [Int64]?
        let places = RowReader(series).places
        try scanner.object(field) { (key, scanner) throws(WorkerError) in
            let place = "\(field).\(key.prefix(60))"
            if let column = places[key] {
                guard columns[column] == nil else { throw .invalidBody(field: place, problem: "is there twice") }
                var values: [Double] = []
                let found = try scanner.numbers(place, into: &values)
                guard found.count == 1 else {
                    throw .invalidBody(field: place, problem: "is nested; must be a flat list of numbers")
                }
                columns[column] = values
            } else if key == Self.timestamp {
                guard times == nil else { throw .invalidBody(field: place, problem: "is there twice") }
                var read: [Int64] = []
                try scanner.array(place) { (position, scanner) throws(WorkerError) in
                    read.append(try HistoryEnd.scanOfRow("\(place)[\(position)]", &scanner))
                }
                times = read
            } else {
                try scanner.skip()
            }
        }
        try interleave(columns, field)
        guard times == nil || times?.count == rowCount else {
            throw .invalidBody(
                field: "\(field).\(Self.timestamp)",
                problem: "has \(times?.count ?? 0) times; '\(series.columns[0])' has \(rowCount) values"
            )
        }
        self.times = times ?? []
    }

    /// Makes rows of columns, which must all be there and of one length.
    private mutating func interleave(_ columns: [[Double]?], _ field: String) throws(WorkerError) {
        rowCount = columns.first.flatMap { $0?.count } ?? 0
        for (name, column) in zip(series.columns, columns) {
            guard let column else { throw Self.missing(name, field) }
            guard column.count == rowCount else {
                throw .invalidBody(
                    field: "\(field).\(name.prefix(60))",
                    problem: "has \(column.count) values; '\(series.columns[0])' has \(rowCount)"
                )
            }
        }
        values.reserveCapacity(rowCount * columns.count)
        for row in 0..<rowCount {
            for case let column? in columns { values.append(column[row]) }
        }
    }

    static func missing(_ column: String, _ field: String) -> WorkerError {
        .invalidBody(field: field, problem: "has no column '\(column)', which the model needs")
    }

    /// Appends a row that was just read.
    mutating func append(_ row: RowReader, _ field: String) throws(WorkerError) {
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

    /// Appends the last rows to a batch and returns the time of the last one; nil where there are no times.
    func append(to values: inout [Double], _ field: String) throws(WorkerError) -> Int64? {
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
    ) throws(WorkerError) {
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
    private func checkTimes(_ field: String) throws(WorkerError) {
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
        private var isRead: [Bool]
        private let columns: [String]

        init(_ series: ServedSeries) {
            columns = series.columns
            places = Dictionary(zip(series.columns, series.columns.indices)) { first, _ in first }
            values = [Double](repeating: .nan, count: series.columns.count)
            isRead = [Bool](repeating: false, count: series.columns.count)
        }

        /// What a column of that name holds.
        func role(of name: String, seriesColumn: String? = nil) -> Role {
            if let column = places[name] { return .value(column) }
            if name == HistoryTable.timestamp { return .time }
            return name == seriesColumn ? .series : .ignored
        }

        /// Reads `{"column": value, ...}`; the model's columns must all be there.
        mutating func readObject(
            _ field: String,
            seriesColumn: String? = nil,
            _ scanner: inout JSONScanner
        ) throws(WorkerError) {
            begin()
            try scanner.object(field) { (key, scanner) throws(WorkerError) in
                try readCell(role(of: key, seriesColumn: seriesColumn), "\(field).\(key.prefix(60))", &scanner)
            }
            try finish(field)
        }

        /// Reads `[value, ...]` in the order of roles.
        mutating func readList(
            _ field: String,
            roles: [Role],
            _ scanner: inout JSONScanner
        ) throws(WorkerError) {
            begin()
            let count = try scanner.array(field) { (position, scanner) throws(WorkerError) in
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
            (time, item) = (nil, nil)
        }

        private mutating func readCell(
            _ role: Role,
            _ place: @autoclosure () -> String,
            _ scanner: inout JSONScanner
        ) throws(WorkerError) {
            switch role {
            case .value(let column):
                guard !isRead[column] else { throw .invalidBody(field: place(), problem: "is there twice") }
                values[column] = try scanner.value(place())
                isRead[column] = true
            case .time:
                guard time == nil else { throw .invalidBody(field: place(), problem: "is there twice") }
                time = try HistoryEnd.scanOfRow(place(), &scanner)
            case .series:
                guard item == nil else { throw .invalidBody(field: place(), problem: "is there twice") }
                item = try scanner.name(place())
            case .ignored: try scanner.skip()
            }
        }

        private func finish(_ field: String) throws(WorkerError) {
            guard let column = isRead.firstIndex(of: false) else { return }
            throw HistoryTable.missing(columns[column], field)
        }
    }
}

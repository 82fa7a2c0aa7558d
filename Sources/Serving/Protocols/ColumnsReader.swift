// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// Reads rows column by column: `{"timestamp": [...], "traffic": [...]}`.
struct ColumnsReader: Sendable {
    private let series: ServedSeries
    private let roles: HistoryTable.RowReader
    private var columns: [[Double]?]
    private var times: [Int64]?
    private var groups: [[String]?]

    /// - Parameter isFrame: Whether they are of a data frame, which may hold the rows of several series.
    init(_ series: ServedSeries, isFrame: Bool = false) {
        self.series = series
        roles = HistoryTable.RowReader(series, isFrame: isFrame)
        columns = [[Double]?](repeating: nil, count: series.columns.count)
        groups = [[String]?](repeating: nil, count: roles.key.count)
    }

    /// Reads an object; the model's columns must all be there, and of one length.
    mutating func read(_ field: String, _ scanner: inout JSONScanner) throws(ServingError) {
        try scanner.object(field) { (key, scanner) throws(ServingError) in
            let role = roles.role(of: key)
            let place = "\(field).\(key.prefix(60))"
            guard !isRead(role) else { throw .invalidBody(field: place, problem: "is there twice") }
            switch role {
            case .value(let column): columns[column] = try Self.numbers(place, &scanner)
            case .time:
                times = try Self.list(place, &scanner) { (place, scanner) throws(ServingError) in
                    try HistoryEnd.scanOfRow(place, &scanner)
                }
            case .group(let column):
                groups[column] = try Self.list(place, &scanner) { (place, scanner) throws(ServingError) in
                    try scanner.label(place)
                }
            case .item, .ignored: try scanner.skip()
            }
        }
        try check(field)
    }

    private func isRead(_ role: HistoryTable.Role) -> Bool {
        switch role {
        case .value(let column): columns[column] != nil
        case .time: times != nil
        case .group(let column): groups[column] != nil
        case .item, .ignored: false
        }
    }

    private static func numbers(_ place: String, _ scanner: inout JSONScanner) throws(ServingError) -> [Double] {
        var values: [Double] = []
        let found = try scanner.numbers(place, into: &values)
        guard found.count == 1 else {
            throw .invalidBody(field: place, problem: "is nested; must be a flat list of numbers")
        }
        return values
    }

    private static func list<Value>(
        _ place: String,
        _ scanner: inout JSONScanner,
        _ read: (_ place: String, inout JSONScanner) throws(ServingError) -> Value
    ) throws(ServingError) -> [Value] {
        var values: [Value] = []
        try scanner.array(place) { (position, scanner) throws(ServingError) in
            values.append(try read("\(place)[\(position)]", &scanner))
        }
        return values
    }

    private func check(_ field: String) throws(ServingError) {
        func require(_ count: Int?, _ name: String, _ what: String) throws(ServingError) {
            guard let count else { throw HistoryTable.missing(name, field) }
            guard count == rowCount else {
                throw .invalidBody(
                    field: "\(field).\(name.prefix(60))",
                    problem: "has \(count) \(what); '\(series.columns[0])' has \(rowCount)"
                )
            }
        }
        for (name, column) in zip(series.columns, columns) { try require(column?.count, name, "values") }
        for (name, column) in zip(series.groups?.groupBy ?? [], groups) { try require(column?.count, name, "values") }
        guard times == nil || times?.count == rowCount else {
            throw .invalidBody(
                field: "\(field).\(HistoryTable.timestamp)",
                problem: "has \(times?.count ?? 0) times; '\(series.columns[0])' has \(rowCount) values"
            )
        }
    }

    // MARK: What was read

    private var rowCount: Int { columns.first.flatMap { $0?.count } ?? 0 }

    /// All rows.
    var table: HistoryTable {
        var values: [Double] = []
        values.reserveCapacity(rowCount * columns.count)
        for row in 0..<rowCount {
            for case let column? in columns { values.append(column[row]) }
        }
        return HistoryTable(series, values: values, times: times ?? [], rowCount: rowCount)
    }

    /// By row: the values of the grouping columns; empty lists where there are none.
    var keys: [[String]] {
        (0..<rowCount).map { row in groups.compactMap { $0?[row] } }
    }
}

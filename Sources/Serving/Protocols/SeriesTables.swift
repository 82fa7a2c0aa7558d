// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The rows of a data frame, sorted into its series in the order in which they first appear.
struct SeriesTables: Sendable {
    /// What the rows of one series have in common.
    private struct Identity: Hashable {
        /// The name that the request gives it.
        var item: String?
        /// The values of the grouping columns, where the model has some.
        var key: [String] = []
    }

    private struct Member {
        var identity: Identity
        /// Its place among the series of the model.
        var place: Int?
        var table: HistoryTable
    }

    private var members: [Member] = []
    private var positions: [Identity: Int] = [:]
    private let series: ServedSeries
    private let field: String

    init(_ series: ServedSeries, field: String) {
        (self.series, self.field) = (series, field)
    }

    /// What was read column by column.
    init(_ series: ServedSeries, _ columns: ColumnsReader, field: String) throws(ServingError) {
        self.init(series, field: field)
        let table = columns.table
        guard series.groups != nil else {
            try add(Identity(), table, field)
            return
        }
        var order: [[String]] = []
        var rows: [[String]: [Int]] = [:]
        for (row, key) in columns.keys.enumerated() {
            if rows[key] == nil { order.append(key) }
            rows[key, default: []].append(row)
        }
        for key in order { try add(Identity(key: key), table.picking(rows[key] ?? []), field) }
    }

    /// Appends a row that was just read to its series.
    mutating func append(_ row: HistoryTable.RowReader, _ place: String) throws(ServingError) {
        let identity = Identity(item: row.item, key: row.key)
        if let known = positions[identity] {
            try members[known].table.append(row, place)
            return
        }
        var table = HistoryTable(series)
        try table.append(row, place)
        try add(identity, table, place)
    }

    private mutating func add(_ identity: Identity, _ table: HistoryTable, _ place: String) throws(ServingError) {
        guard members.count < SeriesBatch.mostSeries else {
            throw .invalidBody(field: field, problem: "holds more than \(SeriesBatch.mostSeries) series")
        }
        let known = try series.groups.map { groups throws(ServingError) in try groups.place(of: identity.key, place) }
        positions[identity] = members.count
        members.append(Member(identity: identity, place: known, table: table))
    }

    /// The rows of a series; nil where there are none.
    private func table(of identity: Identity) -> HistoryTable? { positions[identity].map { members[$0].table } }

    /// All series as a batch.
    ///
    /// - Parameters:
    ///   - future: What is known of the rows behind them; nil where the body does not say it.
    ///   - futureField: Where that stands.
    func batch(horizon: Int, future: SeriesTables?, futureField: String) throws(ServingError) -> SeriesBatch {
        guard !members.isEmpty else {
            throw .invalidBody(field: field, problem: "is empty; must hold the rows of a history")
        }
        let rows = members.map { member in
            func place(_ field: String) -> String {
                let names = [member.place.flatMap { series.groups?.label($0) }, member.identity.item].compactMap(\.self)
                return names.isEmpty ? field : "\(field) of '\(names.map { $0.prefix(60) }.joined(separator: ", "))'"
            }
            return SeriesBatch.Rows(
                name: member.identity.item,
                place: member.place,
                history: member.table,
                field: place(field),
                future: future?.table(of: member.identity),
                futureField: place(futureField)
            )
        }
        return try SeriesBatch(rows, horizon: horizon, series: series)
    }
}

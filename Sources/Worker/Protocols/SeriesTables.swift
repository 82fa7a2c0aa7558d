// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The rows of a data frame, sorted into its series in the order in which they first appear.
struct SeriesTables: Sendable {
    private var tables: [HistoryTable] = []
    private var names: [String?] = []
    private var places: [String?: Int] = [:]
    private let series: ServedSeries
    private let field: String

    init(_ series: ServedSeries, field: String) {
        (self.series, self.field) = (series, field)
    }

    /// One series that is there as a whole.
    init(_ series: ServedSeries, only table: HistoryTable, field: String) {
        (self.series, self.field) = (series, field)
        (tables, names, places) = ([table], [nil], [nil: 0])
    }

    /// Appends a row that was just read to its series.
    mutating func append(_ row: HistoryTable.RowReader, _ place: String) throws(WorkerError) {
        if let known = places[row.item] {
            try tables[known].append(row, place)
            return
        }
        guard tables.count < SeriesBatch.mostSeries else {
            throw .invalidBody(field: field, problem: "holds more than \(SeriesBatch.mostSeries) series")
        }
        var table = HistoryTable(series)
        try table.append(row, place)
        places[row.item] = tables.count
        names.append(row.item)
        tables.append(table)
    }

    /// The rows of a series; nil where there are none.
    private func table(of name: String?) -> HistoryTable? { places[name].map { tables[$0] } }

    /// All series as a batch.
    ///
    /// - Parameters:
    ///   - future: What is known of the rows behind them; nil where the body does not say it.
    ///   - futureField: Where that stands.
    func batch(horizon: Int, future: SeriesTables?, futureField: String) throws(WorkerError) -> SeriesBatch {
        guard !tables.isEmpty else {
            throw .invalidBody(field: field, problem: "is empty; must hold the rows of a history")
        }
        let named = zip(names, tables).map { name, table in
            func place(_ field: String) -> String { name.map { "\(field) of '\($0.prefix(60))'" } ?? field }
            return SeriesBatch.Rows(
                name: name,
                history: table,
                field: place(field),
                future: future?.table(of: name),
                futureField: place(futureField)
            )
        }
        return try SeriesBatch(named, horizon: horizon, series: series)
    }
}

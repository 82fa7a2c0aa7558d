// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Forecasting

/// Puts the series of several answers into columns on one grid: one table, or one for each value of the grouping labels.
struct PrometheusGrid {
    /// The columns of one series.
    private struct Table {
        let key: SeriesKey
        var values: [[Double]]
        /// The series of the answer that each column is of.
        var owners: [PrometheusSeries?]
    }

    private let columns: PrometheusSource.Columns
    private let groupBy: [String]
    private let names: [String]
    private let first: Int64
    private let step: Int64
    private let rowCount: Int
    private let mostCells: Int
    private let source: String
    private var tables: [Table] = []
    private var places: [SeriesKey: Int] = [:]
    /// Values of the label that are not wanted, for a message.
    private var others: Set<String> = []

    /// An empty grid; the end is excluded, and both ends are multiples of the step.
    ///
    /// - Parameter mostCells: The most cells of all tables where there are several, of eight bytes each.
    init(
        _ columns: PrometheusSource.Columns,
        by groupBy: [String] = [],
        from first: Int64,
        to end: Int64,
        step: Int64,
        source: String,
        mostCells: Int = 100_000_000
    ) {
        self.columns = columns
        self.groupBy = groupBy
        self.first = first
        self.step = step
        self.source = source
        self.mostCells = mostCells
        rowCount = Int((end - first) / step)
        switch columns {
        case .single(let name): names = [name]
        case .label(_, let wanted): names = wanted
        }
    }

    /// How many tables there are.
    var seriesCount: Int { tables.count }

    /// Adds the series of an answer.
    mutating func add(_ answer: PrometheusAnswer) throws(ConnectorError) {
        for series in answer.series {
            guard let column = try column(of: series) else { continue }
            let place = try place(of: try key(of: series))
            if let owner = tables[place].owners[column], owner.labels != series.labels {
                let problem = "the query gives several series, \(owner) and \(series), for one column\(advice(place))"
                throw .badData(BadData(problem, column: names[column], source: source))
            }
            tables[place].owners[column] = PrometheusSeries(labels: series.labels)
            try fill(place, column, series)
        }
    }

    private func advice(_ place: Int) -> String {
        guard groupBy.isEmpty else {
            let labels: [String] =
                switch columns {
                case .single: groupBy
                case .label(let label, _): groupBy + [label]
                }
            let key = tables[place].key.label(groupBy)
            return " of the series \(key); aggregate them by (\(labels.joined(separator: ", ")))"
        }
        switch columns {
        case .single: return "; aggregate them, or name the label that tells columns apart in columnLabel"
        case .label(let label, _): return "; aggregate them by (\(label))"
        }
    }

    // MARK: Places

    private mutating func column(of series: PrometheusSeries) throws(ConnectorError) -> Int? {
        guard case .label(let label, _) = columns else { return 0 }
        guard let value = series.labels[label] else {
            let problem = "the series \(series) has no label '\(label)', which should name its column"
            throw .badData(BadData(problem, source: source))
        }
        if let index = names.firstIndex(of: value) { return index }
        if others.count < 40 { others.insert(value) }
        return nil
    }

    private func key(of series: PrometheusSeries) throws(ConnectorError) -> SeriesKey {
        var values: [String] = []
        for label in groupBy {
            // An empty label is one that is not there.
            guard let value = series.labels[label], !value.isEmpty else {
                let problem = "the series \(series) has no label '\(label)', which series.groupBy names"
                throw .badData(BadData(problem, source: source))
            }
            if let problem = SeriesText.problem(of: value) {
                let text = BadData.excerpt(of: Array(value.utf8))
                throw .badData(BadData("the label '\(label)': \(problem)", text: text, source: source))
            }
            values.append(value)
        }
        return SeriesKey(values)
    }

    /// The table of a series, which is made when it is met for the first time.
    private mutating func place(of key: SeriesKey) throws(ConnectorError) -> Int {
        if let place = places[key] { return place }
        guard tables.count < Panel.mostSeries else {
            throw .badData(BadData(SeriesText.tooMany(by: groupBy), source: source))
        }
        guard groupBy.isEmpty || (tables.count + 1) * names.count <= mostCells / rowCount else {
            let problem =
                "more than \(tables.count) series in a window of \(rowCount) steps are too much; shorten the window"
            throw .badData(BadData(problem, source: source))
        }
        let column = [Double](repeating: .nan, count: rowCount)
        let table = Table(
            key: key,
            values: Array(repeating: column, count: names.count),
            owners: Array(repeating: nil, count: names.count)
        )
        tables.append(table)
        places[key] = tables.count - 1
        return tables.count - 1
    }

    private mutating func fill(_ place: Int, _ column: Int, _ series: PrometheusSeries) throws(ConnectorError) {
        for (time, value) in zip(series.times, series.values) {
            let (distance, overflow) = time.subtractingReportingOverflow(first)
            guard !overflow, distance >= 0, distance % step == 0, distance / step < rowCount else {
                let problem = "a point is at \(time) s, which was not asked for"
                throw .badData(BadData(problem, column: names[column], source: source))
            }
            tables[place].values[column][Int(distance / step)] = value
        }
    }

    // MARK: Rows

    /// The rows in which at least one column has a value, series by series.
    consuming func rows() throws(ConnectorError) -> SeriesRows {
        try checkColumns()
        var times: [Int64] = []
        var values = [[Double]](repeating: [], count: names.count)
        var codes: [Int32] = []
        for (code, table) in tables.enumerated() {
            let kept = (0..<rowCount).filter { row in table.values.contains { !$0[row].isNaN } }
            times += kept.map { first + Int64($0) * step }
            for (index, column) in table.values.enumerated() { values[index] += kept.map { column[$0] } }
            if !groupBy.isEmpty { codes += repeatElement(Int32(code), count: kept.count) }
        }
        guard !times.isEmpty else { throw .noData(source: source, hint: "each point in the window is NaN") }
        do {
            let frame = try TimeSeriesFrame(timestamps: times, names: names, columns: values)
            guard !groupBy.isEmpty else { return SeriesRows(frame) }
            return SeriesRows(frame, labels: .init(groupBy: groupBy, keys: tables.map(\.key), codes: codes))
        } catch {
            throw .badSpecification(field: "columnLabel", problem: error.description)
        }
    }

    /// Throws where a column has no series.
    private func checkColumns() throws(ConnectorError) {
        guard case .label(let label, _) = columns, !tables.isEmpty || !others.isEmpty else {
            if tables.isEmpty { throw .noData(source: source, hint: "the query gives no series in the window") }
            return
        }
        let none = [PrometheusSeries?](repeating: nil, count: names.count)
        for (key, owners) in tables.isEmpty ? [(.single, none)] : tables.map({ ($0.key, $0.owners) }) {
            guard let missing = owners.firstIndex(where: { $0 == nil }) else { continue }
            let name = names[missing]
            let there = others.sorted().map { "'\($0)'" }.joined(separator: ", ")
            let listing = others.isEmpty ? "" : "; other values of it are \(there)"
            let place = key == .single ? "" : " for the series \(key.label(groupBy))"
            let problem = "no series has \(label)=\"\(name)\"\(place)\(listing)"
            throw .badData(BadData(problem, column: name, source: source))
        }
    }
}

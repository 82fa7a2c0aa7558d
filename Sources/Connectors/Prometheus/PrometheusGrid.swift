// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Forecasting

/// Puts the series of several answers into columns on one grid.
struct PrometheusGrid {
    private let columns: PrometheusSource.Columns
    private let names: [String]
    private let first: Int64
    private let step: Int64
    private let source: String
    private var values: [[Double]]
    /// The series that each column is of.
    private var owners: [PrometheusSeries?]
    /// Values of the label that are not wanted, for a message.
    private var others: Set<String> = []

    /// An empty grid; the end is excluded, and both ends are multiples of the step.
    init(_ columns: PrometheusSource.Columns, from first: Int64, to end: Int64, step: Int64, source: String) {
        self.columns = columns
        self.first = first
        self.step = step
        self.source = source
        switch columns {
        case .single(let name): names = [name]
        case .label(_, let wanted): names = wanted
        }
        values = Array(repeating: Array(repeating: .nan, count: Int((end - first) / step)), count: names.count)
        owners = Array(repeating: nil, count: names.count)
    }

    /// Adds the series of an answer.
    mutating func add(_ answer: PrometheusAnswer) throws(ConnectorError) {
        for series in answer.series {
            guard let column = try column(of: series) else { continue }
            if let owner = owners[column], owner.labels != series.labels {
                let advice =
                    switch columns {
                    case .single: "aggregate them, or name the label that tells columns apart in columnLabel"
                    case .label(let label, _): "aggregate them by (\(label))"
                    }
                let problem = "the query gives several series, \(owner) and \(series), for one column; \(advice)"
                throw .badData(BadData(problem, column: names[column], source: source))
            }
            owners[column] = PrometheusSeries(labels: series.labels)
            try fill(column, series)
        }
    }

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

    private mutating func fill(_ column: Int, _ series: PrometheusSeries) throws(ConnectorError) {
        for (time, value) in zip(series.times, series.values) {
            let (distance, overflow) = time.subtractingReportingOverflow(first)
            guard !overflow, distance >= 0, distance % step == 0, distance / step < values[column].count else {
                let problem = "a point is at \(time) s, which was not asked for"
                throw .badData(BadData(problem, column: names[column], source: source))
            }
            values[column][Int(distance / step)] = value
        }
    }

    /// The rows in which at least one column has a value.
    consuming func frame() throws(ConnectorError) -> TimeSeriesFrame {
        for (name, owner) in zip(names, owners) where owner == nil {
            guard case .label(let label, _) = columns, owners.contains(where: { $0 != nil }) || !others.isEmpty else {
                throw .noData(source: source, hint: "the query gives no series in the window")
            }
            let there = others.sorted().map { "'\($0)'" }.joined(separator: ", ")
            let listing = others.isEmpty ? "" : "; other values of it are \(there)"
            throw .badData(BadData("no series has \(label)=\"\(name)\"\(listing)", column: name, source: source))
        }
        let columns = values
        let kept = columns[0].indices.filter { row in columns.contains { !$0[row].isNaN } }
        guard !kept.isEmpty else { throw .noData(source: source, hint: "each point in the window is NaN") }
        do {
            return try TimeSeriesFrame(
                timestamps: kept.map { first + Int64($0) * step },
                names: names,
                columns: columns.map { column in kept.map { column[$0] } }
            )
        } catch {
            throw .badSpecification(field: "columnLabel", problem: error.description)
        }
    }
}

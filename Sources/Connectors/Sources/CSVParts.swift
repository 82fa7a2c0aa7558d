// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Forecasting

/// Files of one table, put below each other.
struct CSVParts {
    /// Bytes and rows so far.
    private(set) var facts = CSVProgress(bytes: 0, rows: 0)
    /// The files, each with the number of kept rows before it.
    private(set) var files: [(name: String, firstRow: Int, kept: KeptRows)] = []
    private var names: [String]?
    private var timestamps: [Int64] = []
    private var columns: [[Double]] = []
    private var labels = SeriesLabelParts()
    private var timesHaveOffset: Bool?
    private var first = ""

    /// Puts the rows of another file below these; `kept` says which of the file's rows they are.
    mutating func append(_ part: CSVReading, _ kept: KeptRows, from name: String) throws(ConnectorError) {
        files.append((name, timestamps.count, kept))
        facts = facts + part.facts
        if let more = part.rows.labels { try labels.append(more) }
        guard let names else {
            (names, first, timesHaveOffset) = (part.frame.names, name, part.timesHaveOffset)
            (timestamps, columns) = (part.frame.timestamps, part.frame.columns)
            return
        }
        if let own = part.timesHaveOffset, let others = timesHaveOffset, own != others {
            let problem = "timestamps \(own ? "have a" : "lack the") UTC offset, unlike in \(first)"
            throw .badData(BadData("\(problem); write all or none with one"))
        }
        do {
            let below = try part.frame.selecting(names)
            timestamps += below.timestamps
            for (index, column) in below.columns.enumerated() { columns[index] += column }
        } catch {
            throw .badData(BadData(error.description))
        }
    }

    /// All rows; nil where there was no file.
    consuming func whole() throws(ConnectorError) -> CSVReading? {
        guard let names else { return nil }
        do {
            let frame = try TimeSeriesFrame(timestamps: timestamps, names: names, columns: columns)
            let rows = SeriesRows(frame, labels: labels.whole)
            return CSVReading(rows: rows, facts: facts, timesHaveOffset: timesHaveOffset)
        } catch {
            throw .badData(BadData(error.description))
        }
    }

    /// Names the file in a problem; and the first file, where this one is another from its first row on.
    func located(_ error: ConnectorError, in name: String) -> ConnectorError {
        guard case .badData(var problem) = error else { return error }
        problem.source = name
        if !first.isEmpty, let line = problem.line, line <= 2 { problem.problem += ", unlike in \(first)" }
        return .badData(problem)
    }
}

extension CSVProgress {
    static func + (before: Self, more: Self) -> Self {
        CSVProgress(bytes: before.bytes + more.bytes, rows: before.rows + more.rows)
    }
}

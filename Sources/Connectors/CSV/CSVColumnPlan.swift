// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Which field of a record goes where, worked out once from the header or the first record.
struct CSVColumnPlan: Equatable {
    /// The columns' names; "1", "2", … where there are none.
    let names: [String]
    /// The index of the timestamp's field.
    let timestamp: Int?
    /// The index of each wanted value's field, in the order in which they were asked for.
    let values: [Int]
    /// The index of each grouping column's field.
    let groups: [Int]

    /// Looks the wanted columns up.
    ///
    /// Throws `ConnectorError.badData` naming the columns that there are.
    init(names: [String], line: Int, selection: CSVSelection) throws(ConnectorError) {
        self.names = names
        let lookUp = Lookup(names: names, line: line)
        if let timestamp = selection.timestamp {
            self.timestamp = try lookUp.index(of: timestamp)
        } else {
            timestamp = nil
        }
        var values: [Int] = []
        for name in selection.values { values.append(try lookUp.index(of: name)) }
        self.values = values
        var groups: [Int] = []
        for name in selection.groupBy { groups.append(try lookUp.index(of: name)) }
        self.groups = groups
    }

    /// Checks a selection before any byte is read.
    static func validate(_ selection: CSVSelection, _ options: CSVOptions) throws(ConnectorError) {
        guard !selection.values.isEmpty else {
            throw .badSpecification(field: "values", problem: "name at least one column to read")
        }
        var seen: Set<String> = []
        for name in selection.values where !seen.insert(name).inserted {
            throw .badSpecification(field: "values", problem: "column '\(name)' is named twice")
        }
        for name in selection.groupBy where !seen.insert(name).inserted || name == selection.timestamp {
            throw .badSpecification(field: "groupBy", problem: "column '\(name)' is named twice")
        }
        guard let names = options.columnNames else { return }
        if options.hasHeader {
            throw .badSpecification(field: "columns", problem: "give names only for data without a header")
        }
        if Set(names).count != names.count {
            throw .badSpecification(field: "columns", problem: "the names must differ from one another")
        }
    }
}

/// Finds columns by name.
private struct Lookup {
    let names: [String]
    let line: Int

    func index(of name: String) throws(ConnectorError) -> Int {
        guard let first = names.firstIndex(of: name) else {
            throw .badData(BadData("there is no column '\(name)'; \(listing)", line: line))
        }
        if let last = names.lastIndex(of: name), last != first {
            let problem = "fields \(first + 1) and \(last + 1) have the same name, so it is not clear which is meant"
            throw .badData(BadData(problem, line: line, column: name))
        }
        return first
    }

    private var listing: String {
        let limit = 40
        if names.count == 1, let only = names.first {
            let hint = [";", "\t", "|", ","].first(where: only.contains).map {
                " (is the delimiter '\($0 == "\t" ? "\\t" : $0)'?)"
            }
            return "the only column is '\(BadData.excerpt(of: Array(only.utf8)))'\(hint ?? "")"
        }
        let shown = names.prefix(limit).map { "'\(BadData.excerpt(of: Array($0.utf8)))'" }.joined(separator: ", ")
        return "the columns are \(shown)" + (names.count > limit ? " and \(names.count - limit) more" : "")
    }
}

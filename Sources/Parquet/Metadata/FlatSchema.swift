// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The columns of a file, worked out of the tree in its footer.
struct FlatSchema: Sendable {
    /// A column and its place among all of the file's columns, those within nested ones included.
    struct Leaf: Sendable {
        var column: ParquetColumn
        var index: Int
    }

    /// What a name leads to.
    enum Match {
        case found(Leaf)
        case missing
        case nested
        case ambiguous
    }

    private static let deepest = 64

    /// The columns that are neither nested nor repeated.
    private(set) var columns: [Leaf] = []
    private var nestedNames: Set<String> = []
    private var leafCount = 0

    /// Reads the tree.
    init(_ elements: [SchemaElement]) throws(ParquetProblem) {
        guard let root = elements.first else { throw .damaged("the schema is empty") }
        guard root.childCount >= 0 else { throw .damaged("the schema claims \(root.childCount) columns") }
        var next = 1
        for _ in 0..<Int(root.childCount) {
            guard next < elements.count else { throw .damaged("the schema ends too early") }
            let element = elements[next]
            guard let type = element.type, element.repetition != .repeated else {
                nestedNames.insert(element.name)
                try pass(elements, &next, depth: 0)
                continue
            }
            columns.append(Leaf(column: try ParquetColumn(leaf: element, type: type), index: leafCount))
            leafCount += 1
            next += 1
        }
        guard next == elements.count else { throw .damaged("the schema has columns outside of its tree") }
    }

    /// Passes over a nested column, counting the parts it has in each row group.
    private mutating func pass(
        _ elements: [SchemaElement],
        _ next: inout Int,
        depth: Int
    ) throws(ParquetProblem) {
        guard depth < Self.deepest else { throw .damaged("the schema is nested more than \(Self.deepest) deep") }
        guard next < elements.count else { throw .damaged("the schema ends too early") }
        let element = elements[next]
        next += 1
        if element.type != nil {
            leafCount += 1
            return
        }
        guard element.childCount >= 0 else { throw .damaged("the schema claims \(element.childCount) columns") }
        for _ in 0..<Int(element.childCount) { try pass(elements, &next, depth: depth + 1) }
    }

    /// Finds a column.
    func find(_ name: String) -> Match {
        let found = columns.filter { $0.column.name == name }
        if found.count > 1 { return .ambiguous }
        if let leaf = found.first { return .found(leaf) }
        return nestedNames.contains(name) ? .nested : .missing
    }

    /// Checks that each row group has a part of each column, and a possible number of rows.
    func check(_ metadata: FileMetadata) throws(ParquetProblem) {
        var total: Int64 = 0
        for (index, group) in metadata.rowGroups.enumerated() {
            guard group.columns.count == leafCount else {
                throw .damaged(
                    "row group \(index) has \(group.columns.count) columns where the schema has \(leafCount)"
                )
            }
            let (sum, overflows) = total.addingReportingOverflow(group.rowCount)
            guard group.rowCount >= 0, !overflows else {
                throw .damaged("row group \(index) claims \(group.rowCount) rows")
            }
            total = sum
        }
        guard total == metadata.rowCount else {
            throw .damaged("its row groups have \(total) rows, and it claims \(metadata.rowCount)")
        }
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What a decoder saw: the fields that a type asked for, and those in the file that no type knows.
///
/// One decode owns it, so it needs no lock.
final class FieldLog {
    private var asked: [String: Set<String>] = [:]
    private var strangers: [(scope: String, name: String, line: Int?)] = []

    /// Notes that the type at that path has a field of that name.
    func ask(_ name: String, in scope: FieldPath) { asked[scope.text, default: []].insert(name) }

    /// Notes a field that the type at that path does not have.
    func meetStranger(_ name: String, line: Int?, in scope: FieldPath) {
        strangers.append((scope.text, name, line))
    }

    /// The unknown fields, each with the known one that it resembles.
    var problems: [FileProblem] {
        strangers.map { scope, name, line in
            let known = asked[scope] ?? []
            let nearest = NearestName.of(name, among: known).map { "; did you mean '\($0)'?" }
            let list = "; known here: \(known.sorted().joined(separator: ", "))"
            let field = scope.isEmpty ? name : "\(scope).\(name)"
            return FileProblem(line: line, field: field, message: "is not a field" + (nearest ?? list))
        }
    }
}

/// The path from the document's root to a field.
struct FieldPath {
    private(set) var keys: [any CodingKey] = []

    /// The path of a field within this one.
    func appending(_ key: any CodingKey) -> FieldPath { FieldPath(keys: keys + [key]) }

    /// The path of an item of this list.
    func item(_ index: Int) -> FieldPath { appending(ItemKey(intValue: index)) }

    /// The path as people write it: `spec.series.targets[0]`.
    var text: String {
        keys.reduce(into: "") { text, key in
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += (text.isEmpty ? "" : ".") + key.stringValue
            }
        }
    }
}

private struct ItemKey: CodingKey {
    let index: Int

    init(intValue: Int) { index = intValue }
    init?(stringValue: String) { return nil }

    var stringValue: String { String(index) }
    var intValue: Int? { index }
}

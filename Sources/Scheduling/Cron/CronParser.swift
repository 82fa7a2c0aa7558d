// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Reads the text of cron expressions. The text comes from outside: nothing here may trap.
enum CronParser {
    /// The values of a field, and whether a part of it was a star.
    struct Values: Equatable {
        var numbers = SmallSet()
        var hasStar = false
    }

    /// The words of a text, parted by spaces and tabs.
    static func words(in text: String) -> [Substring] {
        text.split { $0 == " " || $0 == "\t" }
    }

    /// The five fields of an expression, with short forms written out.
    static func fields(of text: String) throws(SchedulingError) -> [String] {
        let words = words(in: text)
        let first = words.first?.uppercased() ?? ""
        if first.hasPrefix("TZ=") || first.hasPrefix("CRON_TZ=") { throw .zoneInExpression(text) }
        if first.hasPrefix("@") {
            guard words.count == 1, let macro = CronMacro(rawValue: first.lowercased()) else {
                throw .unsupportedMacro(text)
            }
            return macro.fields.split(separator: " ").map(String.init)
        }
        guard words.count == CronField.allCases.count else {
            throw .fieldCount(expression: text, count: words.count)
        }
        return words.map(String.init)
    }

    /// The values that the text of one field stands for.
    static func values(of text: String, field: CronField) throws(SchedulingError) -> Values {
        var result = Values()
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard !part.isEmpty else { throw bad(field, text[...], "has an empty part in its list") }
            let values = try Self.values(ofPart: part, field: field)
            result.numbers = result.numbers.union(values.numbers)
            result.hasStar = result.hasStar || values.hasStar
        }
        return result
    }

    private static func values(ofPart part: Substring, field: CronField) throws(SchedulingError) -> Values {
        let pieces = part.split(separator: "/", omittingEmptySubsequences: false)
        guard let span = pieces.first, pieces.count <= 2 else { throw bad(field, part, "has more than one step") }
        let step = pieces.count == 2 ? try Self.step(pieces[1], in: part, field: field) : 1
        var values = Values()
        let range: ClosedRange<Int>
        if span == "*" || span == "?" {
            range = field.every
            values.hasStar = step == 1
        } else {
            range = try Self.range(span, in: part, field: field, isOpen: pieces.count == 2)
        }
        for value in stride(from: range.lowerBound, through: range.upperBound, by: step) {
            values.numbers.insert(field == .dayOfWeek ? value % 7 : value)
        }
        return values
    }

    private static func step(
        _ text: Substring,
        in part: Substring,
        field: CronField
    ) throws(SchedulingError) -> Int {
        guard let step = number(text) else { throw bad(field, part, "has a step that is not a number") }
        guard step > 0 else { throw bad(field, part, "has a step of 0, which never moves on") }
        // `*/90` in the minutes means every hour, which nobody who writes it wants.
        guard step <= field.every.count else {
            throw bad(field, part, "has a step of more than the field's \(field.every.count) values")
        }
        return step
    }

    /// A value or a range. With a step behind it (`isOpen`), a single value runs to the end of the field.
    private static func range(
        _ text: Substring,
        in part: Substring,
        field: CronField,
        isOpen: Bool
    ) throws(SchedulingError) -> ClosedRange<Int> {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        guard let first = ends.first, let last = ends.last, ends.count <= 2 else {
            throw bad(field, part, "is not a range of two values")
        }
        let lower = try value(first, in: part, field: field)
        guard ends.count == 2 else { return lower...(isOpen ? max(lower, field.every.upperBound) : lower) }
        var upper = try value(last, in: part, field: field)
        if field == .dayOfWeek, upper == 0, lower > 0, number(last) == nil { upper = 7 }
        guard lower <= upper else {
            let hint = field == .dayOfWeek && upper == 0 ? " (Sunday at the end of a range is 7)" : ""
            throw bad(field, part, "is a range that ends before it begins" + hint)
        }
        return lower...upper
    }

    private static func value(
        _ text: Substring,
        in part: Substring,
        field: CronField
    ) throws(SchedulingError) -> Int {
        guard !text.isEmpty else { throw bad(field, part, "lacks a value") }
        if text.utf8.count == 3, let index = field.names.firstIndex(of: text.uppercased()) {
            return field.every.lowerBound + index
        }
        guard let number = number(text) else { throw bad(field, part, "is not a value of this field") }
        guard field.numbers.contains(number) else { throw bad(field, part, "is out of range") }
        return number
    }

    /// A number of ASCII digits, without sign; one too large for `Int` counts as the largest.
    private static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        return Int(text) ?? .max
    }

    private static func bad(_ field: CronField, _ text: Substring, _ problem: String) -> SchedulingError {
        .badField(field: field, text: String(text), problem: problem, allowed: field.allowed)
    }
}

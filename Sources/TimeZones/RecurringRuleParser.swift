// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Reads the text of rules at the end of a TZif file, for instance `CET-1CEST,M3.5.0,M10.5.0/3`: the `TZ` variable of
/// POSIX with hours from -167 to 167 (RFC 9636, section 3.3.2).
struct RecurringRuleParser {
    private var rest: ArraySlice<UInt8>

    /// Nil when the text is none.
    static func parse(_ text: ArraySlice<UInt8>) -> RecurringRule? {
        var parser = RecurringRuleParser(rest: text)
        return parser.rule()
    }

    private mutating func rule() -> RecurringRule? {
        guard skipName(), let west = time(hours: 24) else { return nil }
        var rule = RecurringRule(standardOffset: -west)
        if rest.isEmpty { return rule }
        guard skipName() else { return nil }
        var daylightOffset = rule.standardOffset + 3_600
        if rest.first != UInt8(ascii: ",") {
            guard let west = time(hours: 24) else { return nil }
            daylightOffset = -west
        }
        guard let start = date(), let end = date(), rest.isEmpty else { return nil }
        rule.daylight = RecurringRule.Daylight(offset: daylightOffset, start: start, end: end)
        return rule
    }

    /// Letters, or anything of letters, digits and signs between `<` and `>`; what it is does not matter.
    private mutating func skipName() -> Bool {
        func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte & 0xDF) }
        guard take("<") else {
            let letters = rest.prefix(while: isLetter)
            rest = rest[letters.endIndex...]
            return letters.count >= 3
        }
        let name = rest.prefix {
            isLetter($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-")
        }
        rest = rest[name.endIndex...]
        return name.count >= 3 && take(">")
    }

    /// `,` and a day, with `/` and a time unless that is 02:00.
    private mutating func date() -> YearlyDate? {
        guard take(","), let day = day() else { return nil }
        guard take("/") else { return YearlyDate(day: day, time: 2 * 3_600) }
        return time(hours: 167).map { YearlyDate(day: day, time: $0) }
    }

    private mutating func day() -> YearlyDate.Day? {
        if take("J") { return number(1...365).map { .ofCommonYear($0) } }
        guard take("M") else { return number(0...365).map { .ofYear($0) } }
        guard let month = number(1...12), take("."), let week = number(1...5), take("."), let weekday = number(0...6)
        else { return nil }
        return .ofMonth(month: month, week: week, weekday: weekday)
    }

    /// Seconds of a time such as `-3:30`.
    private mutating func time(hours: Int) -> Int? {
        let sign = take("-") ? -1 : 1
        if sign == 1 { _ = take("+") }
        guard let hour = number(0...hours) else { return nil }
        var seconds = hour * 3_600
        for unit in [60, 1] {
            guard take(":") else { break }
            guard let part = number(0...59) else { return nil }
            seconds += part * unit
        }
        return sign * seconds
    }

    private mutating func number(_ range: ClosedRange<Int>) -> Int? {
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        guard (1...3).contains(digits.count) else { return nil }
        rest = rest[digits.endIndex...]
        let number = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        return range.contains(number) ? number : nil
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }
}

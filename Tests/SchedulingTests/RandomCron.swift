// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport

/// A random expression together with what it means, made at the same time and without the parser.
struct RandomCron {
    /// One field: its text, its values (day of week 0 to 6), and whether it is a star.
    struct Field {
        var text: String
        var values: Set<Int>
        var isStar: Bool
    }

    private static let monthNames = [
        "", "Jan", "FEB", "mar", "Apr", "MAY", "jun", "Jul", "AUG", "sep", "Oct", "NOV", "dec",
    ]
    private static let dayNames = ["Sun", "MON", "tue", "Wed", "THU", "fri", "Sat"]

    let minute: Field
    let hour: Field
    let dayOfMonth: Field
    let month: Field
    let dayOfWeek: Field

    var text: String {
        [minute, hour, dayOfMonth, month, dayOfWeek].map(\.text).joined(separator: " ")
    }

    init(using random: inout SeededRandom) {
        minute = Self.field(0...59, stars: 15, names: [], using: &random)
        hour = Self.field(0...23, stars: 30, names: [], using: &random)
        dayOfMonth = Self.field(1...28, stars: 70, names: [], using: &random)
        month = Self.field(1...12, stars: 85, names: Self.monthNames, using: &random)
        dayOfWeek = Self.dayOfWeek(using: &random)
    }

    private static func dayOfWeek(using random: inout SeededRandom) -> Field {
        if random.chance(8) {
            // Sunday as 7 and at the end of ranges.
            let from = Int.random(in: 1...6, using: &random)
            let text = random.pick(["\(from)-7", "\(dayNames[from])-sun", "7,\(from)"])
            return Field(
                text: text,
                values: Set(text.hasPrefix("7,") ? [0, from] : Array(from...6) + [0]),
                isStar: false
            )
        }
        return field(0...6, stars: 70, names: dayNames, using: &random)
    }

    private static func field(
        _ range: ClosedRange<Int>,
        stars: Int,
        names: [String],
        using random: inout SeededRandom
    ) -> Field {
        // Days of the month are drawn from 1...28, so that every expression comes, but `*` reaches further.
        let every = range == 1...28 ? 1...31 : range
        var field = Field(text: "", values: [], isStar: false)
        if random.chance(stars) {
            return Field(text: random.pick(["*", "*", "*", "?"]), values: Set(every), isStar: true)
        }
        for part in 0..<random.pick([1, 1, 1, 2, 3]) {
            if part > 0 { field.text += "," }
            append(to: &field, range, every, names, using: &random)
        }
        return field
    }

    private static func append(
        to field: inout Field,
        _ range: ClosedRange<Int>,
        _ every: ClosedRange<Int>,
        _ names: [String],
        using random: inout SeededRandom
    ) {
        func name(_ value: Int) -> String {
            names.isEmpty || random.chance(50) ? "\(value)" : names[value]
        }
        let first = Int.random(in: range, using: &random)
        let last = Int.random(in: first...range.upperBound, using: &random)
        let step = Int.random(in: 1...min(20, range.count), using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0:
            field.text += "*/\(step)"
            field.isStar = field.isStar || step == 1
            field.values.formUnion(stride(from: every.lowerBound, through: every.upperBound, by: step))
        case 1:
            field.text += "\(name(first))-\(name(last))"
            field.values.formUnion(first...last)
        case 2:
            field.text += "\(name(first))-\(name(last))/\(step)"
            field.values.formUnion(stride(from: first, through: last, by: step))
        case 3:
            field.text += "\(name(first))/\(step)"
            field.values.formUnion(stride(from: first, through: every.upperBound, by: step))
        default:
            field.text += name(first)
            field.values.insert(first)
        }
    }

    /// Whether the expression takes a minute.
    func takes(minute: Int, hour: Int, day: Int, month: Int, weekday: Int) -> Bool {
        guard self.minute.values.contains(minute), self.hour.values.contains(hour) else { return false }
        guard self.month.values.contains(month) else { return false }
        if dayOfMonth.isStar { return dayOfWeek.values.contains(weekday) }
        if dayOfWeek.isStar { return dayOfMonth.values.contains(day) }
        return dayOfMonth.values.contains(day) || dayOfWeek.values.contains(weekday)
    }
}

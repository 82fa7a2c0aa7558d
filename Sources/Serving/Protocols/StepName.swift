// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// The step between rows in the words of KServe's time series, for instance `hour`, `H` or `15T`.
///
/// KServe knows only single steps; a number before the unit, as in pandas and in our own `15min`, is taken too.
enum StepName {
    private static let units: [String: Frequency.Step] = [
        "second": .seconds(1), "S": .seconds(1), "s": .seconds(1), "sec": .seconds(1),
        "minute": .seconds(60), "T": .seconds(60), "min": .seconds(60),
        "hour": .seconds(3_600), "H": .seconds(3_600), "h": .seconds(3_600),
        "day": .seconds(86_400), "D": .seconds(86_400), "d": .seconds(86_400),
        "week": .seconds(604_800), "W": .seconds(604_800), "w": .seconds(604_800),
        "month": .months(1), "M": .months(1), "mo": .months(1),
        "quarter": .months(3), "Q": .months(3),
        "year": .months(12), "Y": .months(12), "y": .months(12),
    ]

    private static let names: [(step: Frequency.Step, name: String)] = [
        (.seconds(1), "second"), (.seconds(60), "minute"), (.seconds(3_600), "hour"), (.seconds(86_400), "day"),
        (.seconds(604_800), "week"), (.months(1), "month"), (.months(3), "quarter"), (.months(12), "year"),
    ]

    /// The step that a text means; nil where it means none.
    static func step(_ text: String) -> Frequency.Step? {
        let digits = text.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
        guard digits <= 7, let count = digits == 0 ? 1 : Int64(text.prefix(digits)), count > 0 else { return nil }
        var unit = text.dropFirst(digits)
        if unit.first == " " { unit.removeFirst() }
        // As English has it: 15 minutes.
        if unit.count > 3, unit.last == "s" { unit.removeLast() }
        switch units[String(unit)] {
        case .seconds(let length): return .seconds(length * count)
        case .months(let length): return .months(length * count)
        case nil: return nil
        }
    }

    /// KServe's word for a model's step; our own where it has none.
    static func name(_ frequency: Frequency) -> String {
        names.first { $0.step == frequency.step }?.name ?? frequency.description
    }
}

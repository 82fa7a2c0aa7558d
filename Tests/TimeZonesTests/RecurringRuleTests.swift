// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import TimeZones

@Suite("The rule at the end of a time zone's file")
struct RecurringRuleTests {
    /// Local times at which the clock jumps in a year, with the offset after.
    private static func jumps(_ text: String, year: Int) throws -> [String] {
        let rule = try #require(RecurringRuleParser.parse(Array(text.utf8)[...]))
        var instant = CivilDate(year: year, month: 1, day: 1).dayNumber * 86_400 - 1
        var jumps: [String] = []
        while let next = rule.change(after: instant) {
            let local = LocalTime(seconds: next + rule.offset(at: next - 1))
            guard local.year == year else { break }
            jumps.append("\(local) \(rule.offset(at: next))")
            instant = next
        }
        return jumps
    }

    @Test(
        "says when the clock jumps",
        arguments: [
            ("EST5EDT,M3.2.0,M11.1.0", ["2026-03-08 02:00 -14400", "2026-11-01 02:00 -18000"]),
            // South of the equator, by half an hour.
            ("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", ["2026-04-05 02:00 37800", "2026-10-04 02:00 39600"]),
            // Dublin: winter is what is set apart.
            ("IST-1GMT0,M10.5.0,M3.5.0/1", ["2026-03-29 01:00 3600", "2026-10-25 02:00 0"]),
            // Nuuk and Gaza: times below zero and beyond the day's end.
            ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", ["2026-03-28 23:00 -3600", "2026-10-25 00:00 -7200"]),
            ("EET-2EEST,M3.4.4/50,M10.4.4/50", ["2026-03-28 02:00 10800", "2026-10-24 02:00 7200"]),
            ("AAA1BBB,60,J60/1:30:00", ["2026-03-01 01:30 -3600", "2026-03-02 02:00 0"]),
            ("EST5", []), ("UTC0", []),
            // Summer time all year, as RFC 9636 has it.
            ("XXX3EDT4,0/0,J365/23", []),
        ]
    )
    func rules(text: String, expected: [String]) throws {
        #expect(try Self.jumps(text, year: 2026) == expected)
    }

    @Test("of summer time all year has summer time all year")
    func allYear() throws {
        let rule = try #require(RecurringRuleParser.parse(Array("XXX3EDT4,0/0,J365/23".utf8)[...]))
        for day in 0..<800 { #expect(rule.offset(at: 1_767_225_600 + day * 86_400) == -14_400) }
    }

    @Test("counts February 29 as its form says")
    func leapDay() throws {
        #expect(try Self.jumps("AAA0BBB,59,J61", year: 2028) == ["2028-02-29 02:00 3600", "2028-03-02 02:00 0"])
    }

    @Test(
        "is refused",
        arguments: [
            "", "CET", "CE-1", "CET-25", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M3.5.0,M10.5.0/168", "<CET-1",
            "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0",
            "CET-1CEST,J0,J366", "CET-1CEST,M3.5.0,M10.5.0,", "CET-1:60", ":Europe/Amsterdam", "CET-1CEST,366,1",
        ]
    )
    func refusals(text: String) {
        #expect(RecurringRuleParser.parse(Array(text.utf8)[...]) == nil)
    }

    @Test("answers in order, whatever the rule")
    func random() {
        var random = SeededRandom(seed: 3)
        func day() -> String {
            switch Int.random(in: 0..<3, using: &random) {
            case 0: "J\(Int.random(in: 1...365, using: &random))"
            case 1: "\(Int.random(in: 0...365, using: &random))"
            default:
                "M\(Int.random(in: 1...12, using: &random)).\(Int.random(in: 1...5, using: &random))"
                    + ".\(Int.random(in: 0...6, using: &random))"
            }
        }
        for _ in 0..<2_000 {
            let times = (0..<2).map { _ in Int.random(in: -167...167, using: &random) }
            let offsets = (0..<2).map { _ in Int.random(in: -24...24, using: &random) }
            let text = "AAA\(offsets[0])BBB\(offsets[1]),\(day())/\(times[0]),\(day())/\(times[1])"
            guard let rule = RecurringRuleParser.parse(Array(text.utf8)[...]) else {
                Issue.record("\(text) is refused")
                continue
            }
            let rules = ZoneRules(initialOffset: 0, recurring: rule)
            #expect(rules.isConsistent, "\(text)")
        }
    }
}

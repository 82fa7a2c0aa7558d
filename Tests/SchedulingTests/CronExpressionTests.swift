// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Scheduling

@Suite("A cron expression")
struct CronExpressionTests {
    private static func numbers(_ set: SmallSet, _ range: ClosedRange<Int>) -> [Int] { range.filter(set.contains) }

    @Test(
        "reads values, lists, ranges, steps and names",
        arguments: [
            ("5", [5]), ("5,7,5", [5, 7]), ("2-4", [2, 3, 4]), ("2-8/3", [2, 5, 8]), ("50/4", [50, 54, 58]),
            ("*/20", [0, 20, 40]), ("?/30", [0, 30]), ("007", [7]), ("*/60", [0]), ("1-2,50-59/9", [1, 2, 50, 59]),
        ]
    )
    func minutes(text: String, expected: [Int]) throws {
        #expect(Self.numbers(try CronExpression("\(text) * * * *").minutes, 0...59) == expected)
    }

    @Test(
        "takes 0 and 7 for Sunday and names in any case",
        arguments: [
            ("7", [0]), ("0", [0]), ("5-7", [0, 5, 6]), ("fri-SUN", [0, 5, 6]), ("Sun-tue", [0, 1, 2]),
            ("0-7", Array(0...6)),
            ("1-7/2", [0, 1, 3, 5]), ("*/2", [0, 2, 4, 6]), ("MON/2", [1, 3, 5]), ("7/2", [0]), ("sun", [0]),
        ]
    )
    func daysOfWeek(text: String, expected: [Int]) throws {
        #expect(Self.numbers(try CronExpression("0 0 * * \(text)").daysOfWeek, 0...6) == expected)
    }

    @Test("writes short forms out", arguments: CronMacro.allCases)
    func macros(_ macro: CronMacro) throws {
        #expect(try CronExpression(" \(macro.rawValue.uppercased())\t") == CronExpression(macro.fields))
    }

    @Test(
        "takes a day that fits either day field, unless one of them is a star",
        arguments: [
            // June 2026 begins on a Monday.
            ("13 * 5", [5, 12, 13, 19, 26]), ("* * 5", [5, 12, 19, 26]), ("13 * *", [13]), ("13 * ?", [13]),
            ("1 * */2", [1, 2, 4, 6, 7, 9, 11, 13, 14, 16, 18, 20, 21, 23, 25, 27, 28, 30]),
            ("*/1 * 1", [1, 8, 15, 22, 29]),
            ("*/10 * 7", [1, 7, 11, 14, 21, 28]), ("*,3 * 3", [3, 10, 17, 24]), ("29-30 * 0-6", Array(1...30)),
        ]
    )
    func starRule(days: String, expected: [Int]) throws {
        let expression = try CronExpression("0 0 \(days)")
        #expect(Self.numbers(expression.days(year: 2026, month: 6), 0...63) == expected)
    }

    @Test(
        "is refused with the field, the text and what is allowed",
        arguments: [
            ("60 * * * *", "cron field minute: \"60\" is out of range; allowed are 0-59"),
            ("* 24 * * *", "cron field hour: \"24\" is out of range; allowed are 0-23"),
            ("* * 0 * *", "cron field day of month: \"0\" is out of range; allowed are 1-31"),
            ("* * * 13 *", "cron field month: \"13\" is out of range; allowed are 1-12 or JAN-DEC"),
            (
                "* * * * 8",
                "cron field day of week: \"8\" is out of range; allowed are 0-7 (0 and 7 are Sunday) or SUN-SAT"
            ),
            ("*/0 * * * *", "\"*/0\" has a step of 0"), ("*/90 * * * *", "more than the field's 60 values"),
            ("*/x * * * *", "\"*/x\" has a step that is not a number"), ("1/2/3 * * * *", "more than one step"),
            ("9-5 * * * *", "\"9-5\" is a range that ends before it begins"),
            ("1-2-3 * * * *", "not a range of two values"),
            ("* * * * 5-0", "Sunday at the end of a range is 7"), ("* * * dec-JAN *", "ends before it begins"),
            ("1,,2 * * * *", "\"1,,2\" has an empty part in its list"), (", * * * *", "empty part"),
            ("1, * * * *", "empty part"), ("- * * * *", "\"-\" lacks a value"), ("-5 * * * *", "lacks a value"),
            ("5- * * * *", "lacks a value"), ("/5 * * * *", "lacks a value"), ("*/ * * * *", "not a number"),
            ("*5 * * * *", "\"*5\" is not a value of this field"), ("*-5 * * * *", "is not a value"),
            ("+5 * * * *", "is not a value"), ("1.5 * * * *", "is not a value"), ("MON * * * *", "is not a value"),
            ("* * L * *", "cron field day of month: \"L\" is not a value"), ("* * * * 5#2", "is not a value"),
            ("* * * * \u{17F}un", "is not a value"), ("٣ * * * *", "is not a value"), ("H * * * *", "is not a value"),
            ("99999999999999999999 * * * *", "is out of range"), ("*/99999999999999999999 * * * *", "more than"),
            ("", "has 0 fields; it must have 5"), ("* * * *", "has 4 fields"), ("* * * * * *", "has 6 fields"),
            ("0 0 * * * * 2026", "seconds and years are not supported"), ("@every 5m", "@every has no fixed instants"),
            ("@reboot", "@reboot has no meaning"), ("@dayly", "allowed are @hourly, @daily"),
            ("@daily x", "is not known"),
            ("TZ=UTC 0 0 * * *", "write the zone into timeZone"),
            ("CRON_TZ=UTC @daily", "write the zone into timeZone"),
            ("0 0 30 2 *", "\"0 0 30 2 *\" never comes"), ("0 0 31 4,6,9,11 *", "never comes"),
            ("0 0 30,31 FEB ?", "never"),
        ]
    )
    func refusals(text: String, part: String) {
        let error = #expect(throws: SchedulingError.self) { try CronExpression(text) }
        #expect(error.map(\.description)?.contains(part) == true, "\(error.map(\.description) ?? "no error")")
    }

    @Test("comes on February 29, and on February 30 where a weekday may do instead")
    func rareDays() throws {
        #expect(try CronExpression("0 0 29 2 *").days(year: 2027, month: 2).isEmpty)
        #expect(try CronExpression("0 0 29 2 *").days(year: 2028, month: 2).count == 1)
        #expect(try CronExpression("0 0 30 2 1").days(year: 2026, month: 2).count == 4)
        #expect(try CronExpression("0 0 31 2,3 *").days(year: 2026, month: 3).count == 1)
    }

    @Test("never traps, whatever its text, and what it takes it takes again when written out")
    func fuzz() throws {
        var random = SeededRandom(seed: 36)
        let alphabet = Array("0123456789*/,-? \t@LW#=+.MONSUNjanfebéHTZ\u{0}\u{301}\u{1F600}٣")
        var accepted = 0
        for _ in 0..<20_000 {
            var text = Array(RandomCron(using: &random).text)
            if random.chance(10) { text = Array("@" + random.pick(["daily", "every 5m", "yearly"])) }
            for _ in 0..<random.pick([0, 1, 1, 2, 5]) where !text.isEmpty {
                let place = Int.random(in: 0...text.count - 1, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: text[place] = random.pick(alphabet)
                case 1: text.insert(random.pick(alphabet), at: place)
                case 2: text.remove(at: place)
                default: text.insert(contentsOf: text[place...].prefix(4), at: place)
                }
            }
            if random.chance(1) { text = (0..<200).map { _ in random.pick(alphabet) } }
            do {
                let expression = try CronExpression(String(text))
                #expect(try CronExpression(expression.description) == expression)
                accepted += 1
            } catch {
                #expect(error.description.count < 400)
            }
        }
        #expect((2_000...18_000).contains(accepted))
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Connectors

@Suite("timestamps to seconds")
struct TimestampParserTests {
    private func parse(_ text: String, _ format: TimestampFormat = .automatic) throws -> TimestampParser.Timestamp {
        let parser = try TimestampParser(format)
        let bytes = Array(text.utf8)
        return try bytes.span.withUnsafeBytes { buffer throws(TimestampProblem) in try parser.parse(buffer) }
    }

    @Test(
        "every ISO 8601 form of one moment gives the same seconds",
        arguments: [
            "2016-07-01 00:00:00", "2016-07-01T00:00:00", "2016-07-01t00:00", "2016-07-01", "2016-07-01 00:00:00.000",
            "2016-07-01T00:00:00,0", "2016-07-01T00:00:00Z", "2016-07-01T02:00:00+02:00", "2016-06-30 19:00-0500",
            "2016-07-01 05:30:00.0+05:30", "2016-06-30T23:00-01",
        ]
    )
    func iso(_ text: String) throws {
        #expect(try parse(text).seconds == 1_467_331_200)
    }

    @Test("only a written offset counts as one")
    func offsets() throws {
        #expect(try parse("2016-07-01T00:00:00Z").hasOffset == true)
        #expect(try parse("2016-07-01 00:00").hasOffset == false)
        #expect(try parse("1467331200", .unixSeconds).hasOffset == nil)
    }

    @Test(
        "what is not a moment is refused with its reason",
        arguments: [
            ("2023-02-29 00:00:00", TimestampProblem.noSuchDate), ("1900-02-29", .noSuchDate),
            ("2016-13-01", .noSuchDate),
            ("2016-00-10", .noSuchDate), ("0000-01-01", .noSuchDate), ("2016-04-31T00:00", .noSuchDate),
            ("2016-07-01 24:00:00", .noSuchTime), ("2016-07-01 23:59:60", .noSuchTime),
            ("2016-07-01T00:00+24:00", .noSuchTime), ("2016-07-01 00:00:00.5", .fractionOfSecond),
            ("9999-12-31T23:59:59-01:00", .outOfRange), ("0001-01-01T00:00:00+01:00", .outOfRange),
            ("2016-7-1", .malformed), ("2016/07/01", .malformed), ("2016-07-01 00", .malformed), ("", .malformed),
            ("2016-07-01 00:00:0x", .malformed), ("2016-07-01 00:00:00 ", .malformed), ("2016-07-01T", .malformed),
            ("2016-07-01 00:00:00+", .malformed), ("2016-07-01 00:00:00.", .malformed),
            ("20a6-07-01 00:00:00", .malformed),
        ]
    )
    func refused(_ text: String, _ problem: TimestampProblem) {
        #expect(throws: problem) { try parse(text) }
    }

    @Test("Unix times are whole seconds in the years 1 to 9999")
    func unix() throws {
        #expect(try parse("-1", .unixSeconds).seconds == -1)
        #expect(try parse("1467331200.000", .unixSeconds).seconds == 1_467_331_200)
        #expect(try parse("1467331200000", .unixMilliseconds).seconds == 1_467_331_200)
        #expect(throws: TimestampProblem.fractionOfSecond) { try parse("1467331200001", .unixMilliseconds) }
        #expect(throws: TimestampProblem.fractionOfSecond) { try parse("-1", .unixMilliseconds) }
        #expect(throws: TimestampProblem.fractionOfSecond) { try parse("1.5", .unixSeconds) }
        #expect(throws: TimestampProblem.outOfRange) { try parse("1467331200000", .unixSeconds) }
        #expect(throws: TimestampProblem.outOfRange) { try parse(String(repeating: "9", count: 99), .unixSeconds) }
        #expect(throws: TimestampProblem.malformed) { try parse("+", .unixSeconds) }
        #expect(throws: TimestampProblem.malformed) { try parse("1e9", .unixSeconds) }
    }

    @Test(
        "patterns read what they describe",
        arguments: [
            ("%d.%m.%Y %H:%M", "1.7.2016 00:00"), ("%Y%m%d%H", "2016070100"),
            (
                "%m/%d/%y %I:%M %p",
                "07/01/16 12:00 am"
            ),
            ("%d-%b-%Y", "01-JUL-2016"), ("%Y/%j", "2016/183"),
            (
                "%Y-%m-%dT%H:%M:%S.%f%z",
                "2016-07-01T02:00:00.000+0200"
            ),
            ("%Y%%%m%%%d", "2016%07%01"), ("%I%p %d %b %y UTC", "12AM 1 Jul 16 UTC"),
        ]
    )
    func patterns(_ pattern: String, _ text: String) throws {
        #expect(try parse(text, .pattern(pattern)).seconds == 1_467_331_200)
    }

    @Test("patterns refuse other text")
    func patternProblems() {
        #expect(throws: TimestampProblem.malformed) { try parse("1.7.16", .pattern("%d.%m.%Y")) }
        #expect(throws: TimestampProblem.malformed) { try parse("1.7.2016 ", .pattern("%d.%m.%Y")) }
        #expect(throws: TimestampProblem.malformed) { try parse("1 jux 2016", .pattern("%d %b %Y")) }
        #expect(throws: TimestampProblem.noSuchDate) { try parse("2015-366", .pattern("%Y-%j")) }
        #expect(throws: TimestampProblem.noSuchTime) { try parse("2015-1 13am", .pattern("%Y-%j %I%p")) }
        #expect(throws: TimestampProblem.fractionOfSecond) {
            try parse("2015-1 1:2:3.4", .pattern("%Y-%j %H:%M:%S.%f"))
        }
    }

    @Test(
        "a pattern that cannot give one date and time is refused",
        arguments: [
            "%Y", "%Y-%m", "%H:%M", "%Y-%m-%d %Q", "%Y-%m-%d %", "%Y-%y-%m-%d", "%Y-%j-%d", "%Y-%m-%d %I",
            "%Y-%m-%d %p",
            "%Y-%m-%b-%d", "%Y-%m-%d %H %H", "%Y-%m-%d %M", "%Y-%m-%d %H%S", "%Y-%m-%d %H:%M.%f", "Iso", "",
        ]
    )
    func badPatterns(_ pattern: String) {
        #expect(throws: ConnectorError.self) { try TimestampFormat(pattern) }
    }

    @Test("every day of four centuries agrees with the calendar")
    func everyDay() throws {
        var seconds: Int64 = -11_676_096_000  // 1600-01-01
        for year in 1600..<2000 {
            for month in 1...12 {
                for day in 1...CivilTime.days(in: month, of: year) {
                    let time = CivilTime(year: year, month: month, day: day)
                    #expect(try time.secondsSinceEpoch() == seconds)
                    seconds += 86_400
                }
            }
        }
        #expect(seconds == 946_684_800)
    }

    @Test("no text makes a parser trap")
    func fuzz() throws {
        var random = SeededRandom(seed: 3)
        let formats: [TimestampFormat] = [
            .automatic, .unixSeconds, .unixMilliseconds, .pattern("%d %b %y %I:%M:%S.%f %p %z"), .pattern("%Y%j%H"),
        ]
        let seeds = ["2016-07-01 00:00:00.000+02:00", "1467331200000", "01 Jul 16 12:00:00.0 AM +0200", "201618300"]
        let alphabet = Array("0123456789-:.+TZ aApPmM%,".utf8) + [0, 255]
        let parsers = try formats.map { try TimestampParser($0) }
        for _ in 0..<40_000 {
            var bytes = Array((seeds.randomElement(using: &random) ?? "").utf8)
            for _ in 0..<Int.random(in: 0...4, using: &random) where !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = alphabet.randomElement(using: &random) ?? 0
            }
            bytes = Array(bytes.prefix(Int.random(in: 0...40, using: &random)))
            for parser in parsers {
                let time = bytes.withUnsafeBytes { try? parser.parse($0) }
                if let time { #expect(CivilTime.range.contains(time.seconds)) }
            }
        }
    }
}

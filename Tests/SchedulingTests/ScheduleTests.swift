// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Scheduling
@testable import TimeZones

@Suite("A schedule")
struct ScheduleTests {
    private static func date(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }

    /// The first instants after a time, as text.
    private static func instants(_ schedule: Schedule, after start: String, count: Int) throws -> [String] {
        var date = try date(start)
        return (0..<count).compactMap { _ in
            guard let next = schedule.next(after: date) else { return nil }
            date = next
            return next.formatted(.iso8601)
        }
    }

    @Test("runs a time that Amsterdam's clock jumps over at 03:00, or not at all")
    func skipped() throws {
        let after = try Schedule(crons: ["15,45 2 * * *"], timeZone: "Europe/Amsterdam")
        let skip = try Schedule(crons: ["15,45 2 * * *"], timeZone: "Europe/Amsterdam", skippedHour: .skip)
        let start = "2026-03-28T12:00:00Z"
        #expect(try Self.instants(after, after: start, count: 2) == ["2026-03-29T01:00:00Z", "2026-03-30T00:15:00Z"])
        #expect(try Self.instants(skip, after: start, count: 1) == ["2026-03-30T00:15:00Z"])
    }

    @Test("runs a time that Amsterdam's clock shows twice once, or both times")
    func repeated() throws {
        let first = try Schedule(crons: ["30 2 * * *"], timeZone: "Europe/Amsterdam")
        let both = try Schedule(crons: ["30 2 * * *"], timeZone: "Europe/Amsterdam", repeatedHour: .both)
        let start = "2026-10-24T12:00:00Z"
        #expect(try Self.instants(first, after: start, count: 2) == ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"])
        #expect(try Self.instants(both, after: start, count: 2) == ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"])
    }

    @Test("keeps the rhythm of expressions that take every hour", arguments: ["Europe/Amsterdam", "America/Sao_Paulo"])
    func rhythm(zone: String) throws {
        for (cron, distance) in [("*/10 * * * *", 600.0), ("5 * * * *", 3_600), ("0,30 * * * *", 1_800)] {
            for skippedHour in SkippedHour.allCases {
                let schedule = try Schedule(crons: [cron], timeZone: zone, skippedHour: skippedHour)
                var date = try #require(schedule.next(after: try Self.date("2018-01-01T00:00:00Z")))
                var distances: Set<TimeInterval> = []
                for _ in 0..<Int(400 * 86_400 / distance) {
                    guard let next = schedule.next(after: date) else { break }
                    distances.insert(next.timeIntervalSince(date))
                    date = next
                }
                #expect(distances == [distance])
            }
        }
    }

    @Test("knows Samoa's missing day, Lord Howe's half hour and midnights that do not exist")
    func oddJumps() throws {
        let apia = try Schedule(crons: ["0 3 * * *"], timeZone: "Pacific/Apia")
        let expected = ["2011-12-29T13:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T13:00:00Z"]
        #expect(try Self.instants(apia, after: "2011-12-29T00:00:00Z", count: 3) == expected)
        let howe = try Schedule(crons: ["15 2 * * *"], timeZone: "Australia/Lord_Howe")
        #expect(try Self.instants(howe, after: "2026-10-03T00:00:00Z", count: 1) == ["2026-10-03T15:30:00Z"])
        let paulo = try Schedule(crons: ["@daily"], timeZone: "America/Sao_Paulo")
        #expect(try Self.instants(paulo, after: "2018-11-03T12:00:00Z", count: 1) == ["2018-11-04T03:00:00Z"])
        #expect(
            paulo.nextOccurrence(after: try Self.date("2018-11-03T12:00:00Z"))?.local.description == "2018-11-04 01:00"
        )
    }

    @Test("goes on beyond 2038, over leap days and centuries")
    func farAhead() throws {
        let utc = try Schedule(crons: ["0 0 29 2 *"])
        #expect(try Self.instants(utc, after: "2096-03-01T00:00:00Z", count: 1) == ["2104-02-29T00:00:00Z"])
        let amsterdam = try Schedule(crons: ["30 2 * * *"], timeZone: "Europe/Amsterdam")
        #expect(try Self.instants(amsterdam, after: "2060-03-27T12:00:00Z", count: 1) == ["2060-03-28T01:00:00Z"])
    }

    @Test("counts an instant of several expressions once")
    func union() throws {
        let schedule = try Schedule(crons: ["0 * * * *", "*/30 * * * *", "0 12 * * *"])
        let start = try Self.date("2026-01-01T00:00:00Z")
        #expect(schedule.count(after: start, through: start + 86_400) == 48)
        #expect(schedule.contains(start) && !schedule.contains(start + 60))
    }

    @Test("says whether two are the same by its text")
    func text() throws {
        let schedule = try Schedule(crons: [" 0  3 * * mon-fri", "@daily"], timeZone: "Europe/Amsterdam")
        #expect(schedule.text == "0 3 * * MON-FRI; 0 0 * * * (Europe/Amsterdam, RunAfter, First)")
        #expect(throws: SchedulingError.cronCount(0)) { try Schedule(crons: []) }
        #expect(throws: SchedulingError.cronCount(33)) { try Schedule(crons: Array(repeating: "@daily", count: 33)) }
    }

    // Numbers, because Foundation traps where it describes the date that is no number.
    @Test("answers for every date that there is", arguments: [1e300, -1e300, .infinity, -.infinity, .nan, 1e12, -1e12])
    func extremes(seconds: Double) throws {
        let date = Date(timeIntervalSince1970: seconds)
        let schedule = try Schedule(crons: ["*/7 3 * * *"], timeZone: "Europe/Amsterdam")
        _ = schedule.next(after: date)
        _ = schedule.latest(atOrBefore: date)
        _ = schedule.count(after: date, through: Date(timeIntervalSince1970: 0))
    }

    @Test("finds, looks back and counts ten years fast enough, in a release build", .enabled(if: isOptimised))
    func speed() throws {
        let crons = [["* * * * *"], ["0 3 * * 1-5"], ["0 0 29 2 *"], ["*/10 1-5 * * *", "0 12 1 * *", "30 2 * * 0"]]
        for zone in ["UTC", "Europe/Amsterdam", "Africa/Casablanca"] {
            for each in crons {
                let schedule = try Schedule(crons: each, timeZone: zone)
                let start = try Self.date("2026-03-29T00:00:00Z")
                let next = Self.time { schedule.next(after: start + Double($0 * 7_000)) }
                let latest = Self.time { schedule.latest(atOrBefore: start + Double($0 * 7_000)) }
                let count = Self.time { schedule.count(after: start, through: start + Double($0) + 3_653 * 86_400) }
                let read = Self.time { _ in try? Schedule(crons: each, timeZone: zone) }
                print("\(zone) \(each): next \(next) µs, latest \(latest) µs, count \(count) µs, read \(read) µs")
                #expect(next < 20 && latest < 500 && count < 2_000)
            }
        }
    }

    /// Microseconds of a call, on average.
    private static func time<Result>(_ call: (Int) -> Result) -> Double {
        let calls = 1_000
        let duration = ContinuousClock().measure { for number in 0..<calls { withExtendedLifetime(call(number)) {} } }
        return (duration / calls / .microseconds(1) * 10).rounded() / 10
    }

    private static var isOptimised: Bool {
        var isDebug = false
        assert({ isDebug = true }() == ())
        return !isDebug
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Forecasting

@Suite("Channels of the calendar")
struct CalendarChannelsTests {
    private func instant(_ text: String) throws -> Int64 {
        Int64(try Date("\(text):00Z", strategy: .iso8601).timeIntervalSince1970)
    }

    @Test("weekdays and days of the year are those of Foundation's calendar", arguments: 0..<40)
    func days(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        for _ in 0..<50 {
            let seconds = Int64.random(in: -5_000_000_000...20_000_000_000, using: &random)
            let (time, date) = (UTCTime(seconds: seconds), Date(timeIntervalSince1970: Double(seconds)))
            #expect(time.weekday == Int64((calendar.component(.weekday, from: date) + 5) % 7))
            #expect(time.dayOfYear == Int64(calendar.ordinality(of: .day, in: .year, for: date) ?? 0))
            #expect(time.daysInYear == Int64(calendar.range(of: .day, in: .year, for: date)?.count ?? 0))
        }
    }

    @Test("a place in a cycle is the sine and cosine of one turn, of two and so on")
    func waves() throws {
        let calendar = try #require(CalendarChannels(cycles: [.hourOfDay], holidays: []))
        #expect(calendar.count == 12)
        let channels = calendar.values([try instant("2026-11-21T06:00"), try instant("2026-11-21T18:00")])
        #expect(channels.count == 12)
        // A quarter of a day: sin, cos, sin 2, cos 2, sin 3 ...
        for (channel, wanted) in zip(channels, [1.0, 0, 0, -1, -1, 0]) { #expect(abs(channel[0] - wanted) < 1e-12) }
        for (channel, wanted) in zip(channels, [-1.0, 0, 0, -1, 1, 0]) { #expect(abs(channel[1] - wanted) < 1e-12) }
    }

    @Test("the sines of the week tell all seven days apart")
    func weekdays() throws {
        let calendar = try #require(CalendarChannels(cycles: [.dayOfWeek], holidays: []))
        let monday = try instant("2026-11-16T05:00")
        let channels = calendar.values((0..<7).map { monday + $0 * 86_400 })
        let rows = (0..<7).map { day in [1] + channels.map { $0[day] } }
        // Orthogonal rows: together with a constant they are a basis of all profiles of a week.
        for left in 0..<7 {
            for right in 0..<left {
                let product = zip(rows[left], rows[right]).dropFirst().reduce(0.5) { $0 + $1.0 * $1.1 }
                #expect(abs(product) < 1e-12)
            }
        }
    }

    @Test("a row of a holiday's day in UTC is marked, and no other one is")
    func holidays() throws {
        let days = [try instant("2026-12-25T00:00") / 86_400, try instant("2026-01-01T00:00") / 86_400]
        let calendar = try #require(CalendarChannels(cycles: [], holidays: days + days))
        let minutes = [
            "2026-12-24T23:59", "2026-12-25T00:00", "2026-12-25T23:59", "2026-12-26T00:00", "2026-01-01T12:00",
        ]
        let times = try minutes.map(instant)
        #expect(calendar.values(times) == [[0, 1, 1, 0, 1]])
        #expect(calendar.count == 1)
        #expect(CalendarChannels(cycles: [], holidays: []) == nil)
    }

    @Test("stored channels are what they were, and those that were tampered with are refused")
    func stored() throws {
        let calendar = try #require(CalendarChannels(cycles: [.hourOfWeek, .dayOfYear], holidays: [20_000, 10]))
        let decoded = try JSONDecoder().decode(CalendarChannels.self, from: JSONEncoder().encode(calendar))
        #expect(decoded == calendar)
        for text in [
            #"{"cycles":["DayOfWeek","DayOfWeek"]}"#, #"{"cycles":[]}"#, #"{"cycles":[],"holidays":[]}"#,
            #"{"cycles":[],"holidays":[2,1]}"#, #"{"cycles":[],"holidays":[1,1]}"#,
        ] {
            let other = try JSONDecoder().decode(CalendarChannels.self, from: Data(text.utf8))
            #expect(throws: ForecastingError.self) { try other.validate() }
        }
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing
import TimeZones

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

    @Test("in a zone, days and hours are those that Foundation's calendar has there", arguments: 0..<20)
    func zone(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let name = random.pick([
            "Europe/Amsterdam", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Asia/Gaza",
        ])
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: name))
        let holiday = 20_000 + Int64.random(in: 0...400, using: &random)
        let channels = try #require(
            CalendarChannels(
                cycles: [.hourOfDay, .dayOfWeek, .dayOfYear],
                holidays: [holiday],
                zone: ZoneDatabase.ofThisMachine.zone(name)
            )
        )
        let plain = try #require(CalendarChannels(cycles: [.hourOfDay, .dayOfWeek, .dayOfYear], holidays: [holiday]))
        let start = holiday * 86_400 - 40_000
        let instants =
            (0..<2_000).map { start + $0 * 1_800 }
            + (0..<50).map { _ in Int64.random(in: 0...4_000_000_000, using: &random) }
        // The same channels as those of UTC for what the clock shows.
        let shown = instants.map { instant in
            let date = Date(timeIntervalSince1970: Double(instant))
            return instant + Int64(calendar.timeZone.secondsFromGMT(for: date))
        }
        #expect(channels.values(instants) == plain.values(shown))
        #expect(channels.values(instants) != plain.values(instants))
    }

    @Test("of all years have values, and UTC by another name is none")
    func edges() throws {
        let range = UTCTime.secondsRange
        for name in ["Asia/Tokyo", "America/Adak", "Europe/Amsterdam"] {
            let zone = try ZoneDatabase.ofThisMachine.zone(name)
            let calendar = try #require(CalendarChannels(cycles: [.dayOfYear], holidays: [], zone: zone))
            let values = calendar.values([range.lowerBound, 0, range.upperBound])
            #expect(values.joined().allSatisfy { $0.isFinite })
        }
        let zone = try ZoneDatabase.ofThisMachine.zone("Etc/UTC")
        let named = try #require(CalendarChannels(cycles: [.hourOfDay], holidays: [], zone: zone))
        #expect(named == CalendarChannels(cycles: [.hourOfDay], holidays: []))
        #expect(!String(decoding: try JSONEncoder().encode(named), as: UTF8.self).contains("zone"))
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
        let zone = try ZoneDatabase.ofThisMachine.zone("Europe/Amsterdam")
        let zoned = try #require(CalendarChannels(cycles: [.hourOfWeek], holidays: [], zone: zone))
        for channels in [calendar, zoned] {
            let decoded = try JSONDecoder().decode(CalendarChannels.self, from: JSONEncoder().encode(channels))
            #expect(decoded == channels)
        }
        for text in [
            #"{"cycles":["DayOfWeek","DayOfWeek"]}"#, #"{"cycles":[]}"#, #"{"cycles":[],"holidays":[]}"#,
            #"{"cycles":[],"holidays":[2,1]}"#, #"{"cycles":[],"holidays":[1,1]}"#,
        ] {
            let other = try JSONDecoder().decode(CalendarChannels.self, from: Data(text.utf8))
            #expect(throws: ForecastingError.self) { try other.validate() }
        }
    }
}

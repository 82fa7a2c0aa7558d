// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Forecasting

@Suite("Frequency and time")
struct FrequencyTests {
    @Test(
        "frequencies are read, written and have their usual season",
        arguments: [
            ("30s", 2_880), ("10min", 144), ("1h", 24), ("6h", 4), ("1d", 7), ("2d", 1), ("1w", 52), ("1mo", 12),
            ("1y", 1),
        ]
    )
    func reading(text: String, season: Int) throws {
        let frequency = try Frequency(text)
        #expect(frequency.description == text)
        #expect(frequency.defaultSeasonLength == season)
    }

    @Test(
        "what is no frequency is refused",
        arguments: ["", "h", "0h", "-1h", "1.5h", "1 h", "1H", "99999999999999999999s"]
    )
    func refusing(text: String) {
        #expect(throws: ForecastingError.invalidFrequency(text: text)) { try Frequency(text) }
    }

    @Test("civil times equal Foundation's over the years 1 to 9999")
    func civilTimes() {
        var generator = SeededRandom(seed: 3)
        let style = Date.ISO8601FormatStyle()
        for _ in 0..<3_000 {
            let seconds = Int64.random(in: -12_219_292_800...UTCTime.secondsRange.upperBound, using: &generator)
            let time = UTCTime(seconds: seconds)
            #expect(time.description == style.format(Date(timeIntervalSince1970: Double(seconds))))
            let day = UTCTime.seconds(year: time.year, month: time.month, day: time.day)
            #expect(day + time.secondOfDay == seconds)
        }
    }

    @Test("months keep the day, month ends stay month ends, and steps count them back")
    func months() throws {
        let month = try Frequency("1mo")
        let anchor = UTCTime.seconds(year: 2024, month: 1, day: 31)
        let texts = month.instants(after: anchor, count: 3).map { UTCTime(seconds: $0).description }
        #expect(texts == ["2024-02-29T00:00:00Z", "2024-03-31T00:00:00Z", "2024-04-30T00:00:00Z"])
        for steps in 0..<500 {
            let instant = try #require(month.instant(steps, after: anchor))
            #expect(month.steps(from: anchor, to: instant) == steps)
        }
        #expect(month.steps(from: anchor, to: UTCTime.seconds(year: 2024, month: 2, day: 28)) == nil)
        #expect(try Frequency("1y").instant(9_000, after: anchor) == nil)
    }
}

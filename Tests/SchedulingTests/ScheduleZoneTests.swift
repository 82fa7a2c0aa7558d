// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Scheduling

@Suite("A schedule's zone")
struct ScheduleZoneTests {
    @Test(
        "is any name of the IANA database, old ones too",
        arguments: [
            "Europe/Amsterdam", "Europe/Kyiv", "Europe/Kiev", "Asia/Kolkata", "Asia/Calcutta", "UTC", "Etc/GMT-14",
            "EST",
            "EST5EDT", "CET", "US/Pacific", "GB-Eire", "NZ-CHAT", "America/Argentina/Buenos_Aires", "Etc/UTC", "GMT+0",
        ]
    )
    func names(name: String) throws {
        #expect(try ScheduleZone(name).name == name)
    }

    @Test("has a database version")
    func version() {
        #expect(ScheduleZone.databaseVersion.hasPrefix("20"))
    }

    @Test(
        "is refused with a way out",
        arguments: [
            ("europe/amsterdam", "did you mean Europe/Amsterdam?"), ("Amsterdam", "did you mean Europe/Amsterdam?"),
            ("Europe/Amsterdm", "did you mean Europe/Amsterdam?"),
            ("America/New York", "did you mean America/New_York?"),
            ("PST", "did you mean America/Los_Angeles?"), ("IST", "did you mean Asia/Kolkata?"), ("JST", "Asia/Tokyo"),
            ("CET+1", "Etc/GMT-2, which is two hours east"), ("GMT+5", "fixed offset"), ("UTC+02:00", "fixed offset"),
            ("+02:00", "fixed offset"), ("SystemV/AST4", "name a place"), ("Factory", "name a place"),
            ("Mars/Phobos", "name a place"), ("", "or UTC"), ("Local", "name a place"), ("Europe/", "name a place"),
            ("../../etc/passwd", "name a place"), (String(repeating: "x/", count: 5_000), "name a place"),
        ]
    )
    func refusals(name: String, part: String) {
        let error = #expect(throws: SchedulingError.self) { try ScheduleZone(name) }
        #expect(error.map(\.description)?.contains(part) == true, "\(error.map(\.description) ?? "no error")")
    }

    @Test("has segments that join and know what the clock has shown")
    func segments() throws {
        for name in TimeZone.knownTimeZoneIdentifiers {
            let zone = try ScheduleZone(name).timeZone
            let segments = ZoneSegments(of: zone, containing: 0).prefix { $0.start < 4_000_000_000 }
            #expect(segments.first.map { $0.start <= 0 && $0.end > 0 } == true)
            for (one, next) in zip(segments, segments.dropFirst()) {
                #expect(one.end == next.start && next.shown >= one.localEnd)
                #expect(abs(next.shown - next.localStart) <= 86_400)
            }
        }
    }
}

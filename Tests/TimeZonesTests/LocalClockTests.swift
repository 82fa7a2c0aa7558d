// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import TimeZones

@Suite("The clock of a zone")
struct LocalClockTests {
    /// Local seconds of a time such as `2026-10-25 02:30`.
    private static func local(_ text: String) throws -> Int {
        let numbers = text.split { "- :".contains($0) }.compactMap { Int($0) }
        try #require(numbers.count == 5)
        let day = CivilDate(year: numbers[0], month: numbers[1], day: numbers[2]).dayNumber
        return (day * 24 + numbers[3]) * 3_600 + numbers[4] * 60
    }

    private static func showing(_ text: String, _ zone: String) throws -> LocalClock.Showing {
        var clock = LocalClock(try ZoneDatabase.ofThisMachine.zone(zone))
        return clock.showing(try local(text))
    }

    @Test("shows most times once, some never, and some twice")
    func amsterdam() throws {
        let summer = try Self.showing("2026-07-01 12:00", "Europe/Amsterdam")
        #expect(summer == .once(try Self.local("2026-07-01 10:00")))
        #expect(try Self.showing("2026-03-29 01:59", "Europe/Amsterdam") == .once(try Self.local("2026-03-29 00:59")))
        #expect(try Self.showing("2026-03-29 02:00", "Europe/Amsterdam") == .never)
        #expect(try Self.showing("2026-03-29 02:59", "Europe/Amsterdam") == .never)
        #expect(try Self.showing("2026-03-29 03:00", "Europe/Amsterdam") == .once(try Self.local("2026-03-29 01:00")))
        #expect(try Self.showing("2026-10-25 01:59", "Europe/Amsterdam") == .once(try Self.local("2026-10-24 23:59")))
        let change = LocalClock.ClockChange(instant: try Self.local("2026-10-25 01:00"), length: 3_600)
        let fold = LocalClock.Showing.twice(first: try Self.local("2026-10-25 00:30"), change)
        #expect(try Self.showing("2026-10-25 02:30", "Europe/Amsterdam") == fold)
        #expect(try Self.showing("2026-10-25 03:00", "Europe/Amsterdam") == .once(try Self.local("2026-10-25 02:00")))
    }

    @Test("is put back by half an hour on Lord Howe, and has left a day out in Samoa")
    func odd() throws {
        let half = LocalClock.ClockChange(instant: try Self.local("2026-04-04 15:00"), length: 1_800)
        let fold = LocalClock.Showing.twice(first: try Self.local("2026-04-04 14:45"), half)
        #expect(try Self.showing("2026-04-05 01:45", "Australia/Lord_Howe") == fold)
        #expect(try Self.showing("2011-12-30 12:00", "Pacific/Apia") == .never)
    }

    @Test("shows at an instant what it was found for, and nothing else was, in all zones and in any order")
    func inverse() throws {
        var random = SeededRandom(seed: 7)
        for name in ZoneDatabase.ofThisMachine.names {
            let zone = try ZoneDatabase.ofThisMachine.zone(name)
            let offsets = Set([zone.rules.initialOffset] + zone.rules.changes.map(\.offset) + Self.offsets(zone.rules))
            let changes = zone.rules.changes.suffix(40).map(\.instant)
            var clock = LocalClock(zone)
            for _ in 0..<100 {
                let near = changes.isEmpty ? 0 : random.pick(changes) + Int.random(in: -9_000...9_000, using: &random)
                let far = Int.random(in: -5_000_000_000...6_000_000_000, using: &random)
                let local = random.chance(60) ? near : far
                let wanted = offsets.map { local - $0 }.filter { $0 + zone.rules.offset(at: $0) == local }.sorted()
                let found: [Int] =
                    switch clock.showing(local) {
                    case .never: []
                    case .once(let instant): [instant]
                    case .twice(let first, let change): [first, first + change.length]
                    }
                #expect(found == wanted, "\(name) at \(local)")
                for instant in found { #expect(clock.local(at: instant) == local, "\(name) at \(instant)") }
            }
        }
    }

    private static func offsets(_ rules: ZoneRules) -> [Int] {
        rules.recurring.map { [$0.standardOffset, $0.daylight?.offset ?? $0.standardOffset] } ?? []
    }
}

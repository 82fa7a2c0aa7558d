// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Scheduling
@testable import TimeZones

@Suite("A schedule's instants are those that a scan of every minute finds")
struct MinuteScanTests {
    /// Set to run 100,000 schedules; it takes minutes in a release build.
    private static let isLong = ProcessInfo.processInfo.environment["ALMANAC_TEST_LONG"] != nil

    /// The zones with the strangest jumps come up often.
    private static let strange = [
        "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "Africa/Cairo", "America/Sao_Paulo",
        "America/Scoresbysund", "Asia/Tehran", "Antarctica/Troll", "Antarctica/Casey", "Pacific/Kwajalein",
        "America/Caracas", "Asia/Pyongyang", "Europe/Dublin", "Asia/Gaza", "Pacific/Norfolk", "Asia/Colombo",
    ]

    private static let zones = strange + ZoneDatabase.ofThisMachine.names

    /// Times at which the zone's clock jumps, from 1973 to 2045, whole days around them.
    private static func jumps(of zone: Zone) -> [Int] {
        ZoneSegments(of: zone, containing: 3 * 365 * 86_400).lazy.map(\.end).prefix { $0 < 2_400_000_000 }.map(\.self)
    }

    private static let allJumps: [String: [Int]] = Dictionary(
        uniqueKeysWithValues: Set(zones).map { name in
            (name, (try? ZoneDatabase.ofThisMachine.zone(name)).map { jumps(of: $0) } ?? [])
        }
    )

    @Test("around jumps of the clock and at random, for random expressions in all zones, in both directions")
    func randomSchedules() throws {
        var random = SeededRandom(seed: 65)
        var compared = 0
        var jumpsSeen = 0
        for number in 0..<(Self.isLong ? 100_000 : 500) {
            // Every zone has its turn, every fourth time a strange one.
            let name = number % 4 == 0 ? random.pick(Self.strange) : Self.zones[number % Self.zones.count]
            let jumps = try #require(Self.allJumps[name])
            let isAtJump = !jumps.isEmpty && random.chance(80)
            jumpsSeen += isAtJump ? 1 : 0
            let centre = isAtJump ? random.pick(jumps) : Int.random(in: 100_000_000...2_400_000_000, using: &random)
            let days = random.chance(3) ? 40 : 2
            let start = (centre / 60 - Int.random(in: 0...days * 1_440, using: &random)) * 60
            compared += try Self.compare(zone: name, start: start, end: start + days * 86_400, using: &random)
        }
        #expect(compared > (Self.isLong ? 1_000_000 : 3_000))
        #expect(jumpsSeen > (Self.isLong ? 50_000 : 250))
    }

    /// Compares one random schedule with the scan; returns the number of instants.
    private static func compare(zone: String, start: Int, end: Int, using random: inout SeededRandom) throws -> Int {
        let crons = (0..<random.pick([1, 1, 2, 4])).map { _ in RandomCron(using: &random) }
        let schedule = try Schedule(
            crons: crons.map(\.text),
            timeZone: zone,
            skippedHour: random.pick(SkippedHour.allCases),
            repeatedHour: random.pick(RepeatedHour.allCases)
        )
        let scan = MinuteScan(zone: schedule.zone, from: start, to: end)
        let expected = scan.instants(
            of: crons,
            skippedHour: schedule.skippedHour,
            repeatedHour: schedule.repeatedHour
        )
        let context: Comment = "\(schedule.text) from \(start) to \(end)"
        #expect(forward(schedule, after: start - 1, before: end) == expected, context)
        #expect(backward(schedule, atOrBefore: end - 1, after: start - 1) == expected.reversed(), context)
        for _ in 0..<5 {
            let from = Int.random(in: start - 1...end, using: &random)
            let through = Int.random(in: from - 100...end - 1, using: &random)
            let inside = expected.filter { $0 > from && $0 <= through }.count
            #expect(schedule.count(after: Schedule.date(from), through: Schedule.date(through)) == inside, context)
        }
        return expected.count
    }

    private static func forward(_ schedule: Schedule, after start: Int, before end: Int) -> [Int] {
        var found: [Int] = []
        var date = Schedule.date(start)
        while let next = schedule.next(after: date), Schedule.seconds(next) < end {
            found.append(Schedule.seconds(next))
            date = next
        }
        return found
    }

    private static func backward(_ schedule: Schedule, atOrBefore end: Int, after start: Int) -> [Int] {
        var found: [Int] = []
        var date = Schedule.date(end)
        while let latest = schedule.latest(atOrBefore: date), Schedule.seconds(latest) > start {
            found.append(Schedule.seconds(latest))
            date = latest - 1
        }
        return found
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import TimeZones

@Suite("Local times of rows")
struct LocalTimelineTests {
    private static let amsterdam = "Europe/Amsterdam"
    /// Local 2026-10-25 00:00 in Amsterdam, whose clock shows the times from 02:00 to 02:59 twice on that day.
    private static let midnight: Int64 = 1_792_886_400

    private static func resolved(
        _ local: [Int64],
        zone: String = amsterdam,
        step: Int = 3_600,
        doubt: LocalTimeline.Doubt = .refused,
        series: [Int32]? = nil
    ) throws -> [Int64] {
        var times = local
        let count = (series?.max()).map { Int($0) + 1 } ?? 1
        try LocalTimeline(zone: try ZoneDatabase.ofThisMachine.zone(zone), step: step, doubt: doubt)
            .resolve(&times, series: series, count: count)
        return times
    }

    /// Hours of UTC since midnight in Amsterdam, which is 22:00 UTC of the day before, from hours of local time.
    private static func hours(
        _ local: [Double],
        step: Int = 3_600,
        doubt: LocalTimeline.Doubt = .refused,
        series: [Int32]? = nil
    ) throws -> [Double] {
        let times = local.map { midnight + Int64($0 * 3_600) }
        return try resolved(times, step: step, doubt: doubt, series: series).map { Double($0 - midnight) / 3_600 + 2 }
    }

    @Test("that go back are of the second hour from there on")
    func descent() throws {
        #expect(try Self.hours([1, 1.5, 2, 2.5, 2, 2.5, 3, 3.5], step: 1_800) == [1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5])
        // With rows that are not on a grid, and with rows missing on both sides of the turn.
        #expect(
            try Self.hours([1.875, 2.125, 2.375, 2, 2.875, 3.25], step: 60) == [1.875, 2.125, 2.375, 3, 3.875, 4.25]
        )
        #expect(try Self.hours([2.5, 2.25]) == [2.5, 3.25])
    }

    @Test("of each hour are the first and the second where one is there twice")
    func hourly() throws {
        #expect(try Self.hours([0, 1, 2, 2, 3, 4]) == [0, 1, 2, 3, 4, 5])
        // Sensors that write at the same time; the rows are put together later.
        #expect(try Self.hours([1, 1, 2, 2.5, 2.5, 2, 2, 2.5, 3]) == [1, 1, 2, 2.5, 2.5, 3, 3, 3.5, 4])
    }

    @Test("that begin or end within the hour go on from the rows beside it")
    func continuity() throws {
        #expect(try Self.hours([0, 1, 2]) == [0, 1, 2])
        #expect(try Self.hours([1.5, 2, 2.5], step: 1_800) == [1.5, 2, 2.5])
        #expect(try Self.hours([2, 3, 4]) == [3, 4, 5])
        #expect(try Self.hours([2.5, 3, 3.5], step: 1_800) == [3.5, 4, 4.5])
        // What is missing in one piece is missing in one piece.
        #expect(try Self.hours([1.75, 2, 2.5, 2.75, 3], step: 900) == [1.75, 2, 3.5, 3.75, 4])
    }

    @Test("are refused where the hour is there once and nothing tells which it is, or are the first if asked to")
    func doubt() throws {
        #expect(throws: LocalTimeline.Problem.repeated(row: 2)) { try Self.hours([0, 1, 2, 3]) }
        #expect(throws: LocalTimeline.Problem.repeated(row: 1)) {
            try Self.hours([1.75, 2, 2.25, 2.5, 2.75, 3], step: 900)
        }
        #expect(throws: LocalTimeline.Problem.repeated(row: 0)) { try Self.hours([2, 2.5], step: 1_800) }
        #expect(throws: LocalTimeline.Problem.repeated(row: 1)) { try Self.hours([1, 2, 2, 2, 3]) }
        #expect(try Self.hours([0, 1, 2, 3], doubt: .first) == [0, 1, 2, 4])
        #expect(try Self.hours([0, 1, 2, 2, 3], doubt: .first) == [0, 1, 2, 3, 4])
        #expect(try Self.hours([2, 2.5], step: 1_800, doubt: .first) == [2, 2.5])
    }

    @Test("that go back twice, or that no clock shows, are refused with their row")
    func refusals() {
        #expect(throws: LocalTimeline.Problem.unordered(row: 4)) { try Self.hours([1, 2.5, 2, 2.5, 2, 3]) }
        #expect(throws: LocalTimeline.Problem.skipped(row: 1)) {
            try Self.resolved([1_774_746_000, 1_774_749_600, 1_774_753_200])
        }
    }

    @Test("of several series that are mixed are told apart by series")
    func series() throws {
        let mixed = try Self.hours(
            [1, 1, 2, 2, 2, 2, 3, 3, 2, 3],
            series: [0, 1, 0, 1, 0, 1, 0, 1, 2, 2]
        )
        #expect(mixed == [1, 1, 2, 2, 3, 3, 4, 4, 3, 4])
        #expect(throws: LocalTimeline.Problem.repeated(row: 3)) {
            try Self.hours([1, 1, 2, 2, 2, 3, 3], series: [0, 1, 0, 1, 0, 0, 1])
        }
    }

    @Test("of two years are two hours, also where no row lies between")
    func years() throws {
        // 2025-10-26 02:00 twice, then 2026-10-25 02:00 twice.
        let earlier: Int64 = 1_761_444_000
        let later = Self.midnight + 7_200
        let resolved = try Self.resolved([earlier, earlier, later, later])
        #expect(resolved == [earlier - 7_200, earlier - 3_600, later - 7_200, later - 3_600])
    }

    @Test("of a whole grid are the instants that they were made from, in all zones, wherever the rows begin and end")
    func grids() throws {
        var random = SeededRandom(seed: 18)
        var (folds, doubts) = (0, 0)
        for name in ZoneDatabase.ofThisMachine.names {
            let zone = try ZoneDatabase.ofThisMachine.zone(name)
            let backward = zip([zone.rules.initialOffset] + zone.rules.changes.map(\.offset), zone.rules.changes)
                .filter { $0 > $1.offset && $1.instant > -2_000_000_000 }.map { ($1.instant, $0 - $1.offset) }
            guard !backward.isEmpty else { continue }
            for _ in 0..<8 {
                let step = random.pick([60, 300, 600, 900, 1_800, 3_600])
                // Clocks of long ago were put back by some minutes.
                let (change, length) = random.pick(backward)
                let start = change / 3_600 * 3_600 - Int.random(in: -2...12, using: &random) * step
                let instants = (0..<Int.random(in: 1...40, using: &random)).map { Int64(start + $0 * step) }
                var clock = LocalClock(zone)
                let local = instants.map { Int64(clock.local(at: Int($0))) }
                let shown = local.map { clock.showing(Int($0)) }
                let repeated = shown.count { if case .twice = $0 { true } else { false } }
                if repeated > 0 { folds += 1 }
                do {
                    let found = try Self.resolved(local, zone: name, step: step)
                    #expect(found == instants, "\(name), \(step) s from \(start)")
                } catch LocalTimeline.Problem.repeated {
                    // Of rows that lie within the hour alone nobody can tell, nor of the first or the last one where the
                    // clock is put back by less than a step.
                    #expect(repeated == instants.count || length < step, "\(name), \(step) s from \(start)")
                    doubts += 1
                }
            }
        }
        #expect(folds > 1_000 && doubts < folds / 4)
    }

    @Test("never end badly, whatever they are")
    func fuzz() throws {
        var random = SeededRandom(seed: 81)
        for round in 0..<2_000 {
            let zone = random.pick(["Europe/Amsterdam", "Africa/Casablanca", "Pacific/Apia", "America/Havana", "UTC"])
            let center = random.pick([Self.midnight, 1_325_203_200, 0, -62_135_596_800, 253_402_300_799])
            let spread = random.pick([3_600, 20_000, 40_000_000])
            let local = (0..<30).map { _ in center + Int64.random(in: -Int64(spread)...Int64(spread), using: &random) }
            let series = round.isMultiple(of: 2) ? nil : local.map { _ in Int32.random(in: 0..<4, using: &random) }
            var clock = LocalClock(try ZoneDatabase.ofThisMachine.zone(zone))
            guard let found = try? Self.resolved(local, zone: zone, doubt: .first, series: series) else { continue }
            for (instant, wanted) in zip(found, local) { #expect(Int64(clock.local(at: Int(instant))) == wanted) }
        }
    }
}

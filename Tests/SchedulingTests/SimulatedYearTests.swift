// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Scheduling

@Suite("A year of crashes, clock jumps, long runs and API failures")
struct SimulatedYearTests {
    private static let years: UInt64 =
        ProcessInfo.processInfo.environment["ALMANAC_TEST_LONG"] == nil ? 1 : 20

    private struct Case: CustomTestStringConvertible, Sendable {
        var cron = "0 * * * *"
        var zone = "Europe/Amsterdam"
        var start = 1_767_225_600  // 2026-01-01
        var concurrency = ConcurrencyPolicy.forbid
        var catchUp = CatchUpPolicy.latest
        var deadline: Int?
        /// How many runs there are at least.
        var runs = 4_000

        var testDescription: String {
            "\(cron) \(zone) \(concurrency) \(catchUp) \(deadline.map(String.init) ?? "no deadline")"
        }
    }

    private static let policies = ConcurrencyPolicy.allCases.flatMap { concurrency in
        CatchUpPolicy.allCases.flatMap { catchUp in
            [nil, 900].map { Case(concurrency: concurrency, catchUp: catchUp, deadline: $0) }
        }
    }

    /// Half an hour of summer time, a day that is missing, and a clock that is put back for Ramadan.
    private static let places = [
        Case(cron: "15,45 * * * *", zone: "Australia/Lord_Howe", runs: 4_500),
        Case(cron: "15 1-3 * * *", zone: "Australia/Lord_Howe", deadline: 900, runs: 400),
        Case(cron: "0 */2 * * *", zone: "Pacific/Apia", start: 1_309_478_400, concurrency: .replace, runs: 2_000),
        Case(cron: "30 2 * * *", zone: "Africa/Casablanca", concurrency: .allow, catchUp: .none, runs: 150),
    ]

    @Test(
        "leaves the runs that an oracle expects, each once, and every other instant counted",
        arguments: policies + places
    )
    private func year(_ each: Case) throws {
        let schedule = try Schedule(crons: [each.cron], timeZone: each.zone)
        let policy = try SchedulePolicy(
            startingDeadlineSeconds: each.deadline,
            concurrency: each.concurrency,
            catchUp: each.catchUp
        )
        let instants = Self.instants(of: schedule, from: each.start)
        for seed in 1...Self.years {
            var year = SimulatedYear(start: each.start, schedule: schedule, policy: policy, seed: seed)
            year.run()
            let expected = Self.oracle(year.looks, instants, each)
            #expect(year.runs.keys.sorted() == expected.started.sorted())
            #expect(year.duplicates == 0)
            let status = try #require(year.status)
            #expect(status.missedCount == expected.missed.count)
            #expect(status.lastScheduleTime.map(Schedule.seconds) == expected.started.max())
            #expect(status.lastMissed.map { Schedule.seconds($0.time) } == expected.missed.max())
            // The year was eventful.
            #expect(expected.started.count > each.runs)
            #expect(expected.missed.count > each.runs / 40)
        }
    }

    /// All instants of the year and a few days more; MinuteScanTests proves them.
    private static func instants(of schedule: Schedule, from start: Int) -> [Int] {
        var instants: [Int] = []
        var date = Schedule.date(start)
        while let next = schedule.next(after: date), Schedule.seconds(next) < start + 370 * 86_400 {
            instants.append(Schedule.seconds(next))
            date = next
        }
        return instants
    }

    /// What must have come of the looks, by a book that is never lost and knows every instant of the year.
    private static func oracle(
        _ looks: [SimulatedYear.Look],
        _ instants: [Int],
        _ each: Case
    ) -> (started: Set<Int>, missed: Set<Int>) {
        var started: Set<Int> = []
        var missed: Set<Int> = []
        var settled = 0  // how many instants are over
        for look in looks {
            let current = settled + instants[settled...].prefix { $0 <= look.now }.count
            guard current > settled else { continue }
            let due = instants[settled..<current]
            // A run that exists stands, even if its creator could not say so; what lies before it is over.
            let known = due.last { started.contains($0) } ?? .min
            let open = due.filter { $0 > known }
            let over = due.filter { $0 < known && !started.contains($0) }
            let late = open.last.map { look.now - $0 } ?? 0
            let isLate = late > (each.deadline ?? .max) || (each.catchUp == .none && late > 60)
            let starts = !isLate && !look.isBehind && (each.concurrency != .forbid || !look.active)
            if let instant = open.last, starts, look.created == instant { started.insert(instant) }
            if let created = look.created { #expect(starts && created == open.last) }
            guard look.wroteStatus else { continue }
            missed.formUnion(over)
            guard !look.isBehind else {
                settled += due.prefix { $0 <= known }.count
                continue
            }
            missed.formUnion(open.filter { !started.contains($0) })
            settled = current
        }
        return (started, missed)
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Scheduling

@Suite("A year of crashes, clock jumps, long runs and API failures")
struct SimulatedYearTests {
    private static let years: UInt64 =
        ProcessInfo.processInfo.environment["ALMANAC_LONG_TESTS"] == nil ? 1 : 20

    private struct Case: CustomTestStringConvertible, Sendable {
        let concurrency: ConcurrencyPolicy
        let catchUp: CatchUpPolicy
        let deadline: Int?

        var testDescription: String { "\(concurrency) \(catchUp) \(deadline.map(String.init) ?? "no deadline")" }
    }

    private static let cases = ConcurrencyPolicy.allCases.flatMap { concurrency in
        CatchUpPolicy.allCases.flatMap { catchUp in
            [nil, 900].map { Case(concurrency: concurrency, catchUp: catchUp, deadline: $0) }
        }
    }

    @Test("leaves the runs that an oracle expects, each once, and every other instant counted", arguments: cases)
    private func year(_ each: Case) throws {
        let schedule = try Schedule(crons: ["0 * * * *"], timeZone: "Europe/Amsterdam")
        let policy = try SchedulePolicy(
            startingDeadlineSeconds: each.deadline,
            concurrency: each.concurrency,
            catchUp: each.catchUp
        )
        for seed in 1...Self.years {
            var year = SimulatedYear(schedule: schedule, policy: policy, seed: seed)
            year.run()
            let expected = Self.oracle(year.looks, each)
            #expect(year.runs.keys.sorted() == expected.started.sorted())
            #expect(year.duplicates == 0)
            let status = try #require(year.status)
            #expect(status.missedCount == expected.missed.count)
            #expect(status.lastScheduleTime.map(Schedule.seconds) == expected.started.max())
            #expect(status.lastMissed.map { Schedule.seconds($0.time) } == expected.missed.max())
            // The year was eventful.
            #expect(expected.started.count > 4_000)
            #expect(expected.missed.count > 100)
            for run in year.runs.values { #expect(run.instant % 3_600 == 0) }
        }
    }

    /// What must have come of the looks, by a book that is never lost and knows every hour by its number: Amsterdam's
    /// hours are whole hours of UTC, so an hourly schedule runs at each of them.
    private static func oracle(_ looks: [SimulatedYear.Look], _ each: Case) -> (started: Set<Int>, missed: Set<Int>) {
        var started: Set<Int> = []
        var missed: Set<Int> = []
        var settled = SimulatedYear.start / 3_600
        for look in looks {
            let current = look.now / 3_600
            guard current > settled else { continue }
            let hours = (settled + 1...current).map { $0 * 3_600 }
            // A run that exists stands, even if its creator could not say so; what lies before it is over.
            let known = hours.last { started.contains($0) } ?? settled * 3_600
            let open = hours.filter { $0 > known }
            let over = hours.filter { $0 < known && !started.contains($0) }
            let late = open.last.map { look.now - $0 } ?? 0
            let isLate = late > (each.deadline ?? .max) || (each.catchUp == .none && late > 60)
            let starts = !isLate && (each.concurrency != .forbid || !look.active)
            if let hour = open.last, starts, look.created == hour { started.insert(hour) }
            if let created = look.created { #expect(starts && created == open.last) }
            guard look.wroteStatus else { continue }
            missed.formUnion(over)
            missed.formUnion(open.filter { !started.contains($0) })
            settled = current
        }
        return (started, missed)
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

@testable import Scheduling

/// A year of one schedule under a controller that crashes, whose clock jumps and whose API fails: a world in which
/// decisions are carried out step by step, and the ledger of the runs that came of it.
struct SimulatedYear {
    /// A run as the API knows it, in seconds since 1970 of the world's true time.
    struct Run: Equatable {
        let instant: Int
        let startedAt: Int
        var endsAt: Int
    }

    /// What the controller saw and did at one look, for the oracle to judge.
    struct Look {
        /// By the controller's clock.
        let now: Int
        let active: Bool
        /// Whether there is a run of an instant that is yet to come by that clock.
        let isBehind: Bool
        /// The instant whose run was created, if any.
        var created: Int?
        var wroteStatus = false
    }

    /// When it begins, in seconds since 1970.
    let start: Int
    private var end: Int { start + 365 * 86_400 }

    private(set) var runs: [Int: Run] = [:]
    /// Their instants in the order of creation.
    private var created: [Int] = []
    private(set) var status: ScheduleStatus?
    private(set) var looks: [Look] = []
    /// Creations that the API refused because the run existed.
    private(set) var duplicates = 0
    /// By how much the controller's clock is ahead, in seconds.
    private var skew = 0
    private var random: SeededRandom
    private let schedule: Schedule
    private let policy: SchedulePolicy

    init(start: Int, schedule: Schedule, policy: SchedulePolicy, seed: UInt64) {
        self.start = start
        self.schedule = schedule
        self.policy = policy
        random = SeededRandom(seed: seed)
    }

    /// Lives through the year.
    mutating func run() {
        var time = start
        while time < end {
            let wake = look(at: time)
            time = next(after: time, wake: wake)
        }
        // One quiet look at the end, on time and without faults, so that everything is settled.
        skew = 0
        _ = look(at: end + 2 * 86_400, faults: false)
    }

    /// When the controller looks next: when it asked to, or earlier by an event, or later after a crash or a fault.
    private mutating func next(after time: Int, wake: Int?) -> Int {
        if random.chance(2) { skew = random.pick([0, 0, 0, 1, -2, 30, -45, 600, -3_600, 3_600, -86_400]) }
        if random.chance(1) { return time + random.pick([20, 300, 3_600, 9_000, 40_000, 500_000]) }
        if random.chance(10) { return time + Int.random(in: 1...1_200, using: &random) }
        guard let wake else { return time + 5 }
        return max(time + 1, wake - skew + (random.chance(5) ? 7 : 0))
    }

    /// One look and what comes of it; returns when to look again by the controller's clock, nil after a fault.
    private mutating func look(at time: Int, faults: Bool = true) -> Int? {
        let now = time + skew
        // Of the runs only the newest are left, as `history` leaves them.
        let recent = created.suffix(4).compactMap { runs[$0] }.map {
            ScheduledRun(name: "r\($0.instant)", scheduledTime: Schedule.date($0.instant), isActive: $0.endsAt > time)
        }
        let facts = ScheduleFacts(
            schedule: schedule,
            policy: policy,
            status: status,
            changeTime: Schedule.date(start),
            runs: recent,
            now: Schedule.date(now)
        )
        let decision = facts.decide()
        var look = Look(
            now: now,
            active: recent.contains(where: \.isActive),
            isBehind: recent.contains { $0.scheduledTime.map { Schedule.seconds($0) > now } ?? false }
        )
        defer { looks.append(look) }
        if let start = decision.start {
            if faults, random.chance(5) { return nil }  // the API does not answer, or the controller dies
            for instant in created.suffix(4) where start.replaces.contains("r\(instant)") {
                runs[instant]?.endsAt = time
            }
            if faults, random.chance(5) { return nil }
            look.created = create(Schedule.seconds(start.time), at: time)
            if faults, random.chance(10) { return nil }  // created, but the answer or the controller is lost
        }
        if faults, random.chance(10) { return nil }
        status = decision.status
        look.wroteStatus = true
        return decision.lookAgain.map { Schedule.seconds($0) }
    }

    private mutating func create(_ instant: Int, at time: Int) -> Int? {
        guard runs[instant] == nil else {
            duplicates += 1
            return nil
        }
        let lengths = random.chance(5) ? 3_600...20_000 : 30...3_000
        let end = time + Int.random(in: lengths, using: &random)
        runs[instant] = Run(instant: instant, startedAt: time, endsAt: end)
        created.append(instant)
        return instant
    }
}

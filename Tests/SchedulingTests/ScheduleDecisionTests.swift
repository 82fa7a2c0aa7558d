// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Scheduling

@Suite("A schedule's decision")
struct ScheduleDecisionTests {
    /// 2026-11-21 12:00 UTC; tests speak of minutes from here.
    private static let noon = 1_795_262_400

    private static func at(_ minutes: Double) -> Date { Date(timeIntervalSince1970: Double(noon) + minutes * 60) }

    private static func facts(
        _ cron: String = "0 * * * *",
        policy: SchedulePolicy? = nil,
        handled: Double = -90,
        runs: [ScheduledRun] = [],
        now: Double
    ) throws -> ScheduleFacts {
        let schedule = try Schedule(crons: [cron])
        return ScheduleFacts(
            schedule: schedule,
            policy: try policy ?? SchedulePolicy(),
            status: ScheduleStatus(schedule: schedule.text, inForceSince: at(handled)),
            changeTime: at(now),
            runs: runs,
            now: at(now)
        )
    }

    /// The facts after the decision was carried out.
    private static func after(_ facts: ScheduleFacts, _ decision: ScheduleDecision) -> ScheduleFacts {
        var next = facts
        next.status = decision.status
        if let start = decision.start {
            next.runs.removeAll { start.replaces.contains($0.name) }
            next.runs.append(ScheduledRun(name: "new", scheduledTime: start.time, isActive: true))
        }
        return next
    }

    @Test("starts the run of an instant that is due, and looks again at the next one")
    func due() throws {
        let decision = try Self.facts(handled: -30, now: 0.01).decide()
        #expect(decision.start == ScheduleDecision.Start(time: Self.at(0), replaces: []))
        #expect(decision.skips.isEmpty)
        #expect(decision.status.lastScheduleTime == Self.at(0))
        #expect(decision.status.nextScheduleTime == Self.at(60))
        #expect(decision.lookAgain == Self.at(60))
        #expect(decision.status.missedCount == 0)
    }

    @Test("is nothing a moment before the instant, and is taken at the instant itself")
    func boundary() throws {
        let early = try Self.facts(handled: -30, now: -0.001).decide()
        #expect(early.start == nil)
        #expect(early.lookAgain == Self.at(0))
        #expect(try Self.facts(handled: -30, now: 0).decide().start?.time == Self.at(0))
    }

    @Test(
        "starts one run after an outage, for the latest instant, and names the others",
        arguments: [61.0, 43_201, 5_259_601]
    )
    func outage(minutes: Double) throws {
        let facts = try Self.facts(handled: -minutes, now: 5)
        let clock = ContinuousClock()
        var decision = facts.decide()
        let time = clock.measure { decision = facts.decide() }
        #expect(decision.start?.time == Self.at(0))
        let missed = Int(minutes / 60)
        #expect(decision.skips == [.init(reason: .superseded, count: missed, latest: Self.at(-60))])
        #expect(decision.status.missedCount == missed)
        #expect(decision.status.lastMissed == .init(time: Self.at(-60), reason: .superseded))
        // Ten years in a debug build: an hour's look at each would take minutes.
        #expect(time < .seconds(1))
    }

    @Test("is nothing new once it was carried out")
    func idempotent() throws {
        for concurrency in ConcurrencyPolicy.allCases {
            let facts = try Self.facts(policy: SchedulePolicy(concurrency: concurrency), handled: -300, now: 5)
            let decision = facts.decide()
            let again = Self.after(facts, decision).decide()
            #expect(again.start == nil)
            #expect(again.skips.isEmpty)
            #expect(again.status == decision.status)
        }
    }

    @Test("takes a run that exists for started although the status was not written, active or not")
    func lostStatus() throws {
        for isActive in [true, false] {
            let run = ScheduledRun(name: "r", scheduledTime: Self.at(0), isActive: isActive)
            let decision = try Self.facts(handled: -90, runs: [run], now: 5).decide()
            #expect(decision.start == nil)
            #expect(decision.status.lastScheduleTime == Self.at(0))
            #expect(decision.status.missedCount == 1)
            #expect(decision.status.lastMissed == .init(time: Self.at(-60), reason: .superseded))
        }
    }

    @Test("skips an instant for good while a run is active and the policy is Forbid")
    func forbid() throws {
        let active = ScheduledRun(name: "r", scheduledTime: Self.at(-60), isActive: true)
        var facts = try Self.facts(handled: -60, runs: [active], now: 0.1)
        let decision = facts.decide()
        #expect(decision.start == nil)
        #expect(decision.skips == [.init(reason: .stillRunning, count: 1, latest: Self.at(0))])
        #expect(decision.status.lastMissed == .init(time: Self.at(0), reason: .stillRunning))
        facts.status = decision.status
        facts.runs = []
        facts.now = Self.at(30)
        #expect(facts.decide().start == nil)
    }

    @Test("names the active runs to stop where the policy is Replace, but never the one of the instant itself")
    func replace() throws {
        let policy = try SchedulePolicy(concurrency: .replace)
        let old = ScheduledRun(name: "old", scheduledTime: Self.at(-60), isActive: true)
        let byHand = ScheduledRun(name: "hand", scheduledTime: nil, isActive: true)
        let done = ScheduledRun(name: "done", scheduledTime: Self.at(-120), isActive: false)
        let facts = try Self.facts(policy: policy, handled: -60, runs: [old, byHand, done], now: 0.1)
        #expect(facts.decide().start == .init(time: Self.at(0), replaces: ["hand", "old"]))
        let current = ScheduledRun(name: "now", scheduledTime: Self.at(0), isActive: true)
        #expect(try Self.facts(policy: policy, handled: -60, runs: [current], now: 5).decide().start == nil)
    }

    @Test("lets a deadline pass, to the second")
    func deadline() throws {
        let policy = try SchedulePolicy(startingDeadlineSeconds: 600)
        #expect(try Self.facts(policy: policy, handled: -30, now: 10).decide().start?.time == Self.at(0))
        let late = try Self.facts(policy: policy, handled: -90, now: 10.02).decide()
        #expect(late.start == nil)
        #expect(late.skips == [.init(reason: .deadlinePassed, count: 2, latest: Self.at(0))])
        #expect(late.status.missedCount == 2)
        #expect(throws: SchedulingError.badStartingDeadline(0)) { try SchedulePolicy(startingDeadlineSeconds: 0) }
    }

    @Test("makes nothing up where the catch-up policy is None")
    func noCatchUp() throws {
        let policy = try SchedulePolicy(catchUp: .none)
        #expect(try Self.facts(policy: policy, handled: -30, now: 1).decide().start?.time == Self.at(0))
        let late = try Self.facts(policy: policy, handled: -90, now: 1.1).decide()
        #expect(late.start == nil)
        #expect(late.skips == [.init(reason: .notCaughtUp, count: 2, latest: Self.at(0))])
    }

    @Test("starts nothing for instants before an edit of crons, zone or DST rules")
    func edits() throws {
        var facts = try Self.facts("5 * * * *", handled: -30, now: 15)
        for edited in [
            try Schedule(crons: ["10 * * * *"]), try Schedule(crons: ["5 * * * *"], timeZone: "Europe/Amsterdam"),
            try Schedule(crons: ["5 * * * *"], repeatedHour: .both),
        ] {
            var edit = facts
            edit.schedule = edited
            let decision = edit.decide()
            #expect(decision.start == nil)
            #expect(decision.skips.isEmpty)
            #expect(decision.status.inForceSince == Self.at(15))
            #expect(decision.status.missedCount == 0)
        }
        // Where the time of the edit is known, what came due after it is not lost.
        facts.schedule = try Schedule(crons: ["10 * * * *"])
        facts.changeTime = Self.at(8)
        #expect(facts.decide().start?.time == Self.at(10))
        facts.changeTime = Self.at(12)
        #expect(facts.decide().start == nil)
    }

    @Test("starts nothing while suspended nor for that time after the resume, and says so once")
    func suspension() throws {
        var facts = try Self.facts(handled: -30, now: -10)
        facts.policy = try SchedulePolicy(suspend: true)
        let suspended = facts.decide()
        #expect(suspended.start == nil && suspended.lookAgain == nil && suspended.status.nextScheduleTime == nil)
        facts = Self.after(facts, suspended)
        facts.now = Self.at(185)
        facts.changeTime = Self.at(185)
        #expect(facts.decide().status == suspended.status)
        facts.policy = try SchedulePolicy()
        let resumed = facts.decide()
        #expect(resumed.start == nil)
        #expect(resumed.skips == [.init(reason: .suspended, count: 4, latest: Self.at(180))])
        #expect(resumed.status.missedCount == 0)
        #expect(resumed.status.nextScheduleTime == Self.at(240))
        #expect(Self.after(facts, resumed).decide().skips.isEmpty)
    }

    @Test("of a new pipeline counts from its creation, of a new schedule from its change")
    func beginnings() throws {
        var facts = try Self.facts(now: 5)
        facts.status = nil
        #expect(facts.decide().start == nil)
        facts.changeTime = Self.at(-1)
        #expect(facts.decide().start?.time == Self.at(0))
        // A change in the future, by another machine's clock, is one of now.
        facts.changeTime = Self.at(500)
        #expect(facts.decide().status.inForceSince == Self.at(5))
    }

    @Test("runs nothing twice when the clock goes back, and says by how much it is behind")
    func clockBack() throws {
        var facts = try Self.facts(handled: -30, now: 1)
        facts = Self.after(facts, facts.decide())
        facts.runs = []
        for now in [-1.0, -70, -1_000_000] {
            facts.now = Self.at(now)
            let decision = facts.decide()
            #expect(decision.start == nil)
            #expect(decision.lookAgain == Self.at(60))
            #expect(decision.clockIsBehind == -now * 60)
            #expect(decision.status == facts.status)
        }
    }

    @Test("starts nothing before a run of the future, which a clock that went back has left, and not that again")
    func futureRun() throws {
        let run = ScheduledRun(name: "r", scheduledTime: Self.at(60), isActive: false)
        var facts = try Self.facts(handled: -30, runs: [run], now: 1)
        let decision = facts.decide()
        #expect(decision.start == nil)
        #expect(decision.clockIsBehind == 59 * 60)
        #expect(decision.lookAgain == Self.at(120))
        #expect(decision.status.nextScheduleTime == Self.at(120))
        facts = Self.after(facts, decision)
        facts.now = Self.at(61)
        #expect(facts.decide().start == nil)
        #expect(facts.decide().status.lastScheduleTime == Self.at(60))
        #expect(facts.decide().status.missedCount == 1)
    }

    @Test("shares an instant of two crons between them")
    func sharedInstant() throws {
        var facts = try Self.facts(handled: -1, now: 61)
        facts.schedule = try Schedule(crons: ["0 * * * *", "*/30 * * * *"])
        facts.status?.schedule = facts.schedule.text
        let decision = facts.decide()
        #expect(decision.start?.time == Self.at(60))
        #expect(decision.skips == [.init(reason: .superseded, count: 2, latest: Self.at(30))])
    }
}

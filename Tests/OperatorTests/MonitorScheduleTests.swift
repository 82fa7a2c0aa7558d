// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import TestSupport
import Testing

@testable import Operator

@Suite("When forecasts are compared")
struct MonitorScheduleTests {
    private let start = Objects.now

    private func schedule(
        interval: Int = 3_600,
        hold: Int? = nil,
        since: Date? = nil,
        limit: Double? = 10
    ) -> MonitorSchedule {
        var canary = CanaryStatus(version: "v2", stable: "v1", trafficPercent: 10, startTime: start)
        canary.since = since
        let spec = hold.map {
            CanarySpec(
                steps: [CanarySpec.Step(trafficPercent: 10, holdSeconds: $0)],
                analysis: CanarySpec.Analysis(maxErrorPercent: 1, maxErrorIncreasePercent: limit)
            )
        }
        return MonitorSchedule(
            MonitoringSpec(intervalSeconds: interval),
            of: "default/demo",
            canary: hold == nil ? nil : canary,
            spec: spec
        )
    }

    @Test("a service has its turn once an interval, and services take turns")
    func slots() throws {
        let schedule = schedule()
        let first = try #require(schedule.due(after: nil, now: start))
        #expect(first.time <= start && first.time > start - 3_600 && !first.isTrial)
        #expect(schedule.due(after: first.time, now: first.time + 3_599) == nil)
        #expect(schedule.wait(now: first.time + 3_599) == 1)
        #expect(schedule.due(after: first.time, now: first.time + 3_600)?.time == first.time + 3_600)
        let late = try #require(schedule.due(after: first.time, now: first.time + 36_007))
        #expect(late.time == first.time + 36_000, "those that passed while nobody looked are one")
        let phases = Set(
            (0..<50).map { MonitorSchedule(MonitoringSpec(), of: "default/s\($0)", canary: nil, spec: nil).phase }
        )
        #expect(phases.count > 45)
    }

    @Test("a canary's step is compared at its end, or each interval where that is shorter")
    func trials() {
        let held = schedule(hold: 600, since: start)
        #expect(held.trial == MonitorSchedule.Trial(since: 1_800_000_000, period: 600))
        let last = held.due(after: nil, now: start)?.time
        #expect(held.due(after: last, now: start + 599) == nil)
        #expect(held.due(after: last, now: start + 601) == MonitorSchedule.Instant(time: start + 600, isTrial: true))
        #expect(schedule(interval: 60, hold: 600, since: start).trial?.period == 60)
        #expect(schedule(hold: 1, since: start).trial?.period == 10, "Jobs take seconds to start")
        #expect(schedule(hold: 600).trial == nil, "not all pods have the step yet")
        #expect(schedule(hold: 600, since: start, limit: nil).trial == nil)
    }

    @Test("however a process is stopped and started, instants only go forward, and none is further away than it may be")
    func property() {
        var random = SeededRandom(seed: 7)
        for _ in 0..<300 {
            let interval = Int.random(in: 10...5_000, using: &random)
            let hold = Int.random(in: 1...5_000, using: &random)
            let schedule = schedule(interval: interval, hold: Bool.random(using: &random) ? hold : nil, since: start)
            var (now, last, latest) = (start, Date?.none, start)
            for _ in 0..<100 {
                if let due = schedule.due(after: last, now: now) {
                    #expect(due.time <= now && due.time > last ?? .distantPast)
                    last = due.time
                    latest = now
                } else {
                    let wait = schedule.wait(now: now)
                    #expect(wait >= 0 && wait <= Double(interval))
                    #expect(schedule.due(after: last, now: now + wait + 1) != nil)
                }
                #expect(now.timeIntervalSince(latest) <= Double(interval) + 60)
                now += Double.random(in: 0...60, using: &random)
            }
        }
    }

    @Test("clocks that are far off lead to no instant, and never to a trap")
    func hostileClocks() {
        let schedule = schedule(hold: 60, since: Date(timeIntervalSince1970: -1e15))
        for time in [-1e300, -1e13, -5, 0, 1e13, 1e300, .infinity] {
            let now = Date(timeIntervalSince1970: time)
            _ = schedule.due(after: now, now: now)
            _ = schedule.due(after: nil, now: now)
            #expect(schedule.wait(now: now) >= 0)
        }
    }
}

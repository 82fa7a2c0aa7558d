// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import KubeCore
import Testing

@testable import KubeRuntime

@Suite("EventAggregator")
struct EventAggregatorTests {
    private let start = ContinuousClock.now

    private func event(_ note: String) -> Event {
        Event(metadata: ObjectMeta(name: "e", namespace: "x"), reason: "Seen", note: note, type: "Normal")
    }

    @Test("a thousand identical events in a minute are two writes, the second with the count")
    func aggregates() {
        var aggregator = EventAggregator()
        var written: [Event] = []
        for tick in 0..<1000 {
            let now = start + .milliseconds(60 * tick)
            let isTaken = aggregator.record(event("same"), now: now, date: Date())
            #expect(isTaken)
            written += aggregator.takeDue(now: now)
        }
        #expect(aggregator.nextDue == start + .seconds(60))
        written += aggregator.takeDue(now: start + .seconds(60))
        #expect(written.map(\.series?.count) == [nil, 1000])
        let rest = aggregator.takeDue(now: start + .seconds(200), all: true)
        #expect(rest.isEmpty)
    }

    @Test("what comes on top of the capacity is dropped, and old events are forgotten")
    func bounded() {
        var aggregator = EventAggregator(capacity: 10)
        let taken = (0..<100).count { aggregator.record(event("\($0)"), now: start, date: Date()) }
        #expect(taken == 10)
        let first = aggregator.takeDue(now: start + .seconds(400))
        #expect(first.count == 10)
        let isTaken = aggregator.record(event("0"), now: start + .seconds(400), date: Date())
        #expect(isTaken)
        let second = aggregator.takeDue(now: start + .seconds(400))
        #expect(second.map(\.series) == [nil])
    }

    @Test("a message is cut between characters")
    func cuts() {
        #expect(EventRecorder.cut("aé", toBytes: 2) == "a")
        #expect(EventRecorder.cut("aé", toBytes: 3) == "aé")
    }
}

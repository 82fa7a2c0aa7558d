// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import KubeCore

/// Turns what happens into few event writes: the first of its kind at once, its repetitions as a count now and then.
struct EventAggregator: Sendable {
    /// An object, whatever its version.
    private struct RegardedObject: Hashable {
        var uid: String?
        var kind: String?
        var key: ObjectKey

        init(_ reference: ObjectReference) {
            uid = reference.uid
            kind = reference.kind
            key = ObjectKey(namespace: reference.namespace, name: reference.name ?? "")
        }
    }

    /// What makes two events the same.
    private struct Identity: Hashable {
        var object: RegardedObject?
        var type: String
        var reason: String
        var note: String
    }

    private struct Series {
        var event: Event
        var count: Int32
        var lastSeen: ContinuousClock.Instant
        var lastSeenDate: Date
        var lastWritten: ContinuousClock.Instant
        var writtenCount: Int32
    }

    /// How many writes may wait; what comes on top is dropped.
    private let capacity: Int
    /// How long after a write a count is written again at the earliest.
    private let flushInterval: Duration
    /// How long after its last repetition an event is forgotten.
    private let forgetAfter: Duration
    private var series: [Identity: Series] = [:]
    private var firsts: [Event] = []

    init(capacity: Int = 1000, flushInterval: Duration = .seconds(60), forgetAfter: Duration = .seconds(360)) {
        self.capacity = capacity
        self.flushInterval = flushInterval
        self.forgetAfter = forgetAfter
    }

    /// Takes an event up; false where it had to be dropped.
    mutating func record(_ event: Event, now: ContinuousClock.Instant, date: Date) -> Bool {
        let identity = Identity(
            object: event.regarding.map(RegardedObject.init),
            type: event.type ?? "",
            reason: event.reason ?? "",
            note: event.note ?? ""
        )
        if var known = series[identity], now - known.lastSeen < forgetAfter {
            if known.count < Int32.max { known.count += 1 }
            known.lastSeen = now
            known.lastSeenDate = date
            series[identity] = known
            return true
        }
        guard firsts.count < capacity, series.count < capacity * 4 else { return false }
        firsts.append(event)
        series[identity] = Series(
            event: event,
            count: 1,
            lastSeen: now,
            lastSeenDate: date,
            lastWritten: now,
            writtenCount: 1
        )
        return true
    }

    /// Takes out what is to be written now; `all` does not wait for the counts' time.
    mutating func takeDue(now: ContinuousClock.Instant, all: Bool = false) -> [Event] {
        var due = firsts
        firsts = []
        for (identity, known) in series {
            if known.count > known.writtenCount && (all || now - known.lastWritten >= flushInterval) {
                var event = known.event
                event.series = EventSeries(count: known.count, lastObservedTime: MicroTime(known.lastSeenDate))
                due.append(event)
                series[identity]?.writtenCount = known.count
                series[identity]?.lastWritten = now
            } else if now - known.lastSeen >= forgetAfter && known.count == known.writtenCount {
                series[identity] = nil
            }
        }
        return due
    }

    /// When a count has to be written next; nil where none waits.
    var nextDue: ContinuousClock.Instant? {
        series.values.filter { $0.count > $0.writtenCount }.map { $0.lastWritten + flushInterval }.min()
    }
}

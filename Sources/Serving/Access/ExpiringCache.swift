// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Values by name, each for a time of its own, of which there are never more than a number.
struct ExpiringCache<Value> {
    private let limit: Int
    private var entries: [String: (value: Value, end: ContinuousClock.Instant)] = [:]

    /// How many values there are, those included whose time is over.
    var count: Int { entries.count }

    /// An empty cache for so many values, one at least.
    init(limit: Int) { self.limit = limit }

    /// The value of that name, where its time is not over.
    func value(of name: String, at now: ContinuousClock.Instant) -> Value? {
        entries[name].flatMap { now < $0.end ? $0.value : nil }
    }

    /// Notes a value. In a full cache it takes the place of those whose time is over, or is over first.
    mutating func put(
        _ value: Value,
        as name: String,
        until end: ContinuousClock.Instant,
        at now: ContinuousClock.Instant
    ) {
        if entries[name] == nil, entries.count >= limit {
            entries = entries.filter { now < $0.value.end }
            if entries.count >= limit, let first = entries.min(by: { $0.value.end < $1.value.end })?.key {
                entries[first] = nil
            }
        }
        entries[name] = (value, end)
    }
}

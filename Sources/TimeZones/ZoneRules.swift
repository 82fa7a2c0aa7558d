// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What a time zone's clock did and will do: offsets from UTC and the instants at which they change.
///
/// Instants are seconds since 1970 in UTC, offsets seconds east of UTC.
struct ZoneRules: Sendable, Hashable {
    struct Change: Sendable, Hashable {
        var instant: Int
        /// From the instant on.
        var offset: Int
    }

    /// Stands for "no more changes": beyond every instant that is looked at.
    static let never = 1 << 50

    /// The offset before the first change.
    var initialOffset: Int
    /// In the order of time; each has another offset than the one before it.
    var changes: [Change] = []
    /// What repeats each year from `recurringStart` on; nil where the last offset stays for ever.
    var recurring: RecurringRule?
    /// Not before the last change.
    var recurringStart = -never

    static let utc = ZoneRules(initialOffset: 0)

    func offset(at instant: Int) -> Int {
        if let recurring, instant >= recurringStart { return recurring.offset(at: instant) }
        let following = indexOfChange(after: instant)
        return following == 0 ? initialOffset : changes[following - 1].offset
    }

    /// The first instant after another at which the offset changes, or `never`.
    func change(after instant: Int) -> Int {
        let following = indexOfChange(after: instant)
        if following < changes.count { return changes[following].instant }
        guard let recurring else { return Self.never }
        if instant < recurringStart, recurring.offset(at: recurringStart) != offset(at: instant) {
            return recurringStart
        }
        return recurring.change(after: max(instant, recurringStart)) ?? Self.never
    }

    private func indexOfChange(after instant: Int) -> Int {
        var low = 0
        var high = changes.count
        while low < high {
            let middle = (low + high) / 2
            if changes[middle].instant > instant { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

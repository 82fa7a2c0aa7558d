// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A place in a line.
struct WaitingTicket: Hashable, Sendable {
    fileprivate let number: UInt64
}

/// Who waits, in the order in which they came; anyone may leave from anywhere. Each call takes constant time on average.
struct WaitingLine<Waiter> {
    private var waiters: [WaitingTicket: Waiter] = [:]
    /// Tickets in order; those of whoever left are passed over.
    private var order: [WaitingTicket] = []
    private var head = 0
    private var issued: UInt64 = 0

    /// How many wait.
    var count: Int { waiters.count }
    /// Whether nobody waits.
    var isEmpty: Bool { waiters.isEmpty }

    /// A ticket that was never given out before.
    mutating func nextTicket() -> WaitingTicket {
        issued += 1
        return WaitingTicket(number: issued)
    }

    /// Joins at the end.
    mutating func append(_ waiter: Waiter, _ ticket: WaitingTicket) {
        // What is passed over must not pile up while nobody's turn comes.
        if order.count - head > 2 * waiters.count + 64 || head > order.count / 2 + 64 {
            order = order[head...].filter { waiters[$0] != nil }
            head = 0
        }
        waiters[ticket] = waiter
        order.append(ticket)
    }

    /// Takes out whoever has waited longest.
    mutating func popFirst() -> Waiter? {
        while head < order.count {
            let ticket = order[head]
            head += 1
            if let waiter = waiters.removeValue(forKey: ticket) { return waiter }
        }
        return nil
    }

    /// Takes out one from anywhere; nil where that one does not wait, or no longer.
    mutating func remove(_ ticket: WaitingTicket) -> Waiter? { waiters.removeValue(forKey: ticket) }
}

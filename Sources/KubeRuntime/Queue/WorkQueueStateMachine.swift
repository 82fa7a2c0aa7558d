// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// How soon a key comes up.
package enum WorkPriority: Int, Sendable, CaseIterable, Comparable {
    /// It was there already, and most likely nothing is to be done: first lists and resyncs.
    case background = -100
    /// Something changed.
    case live = 0

    package static func < (left: WorkPriority, right: WorkPriority) -> Bool { left.rawValue < right.rawValue }
}

/// Which key to work on next.
///
/// A key waits at most once, is never handed out while it is being worked on, and one that is added meanwhile comes up
/// once more afterwards. The scheme is that of client-go's workqueue, a queue, a dirty set and a processing set, with the
/// priorities of controller-runtime: the higher one first, and of two adds of a key the higher counts. So that nothing
/// starves under load that never ends, one of seventeen keys comes from the background while others wait.
///
/// A key that is handed out is no longer waited for at a later time: whoever works on it says anew when to come back.
package struct WorkQueueStateMachine<Key: Hashable & Sendable>: Sendable {
    /// What `next` has to say.
    package enum Next: Equatable, Sendable {
        /// Work on this key, then call `done`. `waited` is how long it was ready.
        case work(Key, waited: Duration)
        /// Nothing is ready; the first delayed key is at that time, if there is any.
        case wait(until: ContinuousClock.Instant?)
        /// Nothing will come any more.
        case finished
    }

    /// The waits between the tries of one failing key.
    package struct RetryLimits: Sendable {
        /// The wait after the first failure; each further one doubles it.
        package var base: Duration
        /// The longest wait.
        package var cap: Duration

        /// Makes limits; the defaults are client-go's.
        package init(base: Duration = .milliseconds(5), cap: Duration = .seconds(1000)) {
            self.base = base
            self.cap = cap
        }
    }

    private struct Need {
        var since: ContinuousClock.Instant
        var priority: WorkPriority
    }

    private let limits: RetryLimits
    private var live = ReadyLine<Key>()
    private var background = ReadyLine<Key>()
    /// The keys that need work.
    private var dirty: [Key: Need] = [:]
    private var processing: [Key: (since: ContinuousClock.Instant, priority: WorkPriority)] = [:]
    /// The priorities of delayed keys that are not the usual one.
    private var delayedPriorities: [Key: WorkPriority] = [:]
    private var delayed = DelayHeap<Key>()
    private var failures: [Key: Int] = [:]
    private var isShutDown = false
    /// How many keys came from the live line in a row while the background waited.
    private var liveStreak = 0
    private static var longestLiveStreak: Int { 16 }
    /// How many keys were taken up in all.
    package private(set) var added: UInt64 = 0

    /// Makes an empty queue.
    package init(limits: RetryLimits = RetryLimits()) { self.limits = limits }

    /// How many keys are ready to be handed out.
    package var depth: Int { live.count + background.count }

    /// How many keys of a priority are ready to be handed out.
    package func depth(of priority: WorkPriority) -> Int {
        switch priority {
        case .live: live.count
        case .background: background.count
        }
    }

    /// How many keys wait for their time.
    package var delayedCount: Int { delayed.count }
    /// How many keys have failed since they were last forgotten.
    package var failingCount: Int { failures.count }
    /// When the keys that are being worked on were handed out.
    package var processingSince: [ContinuousClock.Instant] { processing.values.map(\.since) }

    /// Adds a key; one that already waits only moves up to a higher priority, to the end of that line.
    package mutating func add(_ key: Key, priority: WorkPriority = .live, now: ContinuousClock.Instant) {
        guard !isShutDown else { return }
        if let need = dirty[key] {
            guard need.priority < priority else { return }
            dirty[key]?.priority = priority
            if processing[key] == nil {
                background.remove(key)
                live.append(key)
            }
            return
        }
        dirty[key] = Need(since: now, priority: priority)
        added += 1
        // One that is being worked on joins the line when that is done.
        if processing[key] == nil { line(up: key, priority) }
    }

    /// Adds a key later; of two times the earlier one counts.
    ///
    /// A key that is being worked on keeps the priority that it was handed out with.
    package mutating func add(_ key: Key, at time: ContinuousClock.Instant, now: ContinuousClock.Instant) {
        guard !isShutDown else { return }
        let priority = processing[key]?.priority ?? .live
        if time <= now {
            add(key, priority: priority, now: now)
        } else {
            delayed.insert(key, ready: time)
            delayedPriorities[key] = priority == .live ? nil : priority
        }
    }

    /// Adds a key that failed after a wait that doubles with each failure.
    ///
    /// Returns the wait.
    package mutating func addFailed(_ key: Key, now: ContinuousClock.Instant) -> Duration {
        let count = failures[key, default: 0]
        failures[key] = count + 1
        // 30 doublings of the base pass any sensible cap and stay within the range of the multiplication.
        let delay = count < 30 ? min(limits.cap, limits.base * (1 << count)) : limits.cap
        add(key, at: now + delay, now: now)
        return delay
    }

    /// Forgets the failures of a key.
    package mutating func forget(_ key: Key) { failures[key] = nil }

    /// Hands out the next key.
    package mutating func next(now: ContinuousClock.Instant) -> Next {
        bringUpDelayed(now: now)
        guard let key = popNext() else {
            return isShutDown && processing.isEmpty ? .finished : .wait(until: delayed.nextReady)
        }
        let need = dirty.removeValue(forKey: key)
        processing[key] = (now, need?.priority ?? .live)
        delayed.remove(key)
        delayedPriorities[key] = nil
        return .work(key, waited: now - (need?.since ?? now))
    }

    private mutating func popNext() -> Key? {
        if liveStreak >= Self.longestLiveStreak, let key = background.popFirst() {
            liveStreak = 0
            return key
        }
        guard let key = live.popFirst() else {
            liveStreak = 0
            return background.popFirst()
        }
        liveStreak = background.count > 0 ? liveStreak + 1 : 0
        return key
    }

    /// Brings up the delayed keys whose time has come.
    ///
    /// Returns when the next one is due.
    @discardableResult
    package mutating func bringUpDelayed(now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        while let key = delayed.popReady(at: now) {
            add(key, priority: delayedPriorities.removeValue(forKey: key) ?? .live, now: now)
        }
        return delayed.nextReady
    }

    /// Ends the work on a key.
    ///
    /// Returns how long it took.
    package mutating func done(_ key: Key, now: ContinuousClock.Instant) -> Duration {
        let since = processing.removeValue(forKey: key)?.since ?? now
        if let need = dirty[key] { line(up: key, need.priority) }
        return now - since
    }

    /// Takes nothing new and drops what waits for its time; what is ready is still handed out.
    package mutating func shutDown() {
        isShutDown = true
        delayed.removeAll()
        delayedPriorities.removeAll()
    }

    private mutating func line(up key: Key, _ priority: WorkPriority) {
        switch priority {
        case .live: live.append(key)
        case .background: background.append(key)
        }
    }
}

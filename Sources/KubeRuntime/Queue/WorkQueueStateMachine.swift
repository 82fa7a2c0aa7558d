// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Which key to work on next.
///
/// A key waits at most once, is never handed out while it is being worked on, and one that is added meanwhile comes up
/// once more afterwards. The scheme is that of client-go's workqueue: a queue, a dirty set and a processing set.
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

    private let limits: RetryLimits
    /// First in, first out: `ready[head...]`.
    private var ready: [Key] = []
    private var head = 0
    /// The keys that need work and since when.
    private var dirty: [Key: ContinuousClock.Instant] = [:]
    private var processing: [Key: ContinuousClock.Instant] = [:]
    private var delayed = DelayHeap<Key>()
    private var failures: [Key: Int] = [:]
    private var isShutDown = false
    /// How many keys were taken up in all.
    package private(set) var added: UInt64 = 0

    /// Makes an empty queue.
    package init(limits: RetryLimits = RetryLimits()) { self.limits = limits }

    /// How many keys are ready to be handed out.
    package var depth: Int { ready.count - head }
    /// How many keys wait for their time.
    package var delayedCount: Int { delayed.count }
    /// How many keys have failed since they were last forgotten.
    package var failingCount: Int { failures.count }
    /// When the keys that are being worked on were handed out.
    package var processingSince: [ContinuousClock.Instant] { Array(processing.values) }

    /// Adds a key; does nothing where it already waits.
    package mutating func add(_ key: Key, now: ContinuousClock.Instant) {
        guard !isShutDown, dirty[key] == nil else { return }
        dirty[key] = now
        added += 1
        // One that is being worked on joins the queue when that is done.
        if processing[key] == nil { ready.append(key) }
    }

    /// Adds a key later; of two times the earlier one counts.
    package mutating func add(_ key: Key, at time: ContinuousClock.Instant, now: ContinuousClock.Instant) {
        guard !isShutDown else { return }
        if time <= now {
            add(key, now: now)
        } else {
            delayed.insert(key, ready: time)
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
        guard head < ready.count else {
            return isShutDown && processing.isEmpty ? .finished : .wait(until: delayed.nextReady)
        }
        let key = ready[head]
        head += 1
        if head > 1024 && head * 2 > ready.count {
            ready.removeFirst(head)
            head = 0
        }
        let since = dirty.removeValue(forKey: key) ?? now
        processing[key] = now
        return .work(key, waited: now - since)
    }

    /// Brings up the delayed keys whose time has come.
    ///
    /// Returns when the next one is due.
    @discardableResult
    package mutating func bringUpDelayed(now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        while let key = delayed.popReady(at: now) { add(key, now: now) }
        return delayed.nextReady
    }

    /// Ends the work on a key.
    ///
    /// Returns how long it took.
    package mutating func done(_ key: Key, now: ContinuousClock.Instant) -> Duration {
        let since = processing.removeValue(forKey: key) ?? now
        if dirty[key] != nil { ready.append(key) }
        return now - since
    }

    /// Takes nothing new and drops what waits for its time; what is ready is still handed out.
    package mutating func shutDown() {
        isShutDown = true
        delayed.removeAll()
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import Synchronization

/// What the workers of running pods said last, by the pod's UID.
final class ProgressBoard: Sendable {
    private let events = Mutex<[String: StepProgress]>([:])

    /// What that pod said last.
    subscript(uid: String?) -> StepProgress? {
        guard let uid else { return nil }
        return events.withLock { $0[uid] }
    }

    /// Notes what a pod said; true where it is news.
    func note(_ event: StepProgress, of uid: String, now: Date) -> Bool {
        events.withLock { events in
            var timed = event
            timed.time = events[uid]?.time
            guard events[uid] != timed else { return false }
            timed.time = now
            events[uid] = timed
            return true
        }
    }

    /// Forgets a pod.
    func forget(_ uid: String) { events.withLock { $0[uid] = nil } }
}

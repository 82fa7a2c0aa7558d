// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import KubeCore
import Synchronization

/// The changes of a store for one reader.
final class StoreSubscription<Object: KubeObject>: Sendable {
    /// Names one object: another one of the same name is another object.
    private struct Identity: Hashable {
        var key: ObjectKey
        var uid: String?

        init(_ object: Object) {
            key = object.key
            uid = object.metadata.uid
        }
    }

    /// A change, and how soon it is to be looked at.
    struct Entry: Sendable {
        var change: StoreChange<Object>
        var priority: WorkPriority
    }

    private struct Pending {
        var changes: [Identity: Entry] = [:]
        /// In the order of the first change that nobody has read.
        var order: [Identity] = []
    }

    private let pending = Mutex(Pending())
    private let wakeUp = WakeUp()

    /// Waits for changes and takes all that there are, oldest first; nil when the task is cancelled.
    func next() async -> [Entry]? {
        while !Task.isCancelled {
            let changes = pending.withLock { pending in
                defer { pending = Pending() }
                return pending.order.compactMap { pending.changes[$0] }
            }
            if !changes.isEmpty { return changes }
            await wakeUp.wait()
        }
        return nil
    }

    func push(_ changes: [StoreChange<Object>], _ priority: WorkPriority) {
        pending.withLock { pending in
            for change in changes {
                let identity = Identity(change.object)
                if let earlier = pending.changes[identity] {
                    pending.changes[identity] = Entry(
                        change: earlier.change.followed(by: change),
                        priority: max(earlier.priority, priority)
                    )
                } else {
                    pending.changes[identity] = Entry(change: change, priority: priority)
                    pending.order.append(identity)
                }
            }
        }
        wakeUp.call()
    }
}

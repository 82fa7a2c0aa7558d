// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// How much live work waits in all queues of a process, so that what can wait gives way to what cannot.
package final class WorkLoad: Sendable {
    private let waiting = Atomic(0)

    /// Makes one without any work.
    package init() {}

    /// How many keys of live priority are ready and not yet handed out, over all queues that report here.
    package var liveKeys: Int { waiting.load(ordering: .relaxed) }

    func change(by difference: Int) {
        if difference != 0 { waiting.wrappingAdd(difference, ordering: .relaxed) }
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Runs the tasks of a connection on the thread that reads and writes it, so that a request that is soon answered wakes no
/// other thread: that would take longer than the forecast of a small model. What takes a millisecond or more has to go
/// elsewhere, or other connections of the same thread wait for it.
final class ConnectionExecutor: TaskExecutor {
    private let loop: any EventLoop

    /// An executor on the event loop of a connection, which must last as long as the process.
    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

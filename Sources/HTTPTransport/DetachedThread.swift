// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A thread of the operating system, for work that blocks and must not hold a thread of Swift's pool.
package enum DetachedThread {
    private final class Work {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }

        func run() {
            nameThread()
            body()
        }

        /// Glibc's own call for that is hidden from Swift.
        private func nameThread() {
            let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
            guard file >= 0 else { return }
            _ = write(file, name, name.utf8.count)
            close(file)
        }
    }

    /// Runs `body` on a thread of its own, which nobody waits for.
    ///
    /// - Parameter name: what debuggers and `/proc` call the thread; at most 15 bytes.
    package static func start(named name: String, _ body: @escaping @Sendable () -> Void) {
        let work = Unmanaged.passRetained(Work(name: name, body: body)).toOpaque()
        var thread = pthread_t()
        let status = pthread_create(&thread, nil, main, work)
        // As in Swift's own pool: a process that gets no thread cannot go on.
        precondition(status == 0, "no thread could be started")
        pthread_detach(thread)
    }

    private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
        if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
    }
}

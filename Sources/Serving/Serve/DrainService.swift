// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ServiceLifecycle

/// Holds back the shutdown of the services before it: readiness goes first, so that a Service sends no new requests
/// here, and only after a while does the server stop accepting.
struct DrainService: Service {
    let readiness: Readiness
    /// How long requests are still answered after the signal.
    let delay: Duration

    func run() async throws {
        try? await gracefulShutdown()
        readiness.drain()
        // Sleeping ends early when the process is to stop at once.
        try? await Task.sleep(for: delay)
    }
}

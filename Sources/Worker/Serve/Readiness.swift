// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Whether this server wants new requests. Draining is final.
final class Readiness: Sendable {
    private let isDraining = Atomic(false)

    /// Whether new requests are wanted.
    var isReady: Bool { !isDraining.load(ordering: .relaxed) }

    /// From now on, new requests should go elsewhere.
    func drain() { isDraining.store(true, ordering: .relaxed) }
}

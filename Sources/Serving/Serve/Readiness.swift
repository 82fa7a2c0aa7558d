// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Whether this server wants new requests: those that it can answer securely, where it should. Draining is final.
final class Readiness: Sendable {
    private let isDraining = Atomic(false)
    private let certificate: ServingCertificate?

    /// - Parameter certificate: What must be there before connections are; nil without TLS.
    init(certificate: ServingCertificate? = nil) { self.certificate = certificate }

    /// Whether new requests are wanted.
    var isReady: Bool {
        !isDraining.load(ordering: .relaxed) && (certificate.map { $0.context != nil } ?? true)
    }

    /// From now on, new requests should go elsewhere.
    func drain() { isDraining.store(true, ordering: .relaxed) }
}

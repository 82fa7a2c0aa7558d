// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Foundation
import NIOSSL
import Synchronization

/// The certificate that clients are shown. Connections keep the one that they began with.
final class ServingCertificate: Sendable {
    private let state = Mutex(CertificateState())

    /// What a new connection is made with; nil as long as there is no certificate that can be used.
    var context: NIOSSLContext? { state.withLock { $0.pair?.context } }

    /// Until when the certificate is valid; nil without one.
    var notAfter: Date? { state.withLock { $0.pair?.notAfter } }

    /// Takes in what a look at the folder has found. True where another certificate is shown from now on.
    func look(_ found: Result<CertificateFolder.Files, ServingError>) -> Bool { state.withLock { $0.look(found) } }

    /// What is wrong with it at that time; nil for nothing.
    func problem(now: Date) -> ServingReport.AccessProblem? { state.withLock { $0.problem(now: now) } }
}

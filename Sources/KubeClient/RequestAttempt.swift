// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import KubeCore

/// One try of a request, for metrics.
package struct RequestAttempt: Sendable, Equatable {
    /// The HTTP method.
    package var method: String
    /// The API server's host and port.
    package var host: String
    /// The status; nil where no answer came.
    package var code: Int?
    /// How long the try took; of a watch until its head came.
    package var duration: Duration
    /// How many bytes the request's body has.
    package var requestBytes: Int
    /// How many bytes the answer's body has, unpacked; nil for a watch and where no answer came.
    package var responseBytes: Int?
    /// How many tries of the same request came before; more than 0 is a retry.
    package var retries: Int

    init(_ request: KubeRequest, host: String, retries: Int) {
        method = request.method.rawValue
        self.host = host
        duration = .zero
        requestBytes = request.body?.count ?? 0
        self.retries = retries
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import HTTPTransport
import WorkerRuntime

/// What a server is shown, and which authorities its certificate may be of.
struct ServerLogin: Sendable {
    let headers: [HTTPHeader]
    let authorities: CurlTransport.PEM?

    /// Reads the Secret; `scheme` is what stands before a token.
    init(
        _ reference: SecretReference?,
        scheme: String = "Bearer",
        field: String,
        _ context: StepContext
    ) throws(WorkerRuntimeError) {
        guard let reference else {
            headers = []
            authorities = nil
            return
        }
        headers = try context.secrets.authorization(reference, field: field, scheme: scheme)
        authorities = try context.secrets.authorities(reference, field: field)
    }
}

extension Optional<InfluxDBVersion> {
    /// What stands before a token: InfluxDB 2 has its own word for it.
    var tokenScheme: String { self == .v2 ? "Token" : "Bearer" }
}

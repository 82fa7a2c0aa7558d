// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Serves clients by TLS, and by nothing else. The port for reports, metrics and health stays as it is.
package struct ServingTLSSpec: Codable, Sendable, Equatable {
    /// The Secret of the type kubernetes.io/tls: `tls.crt` with the certificate and its chain, `tls.key` with its key. It is
    /// mounted as a folder and given as `--tls`; a renewal needs no restart and ends no connection.
    package var secretRef: SecretReference

    /// Makes a reference.
    package init(secretRef: SecretReference) {
        self.secretRef = secretRef
    }
}

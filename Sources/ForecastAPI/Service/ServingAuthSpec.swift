// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Who may ask a service for forecasts. Without it, whoever reaches the service may.
///
/// Health needs no key, for the kubelet has none.
package struct ServingAuthSpec: Codable, Sendable, Equatable {
    /// Keys that clients show in `Authorization: Bearer <key>` or in `X-API-Key: <key>`.
    package var apiKeys: APIKeysSpec?

    /// Makes a policy.
    package init(apiKeys: APIKeysSpec? = nil) {
        self.apiKeys = apiKeys
    }
}

/// Keys in a Secret.
package struct APIKeysSpec: Codable, Sendable, Equatable {
    /// The Secret: each value is a key, and its name says whose it is. Any of them will do. It is mounted as a folder and
    /// given as `--auth-keys`; a change of the Secret needs no restart.
    package var secretRef: SecretReference

    /// Makes a source of keys.
    package init(secretRef: SecretReference) {
        self.secretRef = secretRef
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Who may ask a service for forecasts. Without it, whoever reaches the service may. Of several ways to show it, any one
/// that is accepted lets a request in.
///
/// Health needs none, for the kubelet has none.
package struct ServingAuthSpec: Codable, Sendable, Equatable {
    /// Keys that clients show in `Authorization: Bearer <key>` or in `X-API-Key: <key>`.
    package var apiKeys: APIKeysSpec?
    /// Tokens of an issuer that clients show in `Authorization: Bearer <token>`.
    package var jwt: JWTAuthSpec?
    /// Tokens that the cluster knows, shown in the same way: those of ServiceAccounts, for instance. Pods of such a service
    /// hold a token of their ServiceAccount, `spec.worker.serviceAccountName`, which must be allowed to create TokenReviews
    /// and SubjectAccessReviews.
    package var kubernetes: KubernetesAuthSpec?

    /// Makes a policy.
    package init(apiKeys: APIKeysSpec? = nil, jwt: JWTAuthSpec? = nil, kubernetes: KubernetesAuthSpec? = nil) {
        self.apiKeys = apiKeys
        self.jwt = jwt
        self.kubernetes = kubernetes
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

/// Signed tokens (JWT, RFC 7519) of an issuer.
package struct JWTAuthSpec: Codable, Sendable, Equatable {
    /// The most audiences.
    package static let maximumAudiences = 16
    /// The most bytes of an issuer, an audience or a URL.
    package static let longestName = 1_024

    /// What a token's `iss` must be, letter for letter.
    package var issuer: String
    /// Of which a token's `aud` must have one.
    package var audiences: [String]
    /// The keys that verify tokens.
    package var jwks: KeySetSpec

    /// Makes a source of tokens.
    package init(issuer: String, audiences: [String], jwks: KeySetSpec) {
        self.issuer = issuer
        self.audiences = audiences
        self.jwks = jwks
    }
}

/// Where a key set (JWKS, RFC 7517) is: exactly one place.
package struct KeySetSpec: Codable, Sendable, Equatable {
    /// A Secret of which each value is a key set. A change of it needs no restart.
    package var secretRef: SecretReference?
    /// A ConfigMap of which each value is a key set. A change of it needs no restart.
    package var configMapRef: NameReference?
    /// An https address without login and query, asked each ten minutes, and for a key that is not known at most each 30
    /// seconds. Its certificate must be of an authority that the image knows.
    package var url: String?

    /// Makes a place.
    package init(secretRef: SecretReference? = nil, configMapRef: NameReference? = nil, url: String? = nil) {
        self.secretRef = secretRef
        self.configMapRef = configMapRef
        self.url = url
    }
}

/// Tokens that the Kubernetes API server knows. Their user must be allowed to create `forecastservices/predict` of the
/// service.
package struct KubernetesAuthSpec: Codable, Sendable, Equatable {
    /// Of which a token must be for one; nil for the API server's own audience.
    package var audiences: [String]?

    /// Makes a policy.
    package init(audiences: [String]? = nil) {
        self.audiences = audiences
    }
}

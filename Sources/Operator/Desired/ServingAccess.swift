// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import KubeCore

/// What a serving pod is told of how clients reach it and who may ask.
struct ServingAccess {
    var service: ForecastService

    /// Where a ConfigMap with an issuer's keys is mounted.
    static let keySetFolder = "/var/run/almanac/jwks"
    /// How long the pod's own token is valid; the kubelet renews it long before.
    private static let tokenSeconds: Int64 = 3_600

    private var auth: ServingAuthSpec? { service.spec.auth }

    /// The Secrets that the process reads: the certificate and the keys.
    var secretNames: [String?] {
        [
            service.spec.tls?.secretRef.name, auth?.apiKeys?.secretRef.name, auth?.jwt?.jwks.secretRef?.name,
        ]
    }

    /// What else it reads, with where that is mounted.
    var volumes: [(volume: Volume, path: String)] {
        var volumes: [(Volume, String)] = []
        if let name = auth?.jwt?.jwks.configMapRef?.name {
            // One that is not there leaves an empty folder: then the worker says what it misses.
            let source = ConfigMapVolumeSource(name: name, optional: true)
            volumes.append((Volume(name: "jwks", configMap: source), Self.keySetFolder))
        }
        if auth?.kubernetes != nil { volumes.append((Self.ownToken, Self.ownTokenFolder)) }
        return volumes
    }

    /// Where Kubernetes puts a pod's own token.
    private static let ownTokenFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

    /// The pod's own token, and the authority of the API server. No other pod of ours has one.
    private static let ownToken = Volume(
        name: "api-access",
        projected: ProjectedVolumeSource(
            sources: [
                VolumeProjection(
                    serviceAccountToken: ServiceAccountTokenProjection(path: "token", expirationSeconds: tokenSeconds)
                ),
                VolumeProjection(
                    configMap: ConfigMapProjection(
                        name: "kube-root-ca.crt",
                        items: [KeyToPath(key: "ca.crt", path: "ca.crt")]
                    )
                ),
            ],
            defaultMode: 0o440
        )
    )

    /// The flags that name them.
    var arguments: [String] {
        var arguments: [String] = []
        func add(_ flag: String, _ secret: SecretReference?) {
            if let secret { arguments += [flag, "\(WorkerPod.secretsPath)/\(secret.name)"] }
        }
        add("--tls", service.spec.tls?.secretRef)
        add("--auth-keys", service.spec.auth?.apiKeys?.secretRef)
        if let jwt = auth?.jwt {
            arguments += ["--auth-jwt-issuer", jwt.issuer]
            for audience in jwt.audiences { arguments += ["--auth-jwt-audience", audience] }
            add("--auth-jwt-keys", jwt.jwks.secretRef)
            if jwt.jwks.configMapRef != nil { arguments += ["--auth-jwt-keys", Self.keySetFolder] }
            if let url = jwt.jwks.url { arguments += ["--auth-jwt-keys", url] }
        }
        if let kubernetes = auth?.kubernetes {
            let namespace = service.metadata.namespace ?? "default"
            arguments += ["--auth-kubernetes", "\(namespace)/\(service.metadata.name)"]
            for audience in kubernetes.audiences ?? [] { arguments += ["--auth-kubernetes-audience", audience] }
        }
        return arguments
    }
}

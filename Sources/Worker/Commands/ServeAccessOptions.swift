// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import KubeCore
import Serving

/// The flags that say how clients reach a server and who may ask.
struct ServeAccessOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Serve by TLS, with tls.crt and tls.key of this folder. They are read again when they change.",
            valueName: "folder"
        )
    )
    var tls: String?

    @Option(
        help: ArgumentHelp(
            "Requests may show a key: the content of one of this folder's files. It is read again when it changes.",
            valueName: "folder"
        )
    )
    var authKeys: String?

    @Option(help: ArgumentHelp("Requests may show a token (JWT) that this issuer signed.", valueName: "issuer"))
    var authJwtIssuer: String?

    @Option(
        help: ArgumentHelp("An audience of which such a token must name one; may be repeated.", valueName: "audience")
    )
    var authJwtAudience: [String] = []

    @Option(
        help: ArgumentHelp(
            "The issuer's keys: a folder of which each file is a key set (JWKS), or an https address of one.",
            valueName: "folder or URL"
        )
    )
    var authJwtKeys: String?

    @Option(
        help: ArgumentHelp(
            "Requests may show a token of the cluster, of a user who may create forecastservices/predict of this service.",
            valueName: "namespace/service"
        )
    )
    var authKubernetes: String?

    @Option(
        help: ArgumentHelp(
            "An audience of which such a token must be for one; may be repeated. Default: the API server's own.",
            valueName: "audience"
        )
    )
    var authKubernetesAudience: [String] = []

    @Option(help: ArgumentHelp("Where the process's own token and the API server's ca.crt are.", valueName: "folder"))
    var kubernetesCredentials = ServingAccess.podCredentials

    func validate() throws {
        let jwt = [authJwtIssuer == nil, authJwtKeys == nil, authJwtAudience.isEmpty]
        guard Set(jwt).count == 1 else {
            throw ValidationError("--auth-jwt-issuer, --auth-jwt-audience and --auth-jwt-keys go together")
        }
        guard authKubernetes != nil || authKubernetesAudience.isEmpty else {
            throw ValidationError("--auth-kubernetes-audience goes with --auth-kubernetes")
        }
        guard authKubernetes == nil || serviceKey != nil else {
            throw ValidationError("--auth-kubernetes must be <namespace>/<service>")
        }
    }

    /// What the flags say.
    var access: ServingAccess {
        var access = ServingAccess()
        (access.tls, access.keys) = (tls, authKeys)
        if let authJwtIssuer, let authJwtKeys {
            access.issuer = .init(name: authJwtIssuer, audiences: authJwtAudience, keys: authJwtKeys)
        }
        access.cluster = serviceKey.map {
            .init(service: $0, audiences: authKubernetesAudience, credentials: kubernetesCredentials)
        }
        return access
    }

    private var serviceKey: ObjectKey? {
        guard let parts = authKubernetes?.split(separator: "/", omittingEmptySubsequences: false), parts.count == 2,
            !parts[0].isEmpty, !parts[1].isEmpty
        else { return nil }
        return ObjectKey(namespace: String(parts[0]), name: String(parts[1]))
    }
}

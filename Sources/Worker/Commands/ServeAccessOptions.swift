// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import HTTPTransport
import KubeCore
import Logging
import ServiceLifecycle
import WebTokens

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
    var kubernetesCredentials = KubernetesReviews.credentials

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

    /// Who may ask, and the services that keep that up to date.
    ///
    /// - Throws: `WorkerError.unusableKeys`, `invalidSpec`.
    func check(_ logger: Logger) throws(WorkerError) -> (AccessCheck, followers: [any ServiceLifecycle.Service]) {
        var followers: [any ServiceLifecycle.Service] = []
        let tokens = try tokenCheck()
        if let tokens { followers.append(TokenKeyFollower(keys: tokens.keys, logger: logger)) }
        let reviews = try reviews()
        let kubernetes = reviews.map { reviews in
            KubernetesCheck { token throws(WorkerError) in try await reviews.review(token) }
        }
        if let reviews, let kubernetes {
            let follower = KubernetesFollower(
                check: kubernetes,
                probe: { () throws(WorkerError) in try await reviews.probe() },
                logger: logger
            )
            followers.append(follower)
        }
        let access = AccessCheck(tokens: tokens, kubernetes: kubernetes)
        if let authKeys {
            access.accept(try KeyRing(folder: authKeys))
            followers.append(KeyFollower(folder: authKeys, access: access, logger: logger))
        }
        return (access, followers)
    }

    /// The certificate of `--tls` as it is now, and what keeps it up to date; nil without the flag.
    func certificate(_ logger: Logger) -> (ServingCertificate, follower: CertificateFollower)? {
        guard let tls else { return nil }
        let certificate = ServingCertificate()
        let folder = CertificateFolder(path: tls)
        let follower = CertificateFollower(folder: folder, certificate: certificate, logger: logger)
        follower.look()
        return (certificate, follower)
    }

    private func tokenCheck() throws(WorkerError) -> TokenCheck? {
        guard let authJwtIssuer, let authJwtKeys else { return nil }
        let transport = CurlTransport(.init(responseLimit: JSONWebKeySet.longest))
        return TokenCheck(
            policy: TokenPolicy(issuer: authJwtIssuer, audiences: authJwtAudience),
            keys: TokenKeys(try TokenKeySource(authJwtKeys, transport: transport))
        )
    }

    private var serviceKey: ObjectKey? {
        guard let parts = authKubernetes?.split(separator: "/", omittingEmptySubsequences: false), parts.count == 2,
            !parts[0].isEmpty, !parts[1].isEmpty
        else { return nil }
        return ObjectKey(namespace: String(parts[0]), name: String(parts[1]))
    }

    private func reviews() throws(WorkerError) -> KubernetesReviews? {
        guard let serviceKey else { return nil }
        let environment = ProcessInfo.processInfo.environment
        guard let host = environment["KUBERNETES_SERVICE_HOST"], let port = environment["KUBERNETES_SERVICE_PORT"]
        else {
            throw .invalidSpec(
                problems:
                    "--auth-kubernetes needs KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT, which every pod has"
            )
        }
        return KubernetesReviews(
            server: "https://\(host.contains(":") ? "[\(host)]" : host):\(port)",
            folder: kubernetesCredentials,
            transport: CurlTransport(
                .init(
                    tls: .init(ca: .file("\(kubernetesCredentials)/ca.crt")),
                    proxy: "",
                    connectTimeout: .seconds(3),
                    responseLimit: 1 << 20
                )
            ),
            service: serviceKey,
            audiences: authKubernetesAudience
        )
    }
}

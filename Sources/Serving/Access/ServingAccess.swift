// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
package import KubeCore
import Logging
import ServiceLifecycle
import WebTokens

/// How clients reach a server and who may ask, as whoever starts it says. Without anything everybody may ask, in the clear.
package struct ServingAccess: Sendable {
    /// Where a pod finds the token of its ServiceAccount and the authority of the API server.
    package static let podCredentials = KubernetesReviews.credentials

    /// Tokens (JWT) that an issuer signs.
    package struct Issuer: Sendable {
        let name: String
        let audiences: [String]
        let keys: String

        /// - Parameters:
        ///   - name: The issuer, as tokens name it.
        ///   - audiences: Of which a token must name one.
        ///   - keys: A folder of which each file is a key set (JWKS), or an https address of one.
        package init(name: String, audiences: [String], keys: String) {
            (self.name, self.audiences, self.keys) = (name, audiences, keys)
        }
    }

    /// Tokens of the cluster, of users who may create `forecastservices/predict` of a service.
    package struct Cluster: Sendable {
        let service: ObjectKey
        let audiences: [String]
        let credentials: String

        /// - Parameters:
        ///   - service: The service that clients ask.
        ///   - audiences: Of which a token must be for one; none for the API server's own.
        ///   - credentials: The folder of the process's own token and the API server's `ca.crt`.
        package init(service: ObjectKey, audiences: [String], credentials: String) {
            (self.service, self.audiences, self.credentials) = (service, audiences, credentials)
        }
    }

    /// The folder of the certificate, `tls.crt` and `tls.key`; nil to serve in the clear.
    package var tls: String?
    /// The folder of which each file's content is a key; nil for none.
    package var keys: String?
    /// The issuer of tokens; nil for none.
    package var issuer: Issuer?
    /// The cluster's tokens; nil where they open nothing.
    package var cluster: Cluster?

    /// Everybody may ask, in the clear.
    package init() {}

    /// Who may ask, and the services that keep that up to date.
    ///
    /// - Throws: `ServingError.unusableKeys`, `invalidAccess`.
    func check(_ logger: Logger) throws(ServingError) -> (AccessCheck, followers: [any ServiceLifecycle.Service]) {
        var followers: [any ServiceLifecycle.Service] = []
        let tokens = try tokenCheck()
        if let tokens { followers.append(TokenKeyFollower(keys: tokens.keys, logger: logger)) }
        let reviews = try reviews()
        let kubernetes = reviews.map { reviews in
            KubernetesCheck { token throws(ServingError) in try await reviews.review(token) }
        }
        if let reviews, let kubernetes {
            let follower = KubernetesFollower(
                check: kubernetes,
                probe: { () throws(ServingError) in try await reviews.probe() },
                logger: logger
            )
            followers.append(follower)
        }
        let access = AccessCheck(tokens: tokens, kubernetes: kubernetes)
        if let keys {
            access.accept(try KeyRing(folder: keys))
            followers.append(KeyFollower(folder: keys, access: access, logger: logger))
        }
        return (access, followers)
    }

    /// The certificate as it is now, and what keeps it up to date; nil to serve in the clear.
    func certificate(_ logger: Logger) -> (ServingCertificate, follower: CertificateFollower)? {
        guard let tls else { return nil }
        let certificate = ServingCertificate()
        let folder = CertificateFolder(path: tls)
        let follower = CertificateFollower(folder: folder, certificate: certificate, logger: logger)
        follower.look()
        return (certificate, follower)
    }

    private func tokenCheck() throws(ServingError) -> TokenCheck? {
        guard let issuer else { return nil }
        let transport = CurlTransport(.init(responseLimit: JSONWebKeySet.longest))
        return TokenCheck(
            policy: TokenPolicy(issuer: issuer.name, audiences: issuer.audiences),
            keys: TokenKeys(try TokenKeySource(issuer.keys, transport: transport))
        )
    }

    private func reviews() throws(ServingError) -> KubernetesReviews? {
        guard let cluster else { return nil }
        let environment = ProcessInfo.processInfo.environment
        guard let host = environment["KUBERNETES_SERVICE_HOST"], let port = environment["KUBERNETES_SERVICE_PORT"]
        else {
            throw .invalidAccess(
                problem:
                    "--auth-kubernetes needs KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT, which every pod has"
            )
        }
        return KubernetesReviews(
            server: "https://\(host.contains(":") ? "[\(host)]" : host):\(port)",
            folder: cluster.credentials,
            transport: CurlTransport(
                .init(
                    tls: .init(ca: .file("\(cluster.credentials)/ca.crt")),
                    proxy: "",
                    connectTimeout: .seconds(3),
                    responseLimit: 1 << 20
                )
            ),
            service: cluster.service,
            audiences: cluster.audiences
        )
    }
}

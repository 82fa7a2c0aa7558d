// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTransport
import KubeCore

extension KubeConfigFile {
    /// The configuration of a context.
    ///
    /// Throws `KubeError.configuration` that names the file and the field.
    ///
    /// `source` names what was read, for errors about the whole.
    func configuration(context wanted: String?, source: String) throws -> KubeConfiguration {
        guard let name = wanted ?? currentContext else {
            throw KubeError.configuration(source: source, field: "current-context", reason: "none is set")
        }
        guard let context = contexts[name] else {
            throw KubeError.configuration(
                source: source,
                field: "contexts",
                reason: "there is no context '\(name)'"
            )
        }
        let field = "contexts[\(name)]"
        guard let clusterName = context.content.cluster, let cluster = clusters[clusterName] else {
            throw KubeError.configuration(
                source: context.file,
                field: "\(field).cluster",
                reason: "there is no cluster '\(context.content.cluster ?? "")'"
            )
        }
        var tls = try clusterTLS(cluster, name: clusterName)
        guard let server = cluster.content.server, server.hasPrefix("https://") || server.hasPrefix("http://") else {
            throw KubeError.configuration(
                source: cluster.file,
                field: "clusters[\(clusterName)].server",
                reason: "it is not an http or https URL"
            )
        }
        var token: KubeConfiguration.Token?
        if let userName = context.content.user, !userName.isEmpty {
            guard let user = users[userName] else {
                throw KubeError.configuration(
                    source: context.file,
                    field: "\(field).user",
                    reason: "there is no user '\(userName)'"
                )
            }
            try refuseUnsupported(user, name: userName)
            try addClientCertificate(of: user, name: userName, to: &tls)
            token = self.token(of: user)
        }
        return KubeConfiguration(
            server: server,
            tls: tls,
            token: token,
            namespace: context.content.namespace.flatMap { $0.isEmpty ? nil : $0 } ?? "default",
            proxy: cluster.content.proxy
        )
    }

    private func clusterTLS(_ cluster: Entry<Cluster>, name: String) throws -> CurlTransport.TLS {
        let field = "clusters[\(name)]"
        var tls = CurlTransport.TLS(serverName: cluster.content.serverName)
        if cluster.content.skipsVerification == true {
            tls.verify = false
        } else {
            tls.ca = try pem(
                file: cluster.content.ca,
                data: cluster.content.caData,
                in: cluster,
                field: "\(field).certificate-authority"
            )
        }
        return tls
    }

    private func addClientCertificate(
        of user: Entry<User>,
        name: String,
        to tls: inout CurlTransport.TLS
    ) throws {
        let field = "users[\(name)]"
        tls.clientCertificate = try pem(
            file: user.content.certificate,
            data: user.content.certificateData,
            in: user,
            field: "\(field).client-certificate"
        )
        tls.clientKey = try pem(
            file: user.content.key,
            data: user.content.keyData,
            in: user,
            field: "\(field).client-key"
        )
        guard (tls.clientCertificate == nil) == (tls.clientKey == nil) else {
            throw KubeError.configuration(
                source: user.file,
                field: field,
                reason: "client-certificate and client-key go together"
            )
        }
    }

    private func token(of user: Entry<User>) -> KubeConfiguration.Token? {
        if let path = user.content.tokenFile, !path.isEmpty { return .file(user.absolute(path)) }
        return user.content.token.flatMap { $0.isEmpty ? nil : .inline($0) }
    }

    /// Ways to log in that would otherwise be passed over in silence, with someone else's rights or none.
    private func refuseUnsupported(_ user: Entry<User>, name: String) throws {
        let unsupported = [
            (
                "exec", user.content.exec != nil,
                "credential plugins are not supported yet; use a token or a certificate"
            ),
            ("auth-provider", user.content.authProvider != nil, "Kubernetes has removed auth providers"),
            ("username", user.content.username != nil, "Kubernetes has removed passwords"),
            ("act-as", user.content.impersonatedUser != nil, "impersonation is not supported yet"),
        ]
        for (field, isThere, reason) in unsupported where isThere {
            throw KubeError.configuration(source: user.file, field: "users[\(name)].\(field)", reason: reason)
        }
    }

    /// A certificate or key; inline data wins over a file.
    private func pem<Content>(
        file: String?,
        data: String?,
        in entry: Entry<Content>,
        field: String
    ) throws -> CurlTransport.PEM? {
        if let data, !data.isEmpty {
            guard let decoded = Data(base64Encoded: data, options: .ignoreUnknownCharacters), !decoded.isEmpty else {
                throw KubeError.configuration(source: entry.file, field: "\(field)-data", reason: "it is not base64")
            }
            return .data(decoded)
        }
        return file.flatMap { $0.isEmpty ? nil : .file(entry.absolute($0)) }
    }
}

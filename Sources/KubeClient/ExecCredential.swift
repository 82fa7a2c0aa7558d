// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import HTTPTransport
import KubeCore

/// What a credential plugin is told, and what it answers: `ExecCredential` of `client.authentication.k8s.io`.
enum ExecCredential {
    /// The value of `KUBERNETES_EXEC_INFO`.
    static func info(for plugin: CredentialPlugin, isInteractive: Bool) throws -> String {
        var spec: [String: JSONValue] = ["interactive": .bool(isInteractive)]
        if let cluster = plugin.cluster {
            var wire: [String: JSONValue] = ["server": .string(cluster.server)]
            wire["tls-server-name"] = cluster.serverName.map(JSONValue.string)
            if cluster.skipsVerification { wire["insecure-skip-tls-verify"] = .bool(true) }
            wire["certificate-authority-data"] = cluster.ca.map { .string($0.base64EncodedString()) }
            wire["proxy-url"] = cluster.proxy.map(JSONValue.string)
            if cluster.disablesCompression { wire["disable-compression"] = .bool(true) }
            wire["config"] = cluster.config ?? .null
            spec["cluster"] = .object(wire)
        }
        let info = JSONValue.object([
            "kind": .string("ExecCredential"), "apiVersion": .string(plugin.version.rawValue), "spec": .object(spec),
        ])
        return String(decoding: try KubeJSON.encoder().encode(info), as: UTF8.self)
    }

    /// Reads what a program wrote.
    ///
    /// Throws `Fault`, which never quotes the text.
    static func read(_ output: Data, version: CredentialPlugin.Version) throws(Fault) -> PluginCredentials {
        let wire: Wire
        do {
            wire = try KubeJSON.decoder().decode(Wire.self, from: output)
        } catch {
            throw Fault("its output is no ExecCredential: \(DecodingFailure.describe(error))")
        }
        guard wire.kind == "ExecCredential" else { throw Fault("its output is no ExecCredential: kind is another one") }
        guard wire.apiVersion == version.rawValue else {
            throw Fault("it answers in another version than the configured \(version.rawValue)")
        }
        guard let status = wire.status else { throw Fault("its output has no status") }
        let token = status.token.flatMap { $0.isEmpty ? nil : $0 }
        let certificate = status.clientCertificateData.flatMap { $0.isEmpty ? nil : $0 }
        let key = status.clientKeyData.flatMap { $0.isEmpty ? nil : $0 }
        guard (certificate == nil) == (key == nil) else {
            throw Fault("it gave only one of certificate and key")
        }
        guard token != nil || certificate != nil else {
            throw Fault("it gave neither a token nor a certificate with its key")
        }
        if let token, token.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) {
            throw Fault("its token holds a line break, blank or control character")
        }
        var identity: HTTPClientIdentity?
        if let certificate, let key {
            guard certificate.contains("-----BEGIN "), key.contains("-----BEGIN ") else {
                throw Fault("its certificate or key is not PEM")
            }
            identity = HTTPClientIdentity(certificate: Data(certificate.utf8), key: Data(key.utf8))
        }
        return PluginCredentials(token: token, identity: identity, expiry: status.expirationTimestamp)
    }

    /// Why an answer cannot be used.
    struct Fault: Error, Equatable {
        let reason: String

        init(_ reason: String) { self.reason = reason }
    }

    private struct Wire: Decodable {
        var kind: String?
        var apiVersion: String?
        var status: Status?
    }

    private struct Status: Decodable {
        var token: String?
        var clientCertificateData: String?
        var clientKeyData: String?
        var expirationTimestamp: Date?
    }
}

/// What a credential plugin handed out.
struct PluginCredentials: Sendable, Equatable {
    var token: String?
    var identity: HTTPClientIdentity?
    /// When they end; nil for not before the server refuses them.
    var expiry: Date?
}

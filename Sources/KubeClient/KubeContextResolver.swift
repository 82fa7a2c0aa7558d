// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import HTTPTransport
import KubeCore

/// Makes the configuration of one context of a kubeconfig.
///
/// Everything that it throws is a `KubeError.configuration` that names the file, the context and the field.
struct KubeContextResolver {
    private let context: KubeConfigFile.Entry<KubeConfigFile.Context>
    private let cluster: KubeConfigFile.Entry<KubeConfigFile.Cluster>
    private let user: KubeConfigFile.Entry<KubeConfigFile.User>?
    private let name: String
    private let read: (String) throws -> Data?

    /// Finds the context's parts.
    ///
    /// `source` names what was read, for errors about the whole; `read` reads a file and gives nil where there is none.
    init(
        _ config: KubeConfigFile,
        context wanted: String?,
        source: String,
        read: @escaping (String) throws -> Data?
    ) throws {
        guard let name = wanted ?? config.currentContext else {
            throw KubeError.configuration(source: source, field: "current-context", reason: "none is set")
        }
        guard let context = config.contexts[name] else {
            throw KubeError.configuration(source: source, field: "contexts", reason: "there is no context '\(name)'")
        }
        func missing(_ field: String, _ what: String) -> KubeError {
            .configuration(source: context.file, field: "contexts[\(name)].\(field)", reason: "there is no \(what)")
        }
        let clusterName = context.content.cluster ?? ""
        guard let cluster = config.clusters[clusterName] else { throw missing("cluster", "cluster '\(clusterName)'") }
        let userName = context.content.user ?? ""
        if !userName.isEmpty, config.users[userName] == nil { throw missing("user", "user '\(userName)'") }
        self.name = name
        self.read = read
        self.context = context
        self.cluster = cluster
        user = config.users[userName]
    }

    /// The configuration.
    func configuration() throws -> KubeConfiguration {
        let wire = cluster.content
        guard let server = wire.server, server.hasPrefix("https://") || server.hasPrefix("http://") else {
            throw clusterFailure("server", "it is not an http or https URL")
        }
        var configuration = KubeConfiguration(
            server: server,
            tls: try clusterTLS(),
            namespace: context.content.namespace?.nonEmpty ?? "default",
            proxy: try proxy()
        )
        configuration.compresses = wire.disablesCompression?.value != true
        if let user { try add(user, to: &configuration) }
        return configuration
    }

    // MARK: The cluster

    private func clusterTLS() throws -> CurlTransport.TLS {
        let wire = cluster.content
        var tls = CurlTransport.TLS(serverName: wire.serverName?.nonEmpty)
        let ca = try pem(file: wire.ca, data: wire.caData, in: cluster, clusterFailure, "certificate-authority")
        if wire.skipsVerification?.value == true {
            guard ca == nil else {
                throw clusterFailure("insecure-skip-tls-verify", "it makes no sense beside a certificate-authority")
            }
            tls.verify = false
        }
        tls.ca = ca
        return tls
    }

    private func proxy() throws -> String? {
        guard let proxy = cluster.content.proxy?.nonEmpty else { return nil }
        let scheme = proxy.prefix { $0 != ":" }
        guard ["http", "https", "socks5", "socks5h"].contains(scheme), proxy.dropFirst(scheme.count).hasPrefix("://")
        else { throw clusterFailure("proxy-url", "it is not an http, https or socks5 URL") }
        // As with kubectl, the proxy looks names up: it may know what this machine does not.
        return scheme == "socks5" ? "socks5h" + proxy.dropFirst(scheme.count) : proxy
    }

    // MARK: The user

    private func add(
        _ user: KubeConfigFile.Entry<KubeConfigFile.User>,
        to configuration: inout KubeConfiguration
    ) throws {
        let wire = user.content
        if wire.authProvider != nil {
            throw userFailure("auth-provider", "Kubernetes has removed auth providers; use exec")
        }
        configuration.tls.clientCertificate = try pem(
            file: wire.certificate,
            data: wire.certificateData,
            in: user,
            userFailure,
            "client-certificate"
        )
        configuration.tls.clientKey = try pem(file: wire.key, data: wire.keyData, in: user, userFailure, "client-key")
        guard (configuration.tls.clientCertificate == nil) == (configuration.tls.clientKey == nil) else {
            throw userFailure("client-certificate", "client-certificate and client-key go together")
        }
        configuration.token = try token(of: user)
        if wire.username?.nonEmpty != nil || wire.password?.nonEmpty != nil {
            guard configuration.token == nil else {
                throw userFailure("username", "there is a token as well, and only one of them can be used")
            }
            configuration.login = KubeConfiguration.Login(user: wire.username ?? "", password: wire.password ?? "")
        }
        configuration.impersonation = try impersonation(wire)
        configuration.plugin = try plugin(of: user)
        if configuration.plugin != nil, configuration.tls.clientCertificate != nil {
            throw userFailure("exec", "there is a client-certificate as well, and only one of them can be used")
        }
    }

    private func token(of user: KubeConfigFile.Entry<KubeConfigFile.User>) throws -> KubeConfiguration.Token? {
        let token = user.content.token?.nonEmpty
        guard let path = user.content.tokenFile?.nonEmpty.map(user.absolute) else {
            return token.map { .inline($0) }
        }
        if let token { return .fileAfter(path, first: token) }
        try requireFile(path, userFailure, "tokenFile")
        return .file(path)
    }

    private func impersonation(_ wire: KubeConfigFile.User) throws -> KubeConfiguration.Impersonation? {
        let groups = wire.impersonatedGroups ?? []
        let extra = wire.impersonatedExtra ?? [:]
        guard let user = wire.impersonatedUser?.nonEmpty else {
            guard wire.impersonatedUID?.nonEmpty == nil, groups.isEmpty, extra.isEmpty else {
                throw userFailure("act-as", "act-as-uid, act-as-groups and act-as-user-extra need it")
            }
            return nil
        }
        let uid = wire.impersonatedUID?.nonEmpty
        return KubeConfiguration.Impersonation(user: user, uid: uid, groups: groups, extra: extra)
    }

    private func plugin(of user: KubeConfigFile.Entry<KubeConfigFile.User>) throws -> CredentialPlugin? {
        guard let wire = user.content.exec else { return nil }
        guard let command = wire.command?.nonEmpty else { throw userFailure("exec.command", "it is missing") }
        guard let apiVersion = wire.apiVersion?.nonEmpty else { throw userFailure("exec.apiVersion", "it is missing") }
        guard let version = CredentialPlugin.Version(rawValue: apiVersion) else {
            throw userFailure("exec.apiVersion", "it is neither client.authentication.k8s.io/v1 nor …/v1beta1")
        }
        guard let written = wire.interactiveMode?.nonEmpty ?? (version == .v1 ? nil : "IfAvailable") else {
            throw userFailure("exec.interactiveMode", "v1 asks for one: Never, IfAvailable or Always")
        }
        guard let mode = CredentialPlugin.InteractiveMode(rawValue: written) else {
            throw userFailure("exec.interactiveMode", "it is none of Never, IfAvailable and Always")
        }
        let environment = try (wire.env ?? []).map { variable in
            guard let name = variable.name?.nonEmpty, !name.contains("=") else {
                throw userFailure("exec.env", "a variable has no name, or one with an '='")
            }
            return (name, variable.value ?? "")
        }
        return CredentialPlugin(
            // A name is looked for on the path; anything else is a path, which counts from the file.
            command: command.contains("/") ? user.absolute(command) : command,
            arguments: wire.args ?? [],
            environment: environment,
            version: version,
            interactiveMode: mode,
            installHint: wire.installHint?.nonEmpty.map(Self.withoutEscapes),
            cluster: wire.provideClusterInfo?.value == true ? try pluginCluster() : nil,
            origin: (user.file, field("users", context.content.user, "exec"))
        )
    }

    private func pluginCluster() throws -> CredentialPlugin.Cluster {
        let wire = cluster.content
        let ca: Data? =
            switch try clusterTLS().ca {
            case nil: nil
            case .data(let data): data
            case .file(let path): try read(path)
            }
        return CredentialPlugin.Cluster(
            server: wire.server ?? "",
            serverName: wire.serverName?.nonEmpty,
            skipsVerification: wire.skipsVerification?.value == true,
            ca: ca,
            proxy: wire.proxy?.nonEmpty,
            disablesCompression: wire.disablesCompression?.value == true,
            config: wire.pluginConfig
        )
    }

    // MARK: Files and errors

    private typealias Failure = (_ field: String, _ reason: String) -> KubeError

    /// A certificate or key; inline data wins over a file.
    private func pem<Content>(
        file: String?,
        data: String?,
        in entry: KubeConfigFile.Entry<Content>,
        _ failure: Failure,
        _ field: String
    ) throws -> CurlTransport.PEM? {
        if let data = data?.nonEmpty {
            guard let decoded = Data(base64Encoded: data, options: .ignoreUnknownCharacters), !decoded.isEmpty else {
                throw failure("\(field)-data", "it is not base64")
            }
            return .data(decoded)
        }
        guard let path = file?.nonEmpty.map(entry.absolute) else { return nil }
        try requireFile(path, failure, field)
        return .file(path)
    }

    private func requireFile(_ path: String, _ failure: Failure, _ field: String) throws {
        // Better now, with the name of the field, than at the first request.
        guard (try? read(path)) != nil else { throw failure(field, "the file \(path) cannot be read") }
    }

    private func clusterFailure(_ field: String, _ reason: String) -> KubeError {
        let field = self.field("clusters", context.content.cluster, field)
        return .configuration(source: cluster.file, field: field, reason: reason)
    }

    private func userFailure(_ field: String, _ reason: String) -> KubeError {
        let field = self.field("users", context.content.user, field)
        return .configuration(source: user?.file ?? context.file, field: field, reason: reason)
    }

    private func field(_ list: String, _ entry: String?, _ field: String) -> String {
        "\(list)[\(entry ?? "")].\(field) (context '\(name)')"
    }

    /// A hint without what a terminal would take for commands.
    private static func withoutEscapes(_ text: String) -> String {
        String(text.unicodeScalars.filter { $0 == "\n" || $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
    }
}

extension String {
    /// The text, nil where it is empty: Kubernetes writes both for nothing.
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}

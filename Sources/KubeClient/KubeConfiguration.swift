// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import HTTPTransport

/// How to reach a Kubernetes API server, and as whom.
///
/// Its description shows the server and no credential.
package struct KubeConfiguration: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The server's URL, without a slash at its end.
    package var server: String
    /// Certificates, keys and names for TLS.
    package var tls: CurlTransport.TLS
    /// The token that goes with every request, if any; it comes before `login` and before a token of `plugin`.
    package var token: Token?
    /// User and password for servers or proxies in front of them that ask for these.
    package var login: Login?
    /// The program that hands out credentials.
    package var plugin: CredentialPlugin?
    /// Whom to act as, with the rights of whoever logs in.
    package var impersonation: Impersonation?
    /// The namespace to use where none is named.
    package var namespace: String
    /// The proxy's URL; nil for what the environment says.
    package var proxy: String?
    /// Whether answers may come compressed.
    package var compresses: Bool

    /// Where a bearer token comes from.
    ///
    /// Its description never shows it.
    package enum Token: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
        /// The token itself.
        case inline(String)
        /// A file that holds it, read again at most each minute.
        case file(String)
        /// A file, and the token that counts until the file can be read.
        case fileAfter(String, first: String)

        package var description: String {
            switch self {
            case .inline: "a token"
            case .file(let path), .fileAfter(let path, _): "the token in \(path)"
            }
        }

        package var debugDescription: String { description }
    }

    /// User and password.
    ///
    /// Its description shows the user only.
    package struct Login: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
        /// The user's name.
        package var user: String
        /// The password.
        package var password: String

        /// Makes a login.
        package init(user: String, password: String) {
            self.user = user
            self.password = password
        }

        package var description: String { user }
        package var debugDescription: String { description }
    }

    /// Whom to act as.
    package struct Impersonation: Sendable, Equatable {
        /// The user's name.
        package var user: String
        /// The user's UID; nil for none.
        package var uid: String?
        /// The groups that the user is in.
        package var groups: [String]
        /// Further facts about the user by their name.
        package var extra: [String: [String]]

        /// Makes an impersonation.
        package init(user: String, uid: String? = nil, groups: [String] = [], extra: [String: [String]] = [:]) {
            self.user = user
            self.uid = uid
            self.groups = groups
            self.extra = extra
        }
    }

    /// Makes a configuration.
    package init(
        server: String,
        tls: CurlTransport.TLS = CurlTransport.TLS(),
        token: Token? = nil,
        namespace: String = "default",
        proxy: String? = nil
    ) {
        var server = server
        while server.hasSuffix("/") { server.removeLast() }
        self.server = server
        self.tls = tls
        self.token = token
        self.namespace = namespace
        self.proxy = proxy
        compresses = true
    }

    package var description: String { server }
    package var debugDescription: String { description }

    /// The configuration of a transport to this server.
    package func transport(allowsHTTP2: Bool = true) -> CurlTransport.Configuration {
        CurlTransport.Configuration(tls: tls, proxy: proxy, allowsHTTP2: allowsHTTP2)
    }
}

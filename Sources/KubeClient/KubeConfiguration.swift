// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import HTTPTransport

/// How to reach a Kubernetes API server, and as whom.
package struct KubeConfiguration: Sendable {
    /// The server's URL, without a slash at its end.
    package var server: String
    /// Certificates, keys and names for TLS.
    package var tls: CurlTransport.TLS
    /// The token that goes with every request, if any.
    package var token: Token?
    /// The namespace to use where none is named.
    package var namespace: String
    /// The proxy's URL; nil for what the environment says.
    package var proxy: String?

    /// Where a bearer token comes from.
    ///
    /// Its description never shows it.
    package enum Token: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
        /// The token itself.
        case inline(String)
        /// A file that holds it, read again at most each minute.
        case file(String)

        package var description: String {
            switch self {
            case .inline: "a token"
            case .file(let path): "the token in \(path)"
            }
        }

        package var debugDescription: String { description }
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
    }

    /// The configuration of a transport to this server.
    package func transport(allowsHTTP2: Bool = true) -> CurlTransport.Configuration {
        CurlTransport.Configuration(tls: tls, proxy: proxy, allowsHTTP2: allowsHTTP2)
    }
}

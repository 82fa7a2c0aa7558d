// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Why no answer came. Messages name the URL and never hold a header, a body or a credential.
package enum HTTPTransportError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The URL could not be understood.
    case invalidURL(String)
    /// The host's name could not be resolved, or no connection could be made to it.
    case cannotConnect(url: String, reason: String)
    /// The certificate could not be verified, or the TLS handshake failed.
    case tls(url: String, reason: String)
    /// Nothing came in time.
    case timedOut(url: String, after: Duration?)
    /// The connection broke after it had been made.
    case connectionLost(url: String, reason: String)
    /// A certificate or key that the configuration names cannot be used.
    case invalidCredentials(reason: String)

    package var description: String {
        switch self {
        case .invalidURL(let url): "'\(url)' is not a URL"
        case .cannotConnect(let url, let reason): "cannot connect to \(url): \(reason)"
        case .tls(let url, let reason): "no trusted connection to \(url): \(reason)"
        case .timedOut(let url, let after): "no answer from \(url)" + (after.map { " within \($0)" } ?? "")
        case .connectionLost(let url, let reason): "the connection to \(url) broke: \(reason)"
        case .invalidCredentials(let reason): "unusable TLS credentials: \(reason)"
        }
    }
}

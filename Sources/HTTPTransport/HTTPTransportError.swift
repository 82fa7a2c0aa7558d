// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Why no answer came.
///
/// Messages name the URL without its user, password and query, and never hold a header, a body or a credential.
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
    /// The request cannot be sent as it is, for instance because a header field holds a line break.
    case invalidRequest(reason: String)
    /// The body is larger than `CurlTransport.Configuration.responseLimit`; `stream` has no such limit.
    case responseTooLarge(url: String, limit: Int)
    /// The transport was shut down.
    case shutDown(url: String)

    package var description: String {
        switch self {
        case .invalidURL(let url): "'\(url)' is not a URL"
        case .cannotConnect(let url, let reason): "cannot connect to \(url): \(reason)"
        case .tls(let url, let reason): "no trusted connection to \(url): \(reason)"
        case .timedOut(let url, let after): "no answer from \(url)" + (after.map { " within \($0)" } ?? "")
        case .connectionLost(let url, let reason): "the connection to \(url) broke: \(reason)"
        case .invalidCredentials(let reason): "unusable TLS credentials: \(reason)"
        case .invalidRequest(let reason): "the request cannot be sent: \(reason)"
        case .responseTooLarge(let url, let limit): "the answer from \(url) has more than \(limit) bytes"
        case .shutDown(let url): "no request to \(url): the transport was shut down"
        }
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CCurl

extension HTTPTransportError {
    /// The error for a code of curl's.
    ///
    /// `reason` is curl's own text, which names hosts and files but no content.
    init(_ code: CURLcode, reason: String, url: String) {
        switch code {
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL:
            self = .invalidURL(url)
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT, CURLE_PROXY:
            self = .cannotConnect(url: url, reason: reason)
        case CURLE_RECV_ERROR where reason.hasPrefix("CONNECT tunnel failed"):
            // The proxy refused; nothing of the request has been sent.
            self = .cannotConnect(url: url, reason: reason)
        case CURLE_OPERATION_TIMEDOUT:
            // Curl's own limit is the one for connecting; the others are kept by the loop.
            self = .cannotConnect(url: url, reason: reason)
        case CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE:
            self = .invalidCredentials(reason: reason)
        case CURLE_SSL_CONNECT_ERROR where Self.isLoss(reason):
            self = .cannotConnect(url: url, reason: reason)
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CIPHER, CURLE_SSL_ENGINE_NOTFOUND,
            CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_USE_SSL_FAILED:
            self = .tls(url: url, reason: reason)
        default:
            self = .connectionLost(url: url, reason: reason)
        }
    }

    /// Whether a handshake ended because the peer went away, which says nothing about certificates.
    private static func isLoss(_ reason: String) -> Bool {
        ["SSL_ERROR_SYSCALL", "Connection reset by peer", "unexpected eof", "Broken pipe"].contains {
            reason.contains($0)
        }
    }
}

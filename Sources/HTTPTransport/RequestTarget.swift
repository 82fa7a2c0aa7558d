// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// The parts of a request's URL that the transport needs, read without trusting it.
struct RequestTarget: Sendable, Equatable {
    /// `http` or `https`.
    let scheme: String
    /// The host; an IPv6 address in its brackets.
    let host: String
    /// The port, if the URL names one.
    let port: String?
    /// User and password, if the URL holds them.
    ///
    /// Never for a message.
    let userInfo: String?
    /// Everything from the path on.
    let rest: String

    /// Reads a URL; nil where it is not an absolute HTTP URL.
    init?(_ url: String) {
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }), let colon = url.firstRange(of: "://") else {
            return nil
        }
        scheme = url[..<colon.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https" else { return nil }
        let afterScheme = url[colon.upperBound...]
        let end = afterScheme.firstIndex { "/?#\\".contains($0) } ?? afterScheme.endIndex
        rest = String(afterScheme[end...])
        var authority = afterScheme[..<end]
        if let at = authority.lastIndex(of: "@") {
            userInfo = String(authority[..<at])
            authority = authority[authority.index(after: at)...]
        } else {
            userInfo = nil
        }
        let hostEnd: Substring.Index
        if authority.hasPrefix("[") {
            guard let bracket = authority.firstIndex(of: "]") else { return nil }
            hostEnd = authority.index(after: bracket)
        } else {
            hostEnd = authority.firstIndex(of: ":") ?? authority.endIndex
        }
        host = String(authority[..<hostEnd])
        guard !host.isEmpty else { return nil }
        let tail = authority[hostEnd...]
        if tail.isEmpty {
            port = nil
        } else {
            guard tail.hasPrefix(":"), UInt16(tail.dropFirst()) != nil else { return nil }
            port = String(tail.dropFirst())
        }
    }

    /// Reads the URL of a request and checks its header fields, so that nothing can smuggle in a second request.
    init(validating request: HTTPRequest) throws {
        guard let target = RequestTarget(request.url) else {
            throw HTTPTransportError.invalidURL(Self.withoutSecrets(request.url))
        }
        let token = request.method.utf8.allSatisfy { (0x41...0x5A).contains($0) }
        guard token, !request.method.isEmpty else {
            throw HTTPTransportError.invalidRequest(reason: "'\(request.method.prefix(20))' is not a method")
        }
        for header in request.headers {
            let name = header.name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }
            guard name, !header.name.isEmpty else {
                throw HTTPTransportError.invalidRequest(reason: "a header field has a name that HTTP does not allow")
            }
            guard header.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw HTTPTransportError.invalidRequest(
                    reason: "the header field '\(header.name)' holds a line break or control character"
                )
            }
        }
        self = target
    }

    /// Scheme, host, port and path, for messages.
    var redacted: String {
        let path = rest.prefix { $0 != "?" && $0 != "#" }
        return "\(scheme)://\(host)\(port.map { ":\($0)" } ?? "")\(path)"
    }

    /// Host and port as a `Host` header field has them.
    var authority: String { host + (port.map { ":\($0)" } ?? "") }

    /// The port that is connected to.
    var effectivePort: String { port ?? (scheme == "https" ? "443" : "80") }

    /// The URL with another host.
    func url(host other: String) -> String {
        "\(scheme)://\(userInfo.map { "\($0)@" } ?? "")\(other):\(effectivePort)\(rest)"
    }

    /// A text that should have been a URL, without anything that could be a password.
    private static func withoutSecrets(_ url: String) -> String {
        let visible = url.prefix { $0 != "?" && $0 != "#" }
        guard let at = visible.lastIndex(of: "@") else { return String(visible.prefix(200)) }
        return "…" + visible[at...].prefix(200)
    }
}

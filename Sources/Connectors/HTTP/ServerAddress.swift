// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation
package import HTTPTransport

/// A server that speaks HTTP, and how to log in there.
package struct ServerAddress: Sendable {
    /// The URL without a slash at its end; a path before the server's own paths is allowed.
    let base: String
    private let login: [HTTPHeader]

    /// Names a server by its `http` or `https` URL.
    ///
    /// `login` goes with every request, for instance an `Authorization`; messages never hold it.
    package init(url: String, login: [HTTPHeader] = []) {
        base = String(url.reversed().drop { $0 == "/" }.reversed())
        self.login = login
    }

    /// The server's URL as messages may show it.
    var shown: String { RedactedURL(base).description }

    /// A request to a path of the server, with its credentials.
    ///
    /// - Parameters:
    ///   - query: What follows the path, encoded.
    ///   - idleTimeout: How long the server may stay silent.
    func request(
        _ method: String,
        _ path: String,
        query: [(String, String)] = [],
        headers: [HTTPHeader] = [],
        body: Data? = nil,
        idleTimeout: Duration
    ) -> HTTPRequest {
        let suffix = query.isEmpty ? "" : "?" + FormEncoding.text(query)
        return HTTPRequest(
            method: method,
            url: base + path + suffix,
            headers: headers + login,
            body: body,
            timeout: nil,
            idleTimeout: idleTimeout,
            // Reading twice or writing the same points twice does no harm.
            mayRepeat: true
        )
    }
}

/// Names and values as a form or a URL's query carries them.
enum FormEncoding {
    /// Joins encoded pairs; all but unreserved characters (RFC 3986) are percent-encoded.
    static func text(_ pairs: [(String, String)]) -> String {
        pairs.map { "\(encoded($0))=\(encoded($1))" }.joined(separator: "&")
    }

    private static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A bucket and how its server is reached.
package struct S3Bucket: Sendable, Equatable {
    /// Where requests name the bucket.
    package enum Addressing: Sendable {
        /// `https://server/bucket/key`.
        case path
        /// `https://bucket.server/key`.
        case host
    }

    /// The region that requests are signed for where nobody says another one.
    package static let defaultRegion = "us-east-1"

    /// Scheme, host and port of the server.
    package let endpoint: String
    /// The bucket's name.
    package let name: String
    /// The region that requests are signed for.
    package let region: String
    /// Where requests name the bucket.
    package let addressing: Addressing
    private let scheme: String
    private let authority: String

    /// A bucket of a server; without an endpoint, of AWS in that region.
    /// - Throws: `ConnectorError.badSpecification`, with `endpoint`, `bucket` or `region` as its field.
    package init(
        endpoint: String? = nil,
        name: String,
        region: String = defaultRegion,
        addressing: Addressing = .path
    ) throws(ConnectorError) {
        guard Self.isPlain(region, extra: "-"), region.utf8.count <= 64 else {
            throw .badSpecification(field: "region", problem: "'\(region.prefix(64))' is not the name of a region")
        }
        guard Self.isPlain(name, extra: "-._"), name.utf8.count <= 255, !name.hasPrefix("."), !name.contains("..")
        else {
            throw .badSpecification(field: "bucket", problem: "'\(name.prefix(64))' is not the name of a bucket")
        }
        let text = endpoint ?? "https://s3.\(region).amazonaws.com"
        guard let (scheme, authority) = Self.parts(of: text) else {
            let problem = "'\(RedactedURL(text))' is not http:// or https:// and a host, with nothing after it"
            throw .badSpecification(field: "endpoint", problem: problem)
        }
        self.scheme = scheme
        self.authority = authority
        self.endpoint = "\(scheme)://\(authority)"
        self.name = name
        self.region = region
        self.addressing = addressing
    }

    /// The `Host` of requests, as they are signed; a scheme's own port is not named.
    var host: String {
        let port = scheme == "https" ? ":443" : ":80"
        let server = authority.hasSuffix(port) ? String(authority.dropLast(port.count)) : authority
        return addressing == .path ? server : "\(name).\(server)"
    }

    /// The encoded path of a key, or of the bucket.
    func path(_ key: String?) -> String {
        let object = S3Encoding.path(key ?? "")
        return addressing == .path ? "/\(name)" + (key == nil ? "" : "/" + object) : "/" + object
    }

    /// The URL of an encoded path and query.
    func url(path: String, query: String) -> String {
        "\(scheme)://\(host)\(path)" + (query.isEmpty ? "" : "?" + query)
    }

    /// A key, or the bucket, for messages.
    func shown(_ key: String?) -> String { "s3://\(name)" + (key.map { "/" + $0 } ?? "") + " at \(endpoint)" }

    private static func isPlain(_ text: String, extra: String) -> Bool {
        !text.isEmpty
            && text.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0))
                    || extra.unicodeScalars.contains($0)
            }
    }

    private static func parts(of endpoint: String) -> (scheme: String, authority: String)? {
        guard let separator = endpoint.firstRange(of: "://") else { return nil }
        let scheme = endpoint[..<separator.lowerBound].lowercased()
        var authority = endpoint[separator.upperBound...]
        if authority.hasSuffix("/") { authority = authority.dropLast() }
        guard scheme == "http" || scheme == "https", isPlain(String(authority), extra: "-._:[]") else { return nil }
        return (scheme, authority.lowercased())
    }
}

/// Percent-encoding as signatures want it: everything but letters, digits, `-`, `_`, `.` and `~`, in capitals.
enum S3Encoding {
    private static let hex = Array("0123456789ABCDEF".utf8)

    /// A name or value of a query.
    static func query(_ text: String) -> String { encoded(text, keeping: nil) }

    /// A key; its slashes stay.
    static func path(_ key: String) -> String { encoded(key, keeping: UInt8(ascii: "/")) }

    private static func encoded(_ text: String, keeping kept: UInt8?) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"), kept:
                bytes.append(byte)
            default:
                bytes += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

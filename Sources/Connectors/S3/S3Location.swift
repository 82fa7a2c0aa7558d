// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Objects of a bucket by one text: `s3://<bucket>/<key>`, where a key that ends with `/` stands for all below it, and a
/// `*` in its last part for any text but `/`.
package struct S3Location: Sendable, Equatable, CustomStringConvertible {
    /// The bucket.
    package let bucket: String
    /// The key, or what keys match.
    package var key: String { pattern.text }

    private let pattern: PathPattern

    /// Reads a URL.
    /// - Throws: `ConnectorError.badSpecification`.
    package init(_ text: String) throws(ConnectorError) {
        guard text.hasPrefix("s3://"), let slash = text.dropFirst(5).firstIndex(of: "/") else {
            throw Self.invalid(text, "is not s3://<bucket>/<key>")
        }
        bucket = String(text[text.index(text.startIndex, offsetBy: 5)..<slash])
        let key = String(text[text.index(after: slash)...])
        guard !bucket.isEmpty, !key.isEmpty else { throw Self.invalid(text, "is not s3://<bucket>/<key>") }
        guard let pattern = PathPattern(key) else { throw Self.invalid(text, "holds '*' before its last '/'") }
        self.pattern = pattern
    }

    package var description: String { "s3://\(bucket)/\(key)" }

    /// Whether several objects may be meant.
    var isPattern: Bool { pattern.isPattern }

    /// What all keys that are meant begin with.
    var prefix: String { pattern.prefix }

    /// Whether an object is meant.
    func matches(_ other: String) -> Bool { pattern.matches(other) }

    private static func invalid(_ text: String, _ problem: String) -> ConnectorError {
        .badSpecification(field: "location", problem: "'\(text.prefix(200))' \(problem)")
    }
}

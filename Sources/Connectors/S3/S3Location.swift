// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Objects of a bucket by one text: `s3://<bucket>/<key>`, where a key that ends with `/` stands for all below it, and a
/// `*` in its last part for any text but `/`.
package struct S3Location: Sendable, Equatable, CustomStringConvertible {
    /// The bucket.
    package let bucket: String
    /// The key, or what keys match.
    package let key: String

    /// Reads a URL.
    /// - Throws: `ConnectorError.badSpecification`.
    package init(_ text: String) throws(ConnectorError) {
        guard text.hasPrefix("s3://"), let slash = text.dropFirst(5).firstIndex(of: "/") else {
            throw Self.invalid(text, "is not s3://<bucket>/<key>")
        }
        bucket = String(text[text.index(text.startIndex, offsetBy: 5)..<slash])
        key = String(text[text.index(after: slash)...])
        guard !bucket.isEmpty, !key.isEmpty else { throw Self.invalid(text, "is not s3://<bucket>/<key>") }
        guard !folder.contains("*") else { throw Self.invalid(text, "holds '*' before its last '/'") }
    }

    package var description: String { "s3://\(bucket)/\(key)" }

    /// Whether several objects may be meant.
    var isPattern: Bool { key.hasSuffix("/") || name.contains("*") }

    /// What all keys that are meant begin with.
    var prefix: String { String(folder) + name.prefix { $0 != "*" } }

    /// Whether an object is meant. A key that ends with `/` is a folder's marker and holds nothing; of a whole folder, names
    /// that begin with `_` or `.` are what programs keep for themselves beside the data, such as `_SUCCESS`.
    func matches(_ other: String) -> Bool {
        guard other.hasPrefix(folder), !other.hasSuffix("/") else { return false }
        if key.hasSuffix("/") {
            let below = other.dropFirst(folder.count).split(separator: "/")
            return !below.contains { $0.hasPrefix("_") || $0.hasPrefix(".") }
        }
        return Self.matches(Array(other.utf8.dropFirst(folder.utf8.count)), Array(name.utf8))
    }

    /// Up to the last slash, with it.
    private var folder: Substring { key.lastIndex(of: "/").map { key[...$0] } ?? "" }
    private var name: Substring { key.dropFirst(folder.count) }

    /// Whether a name matches a pattern of literal text and stars, in the time of their product at most.
    private static func matches(_ name: [UInt8], _ pattern: [UInt8]) -> Bool {
        var (at, wanted) = (0, 0)
        // Where the last star stands, and where the name goes on if it takes one byte more.
        var resume: (at: Int, wanted: Int)?
        while at < name.count {
            if wanted < pattern.count, pattern[wanted] == UInt8(ascii: "*") {
                resume = (at, wanted + 1)
                wanted += 1
            } else if wanted < pattern.count, pattern[wanted] == name[at] {
                at += 1
                wanted += 1
            } else if let last = resume, name[last.at] != UInt8(ascii: "/") {
                resume = (last.at + 1, last.wanted)
                (at, wanted) = (last.at + 1, last.wanted)
            } else {
                return false
            }
        }
        return pattern[wanted...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    private static func invalid(_ text: String, _ problem: String) -> ConnectorError {
        .badSpecification(field: "location", problem: "'\(text.prefix(200))' \(problem)")
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A URL fit for messages and logs: without user name, password, fragment and the values of its query.
struct RedactedURL: CustomStringConvertible {
    let description: String

    init(_ url: String) {
        var rest = url[...]
        var shown = ""
        if let scheme = rest.firstRange(of: "://") {
            shown += rest[..<scheme.upperBound]
            rest = rest[scheme.upperBound...]
        }
        if let fragment = rest.firstIndex(of: "#") { rest = rest[..<fragment] }
        let query = rest.firstIndex(of: "?").map { rest[rest.index(after: $0)...] }
        if let query { rest = rest[..<rest.index(before: query.startIndex)] }
        let authority = rest.prefix { $0 != "/" }
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        shown += host + rest[authority.endIndex...]
        if let query { shown += "?" + Self.redacted(query) }
        description = shown
    }

    private static func redacted(_ query: Substring) -> String {
        query.split(separator: "&", omittingEmptySubsequences: false).map { item in
            guard let equals = item.firstIndex(of: "=") else { return "…" }
            return item[...equals] + "…"
        }
        .joined(separator: "&")
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Where a source lies: a file of this machine or something that HTTP can fetch.
enum SourceLocation: Equatable, CustomStringConvertible {
    /// A path.
    case file(String)
    /// An `http` or `https` URL.
    case url(String)

    /// Throws `ConnectorError.badSpecification` for an empty text and for URLs of other schemes.
    init(_ text: String) throws(ConnectorError) {
        guard let separator = text.firstRange(of: "://") else {
            if text.isEmpty { throw .badSpecification(field: "location", problem: "it is empty") }
            self = .file(text)
            return
        }
        let scheme = text[..<separator.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https" else {
            let problem = "'\(RedactedURL(text))' is neither a path nor an http or https URL"
            throw .badSpecification(field: "location", problem: problem)
        }
        self = .url(text)
    }

    /// The location as messages may show it.
    var description: String {
        switch self {
        case .file(let path): path
        case .url(let url): RedactedURL(url).description
        }
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Why a source could not be read, or a sink not be written.
///
/// Messages hold no user name, password or query value of a URL.
package enum ConnectorError: Error, Sendable, Equatable, CustomStringConvertible {
    /// No answer, a broken connection, or a server that says "later"; `url` is already redacted.
    case sourceUnreachable(url: String, reason: String)
    /// There is nothing at that path or URL, or it may not be read.
    case sourceNotFound(location: String, reason: String)
    /// The server wants other credentials.
    case credentialsRejected(url: String, status: Int)
    /// The source was read and holds something unusable.
    case badData(BadData)
    /// The source was asked and has no row for the question.
    case noData(source: String, hint: String)
    /// A sink did not take rows, and would not take them another time either.
    case writeRefused(url: String, reason: String)
    /// A sink did not answer, or says "later"; `url` is already redacted.
    case sinkUnreachable(url: String, reason: String)
    /// The request itself makes no sense; `field` is the option to change.
    case badSpecification(field: String, problem: String)
    /// An S3 server did not answer or did not do what it was asked.
    case s3(S3Problem)
    /// The task that asked was cancelled.
    case cancelled

    /// Whether the same read may succeed later with nothing changed.
    package var isRetryable: Bool {
        switch self {
        case .sourceUnreachable, .sinkUnreachable, .cancelled: true
        case .s3(let problem): problem.kind == .unreachable
        case .sourceNotFound, .credentialsRejected, .badData, .noData, .writeRefused, .badSpecification: false
        }
    }

    package var description: String {
        switch self {
        case .sourceUnreachable(let url, let reason): "cannot read \(url): \(reason)"
        case .sourceNotFound(let location, let reason): "cannot open \(location): \(reason)"
        case .credentialsRejected(let url, let status): "\(url) rejected the credentials (status \(status))"
        case .badData(let problem): problem.description
        case .noData(let source, let hint): "\(source) has no data for this: \(hint)"
        case .writeRefused(let url, let reason): "\(url) refused the rows: \(reason)"
        case .sinkUnreachable(let url, let reason): "cannot write to \(url): \(reason)"
        case .badSpecification(let field, let problem): "\(field): \(problem)"
        case .s3(let problem): problem.description
        case .cancelled: "the read was cancelled"
        }
    }
}

/// What is wrong in the data, and where.
package struct BadData: Sendable, Equatable, CustomStringConvertible {
    /// The file or the redacted URL; nil while only bytes are known.
    package var source: String?
    /// The line, counted from 1, on which the record begins; nil when the whole source is meant.
    package var line: Int?
    /// The column's name, or its number counted from 1 where there are no names.
    package var column: String?
    /// The offending text, shortened, with control characters escaped.
    package var text: String?
    /// What is wrong, as a phrase.
    package var problem: String

    /// Describes a problem.
    ///
    /// `text` is taken as it will be printed; see `excerpt(of:)`.
    package init(
        _ problem: String,
        line: Int? = nil,
        column: String? = nil,
        text: String? = nil,
        source: String? = nil
    ) {
        self.problem = problem
        self.line = line
        self.column = column
        self.text = text
        self.source = source
    }

    package var description: String {
        var places: [String] = []
        if let source { places.append(source) }
        if let line { places.append("line \(line)") }
        if let column { places.append("column '\(column)'") }
        let place = places.isEmpty ? "" : places.joined(separator: ", ") + ": "
        return place + problem + (text.map { ": '\($0)'" } ?? "")
    }

    /// At most 60 characters of a cell, fit to be printed on one line.
    static func excerpt(of bytes: some Collection<UInt8>) -> String {
        let limit = 60
        let head = String(decoding: bytes.prefix(4 * limit), as: UTF8.self)
        var shown = ""
        for scalar in head.unicodeScalars.prefix(limit) {
            shown += scalar.properties.generalCategory == .control ? scalar.escaped(asASCII: true) : String(scalar)
        }
        return head.unicodeScalars.count > limit || bytes.count > 4 * limit ? shown + "…" : shown
    }
}

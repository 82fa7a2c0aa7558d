// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// What InfluxDB's own errors mean for whoever asked.
enum InfluxRefusal {
    /// An answer with a status other than 200 to a query.
    static func query(status: Int, body: [UInt8], url: String) -> ConnectorError {
        switch status {
        case 401, 403: .credentialsRejected(url: url, status: status)
        case 408, 425, 429, 500...599:
            .sourceUnreachable(url: url, reason: "the server answered with status \(status)\(said(body))")
        case 400, 404, 422:
            if let text = message(body) {
                query(text, url: url)
            } else {
                .sourceNotFound(location: url, reason: "the server answered with status \(status); is it InfluxDB?")
            }
        default:
            .badSpecification(field: "url", problem: "\(url) answered with status \(status)\(said(body))")
        }
    }

    /// An error that stands in an answer with status 200, or in the body of another one.
    static func query(_ text: String, url: String) -> ConnectorError {
        let shown = excerpt(text)
        let lower = text.lowercased()
        if lower.contains("not found") && !lower.contains("parsing") {
            return .sourceNotFound(location: url, reason: shown)
        }
        let passing = ["timeout", "timed out", "killed", "aborted", "shutting down", "too many", "not enough memory"]
        if passing.contains(where: lower.contains) { return .sourceUnreachable(url: url, reason: shown) }
        return .badSpecification(field: "query", problem: "\(url) says: \(shown)")
    }

    /// An answer to a write that is not a success.
    static func write(status: Int, body: [UInt8], url: String) -> ConnectorError {
        let reason = "the server answered with status \(status)\(said(body))"
        return switch status {
        case 401, 403: .credentialsRejected(url: url, status: status)
        case 408, 425, 429, 500...599: .sinkUnreachable(url: url, reason: reason)
        default: .writeRefused(url: url, reason: reason)
        }
    }

    /// The error's text in a body, `{"error": …}` of version 1 or `{"message": …}` of version 2.
    private static func message(_ body: [UInt8]) -> String? {
        struct Body: Decodable {
            var error: String?
            var message: String?
        }
        let decoded = try? JSONDecoder().decode(Body.self, from: Data(body))
        return decoded?.error ?? decoded?.message
    }

    private static func said(_ body: [UInt8]) -> String {
        message(body).map { ": \(excerpt($0))" } ?? ""
    }

    /// A server's words, short enough for a status and fit for one line.
    private static func excerpt(_ text: String) -> String {
        let line = text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : String($0) }.joined()
        return line.count > 300 ? line.prefix(300) + "…" : line
    }
}

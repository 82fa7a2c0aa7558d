// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// What Prometheus's own errors mean for whoever asked.
enum PrometheusRefusal {
    /// An answer with a status other than 200.
    static func query(status: Int, body: [UInt8], url: String) -> ConnectorError {
        struct Body: Decodable {
            var errorType: String?
            var error: String?
        }
        let decoded = try? JSONDecoder().decode(Body.self, from: Data(body))
        let said = decoded?.error.map { ": \(BadData.excerpt(of: Array($0.utf8)))" } ?? ""
        switch status {
        case 401, 403: return .credentialsRejected(url: url, status: status)
        case 408, 425, 429, 500...599:
            return .sourceUnreachable(url: url, reason: "the server answered with status \(status)\(said)")
        default:
            if let decoded, let type = decoded.errorType { return error(type, decoded.error ?? "", url: url) }
            let reason = "the server answered with status \(status)\(said); is it Prometheus?"
            return .sourceNotFound(location: url, reason: reason)
        }
    }

    /// An error by its type, as "HTTP API" of Prometheus's documentation lists them.
    static func error(_ type: String, _ text: String, url: String) -> ConnectorError {
        let shown = text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : String($0) }.joined()
        switch type {
        case "timeout", "canceled", "unavailable", "internal":
            return .sourceUnreachable(url: url, reason: "\(type): \(shown.prefix(300))")
        default: return .badSpecification(field: "query", problem: "\(url) says: \(shown.prefix(300))")
        }
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

internal import HTTPTransport

extension ConnectorError {
    /// What a transport's failure means for whoever reads.
    ///
    /// Takes only the reason over: a transport's own message may show the whole URL.
    /// - Parameters:
    ///   - url: The URL as messages may show it.
    ///   - field: The option that holds the URL.
    init(_ error: any Error, url: String, field: String) {
        if error is CancellationError {
            self = .cancelled
            return
        }
        guard let error = error as? HTTPTransportError else {
            self = .sourceUnreachable(url: url, reason: "the connection failed")
            return
        }
        self =
            switch error {
            case .invalidURL: .badSpecification(field: field, problem: "'\(url)' is not a URL")
            case .cannotConnect(_, let reason): .sourceUnreachable(url: url, reason: "no connection: \(reason)")
            case .tls(_, let reason): .sourceUnreachable(url: url, reason: "no trusted connection: \(reason)")
            case .timedOut(_, let after):
                .sourceUnreachable(
                    url: url,
                    reason: "the server sent nothing \(after.map { "for \($0)" } ?? "for too long")"
                )
            case .connectionLost(_, let reason):
                .sourceUnreachable(url: url, reason: "the connection broke: \(reason)")
            case .invalidCredentials(let reason):
                .badSpecification(field: "credentials", problem: "unusable TLS credentials: \(reason)")
            case .invalidRequest(let reason): .badSpecification(field: field, problem: reason)
            case .responseTooLarge(_, let limit):
                .sourceUnreachable(url: url, reason: "the answer has more than \(limit) bytes")
            case .shutDown: .cancelled
            }
    }

    /// The same failure where something was to be written.
    var ofSink: ConnectorError {
        guard case .sourceUnreachable(let url, let reason) = self else { return self }
        return .sinkUnreachable(url: url, reason: reason)
    }
}

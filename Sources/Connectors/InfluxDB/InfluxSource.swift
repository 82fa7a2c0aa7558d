// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import Forecasting
internal import Foundation
package import HTTPTransport

/// A question to InfluxDB.
package enum InfluxQuery: Sendable, Equatable {
    /// An InfluxQL statement, which version 1 and its successors' compatible interface answer.
    case influxQL(String, database: String, retentionPolicy: String?)
    /// A Flux script, for version 2.
    case flux(String, organization: String)

    /// The query with the window in the places that are meant for it; `nil` where it has none.
    ///
    /// In InfluxQL `$timeFilter` becomes a condition on `time`, as in Grafana; in Flux `v.timeRangeStart` and
    /// `v.timeRangeStop` become times. The window's end is excluded.
    package func limited(to window: Range<Int64>) -> InfluxQuery? {
        switch self {
        case .influxQL(let text, let database, let retentionPolicy):
            guard text.contains(Self.timeFilter) else { return nil }
            let condition = "(time >= \(window.lowerBound)s AND time < \(window.upperBound)s)"
            let limited = text.replacingOccurrences(of: Self.timeFilter, with: condition)
            return .influxQL(limited, database: database, retentionPolicy: retentionPolicy)
        case .flux(let text, let organization):
            let range = UTCTime.secondsRange
            guard text.contains(Self.rangeStart), range.contains(window.lowerBound), range.contains(window.upperBound)
            else { return nil }
            let limited =
                text
                .replacingOccurrences(of: Self.rangeStart, with: "\(UTCTime(seconds: window.lowerBound))")
                .replacingOccurrences(of: Self.rangeStop, with: "\(UTCTime(seconds: window.upperBound))")
            return .flux(limited, organization: organization)
        }
    }

    private static let timeFilter = "$timeFilter"
    private static let rangeStart = "v.timeRangeStart"
    private static let rangeStop = "v.timeRangeStop"
}

/// Reads what a query to InfluxDB gives, while it comes.
package struct InfluxSource: Sendable {
    /// How long the server may stay silent: a query may compute for long before its first row.
    package static let idleTimeout = Duration.seconds(120)
    /// Rows in a chunk of InfluxDB 1.
    private static let chunkSize = 10_000

    private let server: ServerAddress
    private let selection: SeriesSelection
    private let transport: any HTTPTransport
    private let idleTimeout: Duration

    /// Prepares reads of some columns.
    package init(
        server: ServerAddress,
        selection: SeriesSelection,
        transport: any HTTPTransport,
        idleTimeout: Duration = Self.idleTimeout
    ) {
        self.server = server
        self.selection = selection
        self.transport = transport
        self.idleTimeout = idleTimeout
    }

    /// Reads the series that a query gives, in the order of the server: one, or those that the grouping columns tell apart.
    ///
    /// `progress` is told the rows so far and must return fast.
    ///
    /// Throws `ConnectorError`: `noData` for no row; `badData` for series that are not told apart, a column that is not there or holds
    /// no numbers, and for an answer that is not InfluxDB's; `badSpecification` for a query that cannot be understood;
    /// `sourceNotFound` for an unknown database; `credentialsRejected`; `sourceUnreachable` for a server that does not
    /// answer, or stops in the middle; `cancelled`.
    package func read(
        _ query: InfluxQuery,
        progress: @escaping @Sendable (_ rows: Int) -> Void = { _ in }
    ) async throws(ConnectorError) -> SeriesRows {
        switch query {
        case .influxQL(let text, let database, let retentionPolicy):
            var form = [
                ("q", text), ("db", database), ("epoch", "ns"), ("chunked", "true"),
                ("chunk_size", "\(Self.chunkSize)"),
            ]
            if let retentionPolicy { form.append(("rp", retentionPolicy)) }
            // In the body, so that a long query fits and none stands in a server's access log.
            let request = server.request(
                "POST",
                "/query",
                headers: [
                    HTTPHeader("Content-Type", "application/x-www-form-urlencoded"),
                    // Packing the answer takes the server as long as all else; below 200 Mbit/s only it would be worth it.
                    HTTPHeader("Accept-Encoding", "identity"),
                ],
                body: Data(FormEncoding.text(form).utf8),
                idleTimeout: idleTimeout
            )
            return try await ask(
                request,
                "/query",
                InfluxQLReader(selection: selection, source: server.shown),
                progress
            )
        case .flux(let text, let organization):
            let reader = try FluxReader(selection: selection, source: server.shown)
            return try await ask(try fluxRequest(text, organization), "/api/v2/query", reader, progress)
        }
    }

    private func ask<Parser: AnswerParser>(
        _ request: HTTPRequest,
        _ path: String,
        _ parser: Parser,
        _ progress: @escaping @Sendable (_ rows: Int) -> Void
    ) async throws(ConnectorError) -> Parser.Product {
        let job = AnswerJob(parser, progress: progress)
        let shown = server.shown + path
        return try await job.run(request, over: transport, shown: shown) { status, body in
            InfluxRefusal.query(status: status, body: body, url: shown)
        }
    }

    private func fluxRequest(_ text: String, _ organization: String) throws(ConnectorError) -> HTTPRequest {
        let body: Data
        do {
            body = try JSONEncoder().encode(FluxBody(query: text))
        } catch {
            throw .badSpecification(field: "query", problem: "it cannot be written as JSON")
        }
        return server.request(
            "POST",
            "/api/v2/query",
            query: [("org", organization)],
            headers: [HTTPHeader("Content-Type", "application/json"), HTTPHeader("Accept", "application/csv")],
            body: body,
            idleTimeout: idleTimeout
        )
    }
}

/// The body of a Flux query.
private struct FluxBody: Encodable {
    var query: String
    var type = "flux"
    var dialect = Dialect()

    struct Dialect: Encodable {
        var header = true
        var annotations: [String] = []
        var delimiter = ","
    }
}

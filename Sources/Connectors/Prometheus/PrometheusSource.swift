// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import Forecasting
internal import Foundation
package import HTTPTransport

/// What a range query gave.
package struct PrometheusReading: Sendable {
    /// A row for each time at which a column has a value, in order; series by series where labels tell them apart.
    package var rows: SeriesRows
    /// What the server said beside it, for instance that a part of its data could not be reached.
    package var warnings: [String]
}

/// Reads a range query of Prometheus as columns on the grid of its step.
///
/// A point that Prometheus leaves out, because the series was stale or not there, and one that is NaN are missing values.
package struct PrometheusSource: Sendable {
    /// How the series of an answer become columns, each of one series where labels tell several apart.
    package enum Columns: Sendable, Equatable {
        /// The query gives one series, which is this column.
        case single(String)
        /// The values of a label are names of columns; those that are not wanted are passed over.
        case label(String, values: [String])
    }

    /// The most points of a series that Prometheus gives at once.
    package static let pointsPerRequest: Int64 = 11_000
    /// The points of all series that are asked for at once, where there are several: some 50 MB.
    static let pointsPerAnswer: Int64 = 2_000_000
    /// The most rows that are read of a series.
    package static let mostRows: Int64 = 5_000_000
    /// How long the server may stay silent; it computes a whole answer before it sends any of it.
    package static let idleTimeout = Duration.seconds(150)

    private let server: ServerAddress
    private let columns: Columns
    private let groupBy: [String]
    private let transport: any HTTPTransport

    /// Prepares reads.
    ///
    /// - Parameter groupBy: The labels that tell series apart; none where the answer is of one.
    package init(server: ServerAddress, columns: Columns, groupBy: [String] = [], transport: any HTTPTransport) {
        self.server = server
        self.columns = columns
        self.groupBy = groupBy
        self.transport = transport
    }

    /// Reads a window, of which the end is excluded, with a point at each multiple of `step` seconds since 1970.
    ///
    /// `progress` is told the rows so far.
    ///
    /// Throws `ConnectorError`: `noData` for no value at all; `badData` for series that do not match the columns, or an
    /// infinite value; `badSpecification` for a query that cannot be understood; `credentialsRejected`;
    /// `sourceUnreachable`; `cancelled`.
    package func read(
        _ query: String,
        in window: Range<Int64>,
        step: Int64,
        progress: @Sendable (_ rows: Int) -> Void = { _ in }
    ) async throws(ConnectorError) -> PrometheusReading {
        guard step > 0 else { throw .badSpecification(field: "step", problem: "must be at least a second") }
        let first = (window.lowerBound + step - 1).floored(to: step)
        let end = (window.upperBound - 1).floored(to: step) + step
        guard first < end else { throw .noData(source: server.shown, hint: "the window is shorter than a step") }
        guard (end - first) / step <= Self.mostRows else {
            throw .badSpecification(field: "step", problem: "the window has more than \(Self.mostRows) of its steps")
        }
        var grid = PrometheusGrid(columns, by: groupBy, from: first, to: end, step: step, source: server.shown)
        var warnings: [String] = []
        var start = first
        // How many series there are is known from the first answer on.
        var seriesCount: Int64 = groupBy.isEmpty ? 1 : Int64(Panel.mostSeries)
        while start < end {
            let points = max(1, min(Self.pointsPerRequest, Self.pointsPerAnswer / max(1, seriesCount)))
            let last = min(start + step * points, end) - step
            let answer = try await ask(query, from: start, through: last, step)
            for warning in answer.warnings where !warnings.contains(warning) { warnings.append(warning) }
            try grid.add(answer)
            if !groupBy.isEmpty { seriesCount = Int64(max(answer.series.count, grid.seriesCount)) }
            progress(Int((last - first) / step + 1) * grid.seriesCount)
            start = last + step
        }
        return PrometheusReading(rows: try grid.rows(), warnings: warnings)
    }

    private func ask(
        _ query: String,
        from start: Int64,
        through end: Int64,
        _ step: Int64
    ) async throws(ConnectorError) -> PrometheusAnswer {
        let form = [("query", query), ("start", "\(start)"), ("end", "\(end)"), ("step", "\(step)")]
        // In the body, so that a long query fits and none stands in a server's access log.
        let request = server.request(
            "POST",
            "/api/v1/query_range",
            headers: [HTTPHeader("Content-Type", "application/x-www-form-urlencoded")],
            body: Data(FormEncoding.text(form).utf8),
            idleTimeout: Self.idleTimeout
        )
        let shown = server.shown + "/api/v1/query_range"
        let job = AnswerJob(PrometheusReader(source: server.shown)) { _ in }
        return try await job.run(request, over: transport, shown: shown) { status, body in
            PrometheusRefusal.query(status: status, body: body, url: shown)
        }
    }
}

extension Int64 {
    /// The largest multiple of `step` that is not above; `step` is positive.
    fileprivate func floored(to step: Int64) -> Int64 {
        let rest = self % step
        return self - (rest < 0 ? rest + step : rest)
    }
}

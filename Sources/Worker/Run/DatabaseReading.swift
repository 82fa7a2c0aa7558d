// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Connectors
import ForecastAPI
import Forecasting
import HTTPTransport

/// Reads a source that answers queries.
struct DatabaseReading: Sendable {
    let context: StepContext
    /// Which times are read; nil for all.
    let window: RunWindow?

    /// The rows as the server gives them.
    func rows() async throws -> SeriesRows {
        if let influxdb = context.spec.source.influxdb { return try await read(influxdb) }
        if let prometheus = context.spec.source.prometheus { return try await read(prometheus) }
        throw WorkerError.invalidSpec(problems: "spec.source: must hold exactly one source block")
    }

    private func read(_ spec: InfluxDBSourceSpec) async throws -> SeriesRows {
        let field = "spec.source.influxdb"
        let login = try ServerLogin(
            spec.secretRef,
            scheme: spec.version.tokenScheme,
            field: "\(field).secretRef",
            context
        )
        let source = InfluxSource(
            server: ServerAddress(url: spec.url, login: login.headers),
            selection: SeriesSelection(
                timestamp: context.spec.series.timestamp,
                values: context.spec.series.columns,
                groupBy: context.spec.series.groupBy ?? []
            ),
            transport: context.transport(trusting: login.authorities)
        )
        var query = try spec.asked(field)
        if let window {
            guard let limited = query.limited(to: window.range) else {
                throw WorkerError.invalidSpec(problems: "\(field).query: has no place for the window")
            }
            query = limited
        }
        context.report(.prepare, "asking InfluxDB" + (window.map { " for the rows \($0)" } ?? ""))
        return try await located(field) { try await source.read(query, progress: context.rowReport()) }
    }

    private func read(_ spec: PrometheusSourceSpec) async throws -> SeriesRows {
        let field = "spec.source.prometheus"
        guard let window else {
            throw WorkerError.invalidSpec(problems: "spec.source.window: must be set for prometheus")
        }
        guard case .seconds(let step) = try (spec.step.map { try Frequency($0) } ?? context.spec.frequency()).step
        else {
            throw WorkerError.invalidSpec(problems: "\(field).step: must be of seconds, minutes, hours, days or weeks")
        }
        let login = try ServerLogin(spec.secretRef, field: "\(field).secretRef", context)
        let columns = context.spec.series.columns
        let source = PrometheusSource(
            server: ServerAddress(url: spec.url, login: login.headers),
            columns: spec.columnLabel.map { .label($0, values: columns) } ?? .single(columns.first ?? ""),
            groupBy: context.spec.series.groupBy ?? [],
            transport: context.transport(trusting: login.authorities)
        )
        context.report(.prepare, "asking Prometheus for the rows \(window)")
        let reading = try await located(field) {
            try await source.read(spec.query, in: window.range, step: step, progress: context.rowReport())
        }
        for warning in reading.warnings { context.report(.prepare, "Prometheus warns: \(warning)") }
        return reading.rows
    }

    /// Gives a field that a connector names its whole path.
    private func located<Value>(_ field: String, _ work: () async throws -> Value) async throws -> Value {
        do {
            return try await work()
        } catch ConnectorError.badSpecification(let name, let problem) {
            throw ConnectorError.badSpecification(field: "\(field).\(name)", problem: problem)
        }
    }
}

extension InfluxDBSourceSpec {
    /// The query in the words of the connector.
    fileprivate func asked(_ field: String) throws(WorkerError) -> InfluxQuery {
        switch version ?? .v1 {
        case .v1:
            guard let database else {
                throw .invalidSpec(problems: "\(field).database: must be set for version V1")
            }
            return .influxQL(query, database: database, retentionPolicy: retentionPolicy)
        case .v2:
            guard let organization else {
                throw .invalidSpec(problems: "\(field).organization: must be set for version V2")
            }
            return .flux(query, organization: organization)
        }
    }
}

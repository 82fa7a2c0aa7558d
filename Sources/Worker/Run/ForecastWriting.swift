// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Connectors
import ForecastAPI
import Foundation
import HTTPTransport

/// Writes the forecast of a run to the places of `spec.publish.forecasts`, in their order.
///
/// What is written has the same tags and times in every attempt of a run, so another attempt replaces it by itself.
struct ForecastWriting: Sendable {
    let context: StepContext
    let forecast: ForecastFile

    /// Writes to all places.
    /// - Throws: what the first place throws that does not take the rows; those after it get nothing.
    func run() async throws {
        for (index, sink) in (context.spec.publish?.forecasts ?? []).enumerated() {
            try Task.checkCancellation()
            let field = "spec.publish.forecasts[\(index)]"
            if let influxdb = sink.influxdb {
                try await write(influxdb, "\(field).influxdb")
            } else if let (kind, file) = sink.file {
                let writing = ForecastFileWriting(context: context, forecast: forecast, issued: issued)
                try await writing.write(file, kind == "csv" ? .csv : .parquet, "\(field).\(kind)")
            } else {
                throw WorkerError.invalidSpec(problems: "\(field): must hold exactly one of influxdb, csv and parquet")
            }
        }
    }

    /// When the run was due: the same in each attempt.
    private var issued: Date { context.request.scheduledTime ?? context.request.createdTime }

    private func write(_ spec: InfluxDBSinkSpec, _ field: String) async throws {
        let login = try ServerLogin(
            spec.secretRef,
            scheme: spec.version.tokenScheme,
            field: "\(field).secretRef",
            context
        )
        let sink = InfluxSink(
            server: ServerAddress(url: spec.url, login: login.headers),
            target: try spec.target(field),
            transport: context.transport(trusting: login.authorities),
            pauses: context.sinkPauses
        )
        let points = points(spec)
        context.report(.publish, "writing \(points.count) points to InfluxDB", rows: points.count)
        do {
            try await sink.write(points)
        } catch ConnectorError.badSpecification(let name, let problem) {
            throw ConnectorError.badSpecification(field: "\(field).\(name)", problem: problem)
        }
    }

    /// A point for each series, column and time, and one for each of its quantiles.
    private func points(_ spec: InfluxDBSinkSpec) -> [LinePoint] {
        var tags = spec.tags ?? [:]
        tags["pipeline"] = forecast.pipeline
        tags["version"] = forecast.version
        return forecast.series.flatMap { series in
            for (name, value) in zip(forecast.groupBy, series.key) { tags[name] = value }
            return points(series, spec, tags)
        }
    }

    private func points(
        _ series: ForecastFile.Series,
        _ spec: InfluxDBSinkSpec,
        _ tagsOfSeries: [String: String]
    ) -> [LinePoint] {
        var tags = tagsOfSeries
        let times = series.forecast.times
        return forecast.targets.flatMap { column in
            tags["column"] = column
            tags["quantile"] = nil
            var points = points(times, series.forecast.values[column] ?? [], spec, tags)
            for quantile in series.quantiles ?? [] {
                tags["quantile"] = "\(quantile.probability)"
                points += self.points(times, quantile.values[column] ?? [], spec, tags)
            }
            return points
        }
    }

    private func points(
        _ times: [Date],
        _ values: [Double],
        _ spec: InfluxDBSinkSpec,
        _ tags: [String: String]
    ) -> [LinePoint] {
        zip(times, values).enumerated().map { step, row in
            LinePoint(
                measurement: spec.measurement ?? "forecast",
                tags: tags,
                fields: [
                    "value": .double(row.1),
                    "step": .integer(Int64(step + 1)),
                    "issued": .integer(Int64(issued.timeIntervalSince1970)),
                ],
                time: Int64(row.0.timeIntervalSince1970)
            )
        }
    }
}

extension InfluxDBSinkSpec {
    /// The place in the words of the connector.
    fileprivate func target(_ field: String) throws(WorkerError) -> InfluxSink.Target {
        switch version ?? .v1 {
        case .v1:
            guard let database else { throw .invalidSpec(problems: "\(field).database: must be set for version V1") }
            return .database(database, retentionPolicy: retentionPolicy)
        case .v2:
            guard let bucket, let organization else {
                throw .invalidSpec(problems: "\(field): must hold organization and bucket for version V2")
            }
            return .bucket(bucket, organization: organization)
        }
    }
}

extension GateSpec {
    /// Whether the forecast of a model may be shown to the world: one that did not pass is not, unless the gate only
    /// watches.
    func letsForecastOut(_ metrics: ModelMetrics?, _ backtest: BacktestStatus?) -> Bool {
        guard mode != .dryRun else { return true }
        guard let metrics else { return false }
        return decide(metrics: metrics, backtest: backtest).outcome == .passed
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Connectors
import ForecastAPI
import Forecasting
import HTTPTransport
import TimeZones
import WorkerRuntime

/// Reads a source that is a file.
struct FileReading: Sendable {
    let context: StepContext
    /// Which times are read; nil for all.
    let window: RunWindow?
    /// Where rows go as soon as they are read; nil where they are returned.
    var sink: RowSink?

    /// The rows as the file has them, but for those that went to the sink; nil where the source is no file.
    func rows() async throws -> SeriesRows? {
        let source = context.spec.source
        guard let file: any FileSourceSpec = source.csv ?? source.parquet else { return nil }
        context.report(.prepare, "reading \(file.name)")
        guard let csv = source.csv else { return try await readParquet(file) }
        let rows = try await read(csv)
        return sink == nil ? try window?.rows(of: rows, from: file.name) ?? rows : rows
    }

    private func read(_ csv: CSVSourceSpec) async throws -> SeriesRows {
        let field = "spec.source.csv"
        let series = context.spec.series
        let access = try FileAccess(csv, field: field, context)
        let source = CSVSource(
            options: try csv.options(),
            selection: CSVSelection(
                timestamp: series.timestamp,
                timestampFormat: try series.timestampFormat.map { try TimestampFormat($0) } ?? .automatic,
                values: series.columns,
                groupBy: series.groupBy ?? []
            ),
            localTimes: try context.localTimes(),
            times: window?.times,
            sink: sink,
            threads: context.threads,
            transport: access.transport,
            headers: access.headers
        )
        let report = context.rowReport()
        let reading =
            if let objects = try Objects(csv, field: field, context) {
                try await source.read(objects.location, of: objects.client) { report($0.rows) }
            } else {
                try await source.read(access.location) { report($0.rows) }
            }
        return try reading.rows.selecting(series.columns)
    }

    private func readParquet(_ parquet: some FileSourceSpec) async throws -> SeriesRows {
        let field = "spec.source.parquet"
        let series = context.spec.series
        let access = try FileAccess(parquet, field: field, context)
        let source = ParquetSource(
            timestamp: series.timestamp,
            timestampFormat: try series.timestampFormat.map { try TimestampFormat($0) } ?? .automatic,
            localTimes: try context.localTimes(),
            values: series.columns,
            groupBy: series.groupBy ?? [],
            times: window?.times,
            sink: sink,
            threads: context.threads,
            transport: access.transport,
            headers: access.headers
        )
        if let objects = try Objects(parquet, field: field, context) {
            return try await source.read(objects.location, of: objects.client, progress: context.rowReport())
        }
        return try await source.read(access.location, progress: context.rowReport())
    }
}

extension FileSourceSpec {
    /// What messages call the file.
    var name: String { path ?? "the source" }
}

extension StepContext {
    /// What timestamps without an offset are; nil for UTC.
    fileprivate func localTimes() throws -> LocalTimestamps? {
        guard let zone = spec.series.timeZone, case .seconds(let step) = try spec.frequency().step else { return nil }
        return LocalTimestamps(
            zone: try zones.zone(zone),
            step: Int(step),
            doubt: spec.series.repeatedHour == .first ? .first : .refused
        )
    }
}

/// Objects of a bucket that a source names, and who fetches them.
private struct Objects {
    let location: S3Location
    let client: S3Client

    /// nil where the source's file is no object.
    init?(_ file: some FileSourceSpec, field: String, _ context: StepContext) throws {
        guard let url = file.url, url.hasPrefix("s3://") else { return nil }
        location = try S3Location(url)
        client = try S3Access(file.s3 ?? S3ServerSpec(), field: "\(field).s3")
            .client(bucket: location.bucket, secrets: context.secrets, transport: context.transport)
    }
}

/// Where a source's file is, and how it is got.
private struct FileAccess {
    let location: String
    let transport: any HTTPTransport
    let headers: [HTTPHeader]

    init(_ file: some FileSourceSpec, field: String, _ context: StepContext) throws {
        let login = try ServerLogin(file.secretRef, field: "\(field).secretRef", context)
        transport = context.transport(trusting: login.authorities)
        headers = login.headers
        location = try file.location(below: context.request.sourcePath, field: field)
    }
}

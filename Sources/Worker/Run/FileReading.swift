// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Connectors
import ForecastAPI
import Forecasting
import HTTPTransport

/// Reads a source that is a file.
struct FileReading: Sendable {
    let context: StepContext
    /// Which times are read; nil for all.
    let window: RunWindow?

    /// The columns of the series, as the file has them; nil where the source is no file.
    func frame() async throws -> TimeSeriesFrame? {
        let source = context.spec.source
        guard let file: any FileSourceSpec = source.csv ?? source.parquet else { return nil }
        context.report(.prepare, "reading \(file.path ?? "the source")")
        guard let csv = source.csv else { return try await readParquet(file) }
        let frame = try await read(csv)
        return try window?.rows(of: frame, from: csv.path ?? "the source") ?? frame
    }

    private func read(_ csv: CSVSourceSpec) async throws -> TimeSeriesFrame {
        let series = context.spec.series
        let selection = CSVSelection(
            timestamp: series.timestamp,
            timestampFormat: try series.timestampFormat.map { try TimestampFormat($0) } ?? .automatic,
            values: series.columns
        )
        let report = context.rowReport()
        if let url = csv.url, url.hasPrefix("s3://") {
            let source = CSVSource(options: try csv.options(), selection: selection, transport: context.transport)
            let objects = try S3Location(url)
            let client = try client(csv.s3 ?? S3ServerSpec(), bucket: objects.bucket)
            let reading = try await source.read(objects, of: client) { report($0.rows) }
            return try reading.frame.selecting(series.columns)
        }
        let access = try FileAccess(csv, field: "spec.source.csv", context)
        let source = CSVSource(
            options: try csv.options(),
            selection: selection,
            transport: access.transport,
            headers: access.headers
        )
        let reading = try await source.read(access.location) { report($0.rows) }
        return try reading.frame.selecting(series.columns)
    }

    private func client(_ server: S3ServerSpec, bucket: String) throws -> S3Client {
        let access = S3Access(
            endpoint: server.endpoint,
            region: server.region,
            addressing: server.addressing,
            secret: server.secretRef,
            field: "spec.source.csv.s3"
        )
        return try access.client(bucket: bucket, secrets: context.secrets, transport: context.transport)
    }

    private func readParquet(_ parquet: some FileSourceSpec) async throws -> TimeSeriesFrame {
        let series = context.spec.series
        let access = try FileAccess(parquet, field: "spec.source.parquet", context)
        let source = ParquetSource(
            timestamp: series.timestamp,
            timestampFormat: try series.timestampFormat.map { try TimestampFormat($0) } ?? .automatic,
            values: series.columns,
            times: window.map { $0.range.lowerBound...($0.range.upperBound - 1) },
            threads: context.threads,
            transport: access.transport,
            headers: access.headers
        )
        return try await source.read(access.location, progress: context.rowReport())
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

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Connectors
import ForecastAPI
import Forecasting
import Foundation
import HTTPTransport
import KubeCore
import Synchronization

/// Reads the source, puts it on the grid of its frequency and stores it.
struct PrepareTask: Sendable {
    /// Rows between two lines of progress.
    private static let rowsPerReport = 250_000

    /// What came of the data.
    struct Prepared: Sendable {
        /// The stored data; nil where it was refused.
        var dataset: DatasetStatus?
        /// What the checks found; nil where the specification asks for none.
        var checks: DataCheckResult?
    }

    func run(_ context: inout StepContext) async throws -> Prepared {
        let reading = try await read(context)
        // A run that starts late, or waits for a node, must not find its data stale for that.
        let due = context.request.scheduledTime ?? context.request.createdTime
        let checks = try DataCheckTask(context.spec)
        let found = try await LongWork.compute { checks?.run(reading, due: due) }
        if let objection = found?.objection {
            context.report(.prepare, objection.message, rows: reading.rowCount)
            guard context.spec.dataChecks?.policy == .train else { return Prepared(checks: found) }
        }
        return Prepared(dataset: try await store(reading, &context), checks: found)
    }

    private func store(_ reading: TimeSeriesFrame, _ context: inout StepContext) async throws -> DatasetStatus {
        let spec = context.spec
        let checks = FrameChecks(frequency: try spec.frequency(), missing: spec.missingPolicy)
        let regular = try await LongWork.compute { try checks.regular(reading) }
        // Asked here, where the data is at hand, and not when the model is trained: a run should fail early.
        _ = try spec.rollingOrigin(spec.dataSplit(rows: regular.frame.rowCount))
        let filled = regular.insertedRows + regular.filledCells
        let repair = filled == 0 ? "" : ", \(regular.insertedRows) rows and \(regular.filledCells) values filled in"
        context.report(.prepare, "\(regular.frame.rowCount) rows\(repair)", rows: regular.frame.rowCount)
        let reference = try await context.keep(regular.frame, frequency: checks.frequency)
        return try reference.status()
    }

    private func read(_ context: StepContext) async throws -> TimeSeriesFrame {
        let source = context.spec.source
        if let csv = source.csv { return try await read(csv, context) }
        if let parquet = source.parquet { return try await read(parquet, context) }
        throw WorkerError.invalidSpec(problems: "spec.source: must hold exactly one of csv and parquet")
    }

    private func read(_ csv: CSVSourceSpec, _ context: StepContext) async throws -> TimeSeriesFrame {
        let series = context.spec.series
        let access = try FileAccess(csv, field: "spec.source.csv", context)
        let selection = CSVSelection(
            timestamp: series.timestamp,
            timestampFormat: try series.timestampFormat.map { try TimestampFormat($0) } ?? .automatic,
            values: series.columns
        )
        let source = CSVSource(
            options: try csv.options(),
            selection: selection,
            transport: access.transport,
            headers: access.headers
        )
        let report = rowReport(context)
        let reading = try await source.read(access.location) { report($0.rows) }
        return try reading.frame.selecting(series.columns)
    }

    private func read(_ parquet: ParquetSourceSpec, _ context: StepContext) async throws -> TimeSeriesFrame {
        let series = context.spec.series
        let access = try FileAccess(parquet, field: "spec.source.parquet", context)
        let source = ParquetSource(
            timestamp: series.timestamp,
            timestampFormat: try series.timestampFormat.map { try TimestampFormat($0) } ?? .automatic,
            values: series.columns,
            threads: context.threads,
            transport: access.transport,
            headers: access.headers
        )
        return try await source.read(access.location, progress: rowReport(context))
    }

    /// Reports how many rows have been read, now and then.
    private func rowReport(_ context: StepContext) -> @Sendable (Int) -> Void {
        let reported = Mutex(0)
        return { rows in
            let isDue = reported.withLock { last in
                guard rows - last >= Self.rowsPerReport else { return false }
                last = rows
                return true
            }
            if isDue { context.report(.prepare, "reading: \(rows) rows", rows: rows) }
        }
    }
}

/// Where a source's file is, and how it is got.
private struct FileAccess {
    let location: String
    let transport: any HTTPTransport
    let headers: [HTTPHeader]

    init(_ file: some FileSourceSpec, field: String, _ context: StepContext) throws {
        let (secret, secretField) = (file.secretRef, "\(field).secretRef")
        transport = context.transport(
            trusting: try secret.flatMap { try context.secrets.authorities($0, field: secretField) }
        )
        headers = try secret.map { try context.secrets.authorization($0, field: secretField) } ?? []
        location = try file.location(below: context.request.sourcePath, field: field)
        context.report(.prepare, "reading \(file.path ?? "the source")")
    }
}

extension DatasetReference {
    /// The facts of the data set in the form of the contract.
    fileprivate func status() throws -> DatasetStatus {
        guard let first = KubeTime.parse(from), let last = KubeTime.parse(to) else {
            throw ForecastingError.invalidFrame(reason: "its times \(from) and \(to) cannot be written")
        }
        return DatasetStatus(digest: digest, rows: rows, from: first, to: last)
    }
}

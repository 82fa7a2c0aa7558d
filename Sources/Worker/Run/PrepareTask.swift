// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Connectors
import ForecastAPI
import Forecasting
import Foundation
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
        let spec = context.spec
        guard let csv = spec.source.csv else {
            throw WorkerError.invalidSpec(problems: "spec.source: must hold exactly one source block (csv)")
        }
        let selection = CSVSelection(
            timestamp: spec.series.timestamp,
            timestampFormat: try spec.series.timestampFormat.map { try TimestampFormat($0) } ?? .automatic,
            values: spec.series.columns
        )
        let field = "spec.source.csv.secretRef"
        let source = CSVSource(
            options: try csv.options(),
            selection: selection,
            transport: context.transport(
                trusting: try csv.secretRef.flatMap { try context.secrets.authorities($0, field: field) }
            ),
            headers: try csv.secretRef.map { try context.secrets.authorization($0, field: field) } ?? []
        )
        context.report(.prepare, "reading \(csv.path ?? "the source")")
        let reported = Mutex(0)
        let reading = try await Self.read(source, csv, context) { facts in
            let isDue = reported.withLock { last in
                guard facts.rows - last >= Self.rowsPerReport else { return false }
                last = facts.rows
                return true
            }
            if isDue { context.report(.prepare, "reading: \(facts.rows) rows", rows: facts.rows) }
        }
        return try reading.frame.selecting(spec.series.columns)
    }

    /// Reads the file, or the objects of a bucket.
    private static func read(
        _ source: CSVSource,
        _ csv: CSVSourceSpec,
        _ context: StepContext,
        progress: @escaping @Sendable (CSVProgress) -> Void
    ) async throws -> CSVReading {
        guard let url = csv.url, url.hasPrefix("s3://") else {
            return try await source.read(csv.location(below: context.request.sourcePath), progress: progress)
        }
        let objects = try S3Location(url)
        let access = S3Access(
            endpoint: csv.s3?.endpoint,
            region: csv.s3?.region,
            addressing: csv.s3?.addressing,
            secret: csv.s3?.secretRef,
            field: "spec.source.csv.s3"
        )
        let client = try access.client(
            bucket: objects.bucket,
            secrets: context.secrets,
            transport: context.transport
        )
        return try await source.read(objects, of: client, progress: progress)
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

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Connectors
import ForecastAPI
import Forecasting
import Foundation
import HTTPTransport
import KubeCore

/// Reads the source, puts it on the grid of its frequency and stores it.
struct PrepareTask: Sendable {
    /// What came of the data.
    struct Prepared: Sendable {
        /// The stored data; nil where it was refused.
        var dataset: DatasetStatus?
        /// What the checks found; nil where the specification asks for none.
        var checks: DataCheckResult?
    }

    func run(_ context: inout StepContext) async throws -> Prepared {
        // A run that starts late, or waits for a node, must not find its data stale for that.
        let due = context.request.scheduledTime ?? context.request.createdTime
        let reading = try await resampled(try await read(context), due, context.spec)
        let checks = try DataCheckTask(context.spec)
        let found = try await LongWork.compute { checks?.run(reading, due: due) }
        if let objection = found?.objection {
            context.report(.prepare, objection.message, rows: reading.rowCount)
            guard context.spec.dataChecks?.policy == .train else { return Prepared(checks: found) }
        }
        return Prepared(dataset: try await store(reading, &context), checks: found)
    }

    /// The rows on the grid, where the specification asks for that; what is checked is what a model will see.
    private func resampled(
        _ reading: TimeSeriesFrame,
        _ due: Date,
        _ spec: ForecastPipelineSpec
    ) async throws -> TimeSeriesFrame {
        guard let method = spec.resampleMethod else { return reading }
        let resampling = Resampling(method, to: try spec.frequency())
        let seconds = Int64(due.timeIntervalSince1970)
        return try await LongWork.compute { try resampling.resampled(reading, due: seconds) }
    }

    private func store(_ reading: TimeSeriesFrame, _ context: inout StepContext) async throws -> DatasetStatus {
        let spec = context.spec
        let checks = FrameChecks(frequency: try spec.frequency(), missing: spec.missingPolicy)
        let regular = try await LongWork.compute { try checks.regular(reading) }
        // Asked here, where the data is at hand, and not when the model is trained: a run should fail early.
        let split = try spec.dataSplit(regular.frame.timestamps)
        _ = try spec.rollingOrigin(split)
        _ = try spec.conformalFit()?.windows(
            validation: split.validation,
            historyRows: spec.historyRows(),
            horizon: spec.model.horizon,
            targets: spec.series.targets.count
        )
        let missing = regular.insertedRows + regular.missingCells
        let repair = missing == 0 ? "" : ", \(regular.insertedRows) rows and \(regular.missingCells) values filled in"
        context.report(.prepare, "\(regular.frame.rowCount) rows\(repair)", rows: regular.frame.rowCount)
        let reference = try await context.keep(regular.frame, frequency: checks.frequency)
        return try reference.status()
    }

    private func read(_ context: StepContext) async throws -> TimeSeriesFrame {
        try await SourceReading(context: context, window: RunWindow(context.request)).frame()
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

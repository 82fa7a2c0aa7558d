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
        let spec = context.spec
        let reading = try await resampled(try await read(context), due, spec)
        // Rows to come are no part of the data that is checked.
        let observed = spec.known == 0 ? reading.rowCount : reading.observedRows(targets: spec.series.targets.count)
        let rows = observed == reading.rowCount ? reading : reading.rows(0..<observed)
        let checks = try DataCheckTask(spec)
        let found = try await LongWork.compute { checks?.run(rows, due: due) }
        if let objection = found?.objection {
            context.report(.prepare, objection.message, rows: rows.rowCount)
            guard spec.dataChecks?.policy == .train else { return Prepared(checks: found) }
        }
        let ahead = try reading.ahead(
            from: observed,
            count: spec.model.horizon,
            known: spec.known,
            frequency: spec.frequency()
        )
        return Prepared(dataset: try await store(rows, ahead, &context), checks: found)
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
        guard spec.known > 0 else {
            return try await LongWork.compute { try resampling.resampled(reading, due: seconds) }
        }
        // Rows to come follow the bin that is not over, so its targets are left out, not the bin.
        let (notKnown, frequency) = (spec.series.columns.count - spec.known, try spec.frequency())
        return try await LongWork.compute {
            let bins = try resampling.resampled(reading)
            guard let open = bins.timestamps.last(where: { $0 <= seconds }),
                (frequency.instant(1, after: open) ?? .max) > seconds
            else { return bins }
            return try bins.hiding(first: notKnown, from: open)
        }
    }

    private func store(
        _ reading: TimeSeriesFrame,
        _ ahead: TimeSeriesFrame,
        _ context: inout StepContext
    ) async throws -> DatasetStatus {
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
        if spec.known > 0, spec.publish?.forecasts?.isEmpty == false {
            try spec.requireKnown(ahead, behind: regular.frame.timestamps.last ?? 0)
        }
        let missing = regular.insertedRows + regular.missingCells
        let repair = missing == 0 ? "" : ", \(regular.insertedRows) rows and \(regular.missingCells) values filled in"
        context.report(.prepare, "\(regular.frame.rowCount) rows\(repair)", rows: regular.frame.rowCount)
        let reference = try await context.keep(
            regular.frame,
            ahead: spec.known > 0 ? ahead : nil,
            frequency: checks.frequency
        )
        return try reference.status()
    }

    private func read(_ context: StepContext) async throws -> TimeSeriesFrame {
        let window = try RunWindow(context.request)
        let frame = try await SourceReading(context: context, window: window).rows().frame
        let known = context.spec.known
        guard known > 0 else { return frame }
        // Some sources give columns in an order of their own.
        let ordered = try frame.selecting(context.spec.series.columns)
        guard let window else { return ordered }
        return try ordered.hiding(first: ordered.names.count - known, from: window.targetsEnd)
    }
}

extension ForecastPipelineSpec {
    /// How many columns, the last ones, are known ahead.
    var known: Int { series.futureCovariates?.count ?? 0 }

    /// Throws unless the rows ahead hold what a forecast needs.
    func requireKnown(_ ahead: TimeSeriesFrame, behind last: Int64) throws {
        try ahead.requireKnown(known, rows: model.horizon, behind: last, fillsGaps: missingPolicy != .fail)
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

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Connectors
import ForecastAPI
import Forecasting
import Foundation
import HTTPTransport
import KubeCore
import WorkerRuntime

/// Reads the source, puts each series on the grid of its frequency and stores them.
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
        let rows = try reading.observed(spec)
        let checks = try DataCheckTask(spec)
        let found = try await LongWork.compute { checks?.run(rows, due: due) }
        if let objection = found?.objection {
            context.report(.prepare, objection.message, rows: rows.rowCount)
            guard spec.dataChecks?.policy == .train else { return Prepared(checks: found) }
        }
        let ahead = try reading.ahead(of: rows, spec)
        return Prepared(dataset: try await store(rows, ahead, &context), checks: found)
    }

    private func read(_ context: StepContext) async throws -> Panel {
        let (spec, window) = (context.spec, try RunWindow(context.request))
        let rows = try await SourceReading(context: context, window: window).rows()
        let panel = try await LongWork.compute { try Panel(rows) }
        guard spec.known > 0 else { return panel }
        // Some sources give columns in an order of their own.
        let ordered = try panel.selecting(spec.series.columns)
        guard let window else { return ordered }
        return try ordered.map { series throws(ForecastingError) in
            try series.frame.hiding(first: ordered.names.count - spec.known, from: window.targetsEnd)
        }
    }

    /// The rows on the grid, where the specification asks for that; what is checked is what a model will see.
    private func resampled(_ reading: Panel, _ due: Date, _ spec: ForecastPipelineSpec) async throws -> Panel {
        guard let method = spec.resampleMethod else { return reading }
        let frequency = try spec.frequency()
        let resampling = Resampling(method, to: frequency)
        let seconds = Int64(due.timeIntervalSince1970)
        guard spec.known > 0 else {
            return try await LongWork.compute {
                try reading.map { series throws(ForecastingError) in
                    try resampling.resampled(series.frame, due: seconds)
                }
            }
        }
        // Rows to come follow the bin that is not over, so its targets are left out, not the bin.
        let notKnown = spec.series.columns.count - spec.known
        return try await LongWork.compute {
            try reading.map { series throws(ForecastingError) in
                let bins = try resampling.resampled(series.frame)
                guard let open = bins.timestamps.last(where: { $0 <= seconds }),
                    (frequency.instant(1, after: open) ?? .max) > seconds
                else { return bins }
                return try bins.hiding(first: notKnown, from: open)
            }
        }
    }

    /// Stores the series that can be trained on.
    ///
    /// - Parameter ahead: By series, the rows to come; nil where no column is known ahead.
    private func store(
        _ rows: Panel,
        _ ahead: [TimeSeriesFrame]?,
        _ context: inout StepContext
    ) async throws -> DatasetStatus {
        let spec = context.spec
        let checks = FrameChecks(frequency: try spec.frequency(), missing: spec.missingPolicy)
        let (regular, found) = try await LongWork.compute {
            let regular = try checks.regular(rows)
            return (regular, try LengthCheck(spec).run(rows.with(regular.map(\.frame))))
        }
        let panel = try rows.with(regular.map(\.frame)).keeping(found.kept)
        let kept = ahead.map { frames in found.kept.map { frames[$0] } }
        if let kept, spec.publish?.forecasts?.isEmpty == false { try spec.requireKnown(kept, behind: panel) }
        let left = found.skipped.isEmpty ? nil : SeriesListStatus(found.skipped)
        report(panel, found.kept.map { regular[$0] }, left, context)
        let reference = try await context.keep(panel, ahead: kept, frequency: checks.frequency)
        var status = try reference.status()
        status.skippedSeries = left
        return status
    }

    private func report(
        _ panel: Panel,
        _ regular: [FrameChecks.Regular],
        _ left: SeriesListStatus?,
        _ context: StepContext
    ) {
        if let left {
            context.report(.prepare, "\(left.count) series with too few rows left out: \(left.names)")
        }
        let (rows, cells) = regular.reduce((0, 0)) { ($0.0 + $1.insertedRows, $0.1 + $1.missingCells) }
        let repair = rows + cells == 0 ? "" : ", \(rows) rows and \(cells) values filled in"
        context.report(.prepare, panel.amount + repair, rows: panel.rowCount)
    }
}

extension Panel {
    /// The rows up to the last one that has a target: rows to come are no part of the data that is checked.
    fileprivate func observed(_ spec: ForecastPipelineSpec) throws -> Panel {
        guard spec.known > 0 else { return self }
        return try map { series throws(ForecastingError) in
            series.frame.rows(0..<series.frame.observedRows(targets: spec.series.targets.count))
        }
    }

    /// By series, the rows behind `observed` on the grid; nil where no column is known ahead.
    fileprivate func ahead(of observed: Panel, _ spec: ForecastPipelineSpec) throws -> [TimeSeriesFrame]? {
        guard spec.known > 0 else { return nil }
        let frequency = try spec.frequency()
        return try naming(with: observed.series) { all, seen in
            try all.frame.ahead(
                from: seen.frame.rowCount,
                count: spec.model.horizon,
                known: spec.known,
                frequency: frequency
            )
        }
    }

    /// The same series with other rows, one table a series.
    fileprivate func with(_ frames: [TimeSeriesFrame]) throws -> Panel {
        try Panel(groupBy: groupBy, series: zip(series, frames).map { Series(key: $0.key, frame: $1) })
    }

    /// Some of the series.
    fileprivate func keeping(_ places: [Int]) throws -> Panel {
        places.count == series.count ? self : try Panel(groupBy: groupBy, series: places.map { series[$0] })
    }
}

extension ForecastPipelineSpec {
    /// How many columns, the last ones, are known ahead.
    var known: Int { series.futureCovariates?.count ?? 0 }

    /// Throws unless the rows ahead hold what a forecast needs.
    func requireKnown(_ ahead: TimeSeriesFrame, behind last: Int64) throws {
        try ahead.requireKnown(known, rows: model.horizon, behind: last, fillsGaps: missingPolicy != .fail)
    }

    /// Throws unless the rows ahead of each series hold what a forecast needs.
    fileprivate func requireKnown(_ ahead: [TimeSeriesFrame], behind panel: Panel) throws {
        _ = try panel.naming(with: ahead) { series, ahead in
            try requireKnown(ahead, behind: series.frame.timestamps.last ?? 0)
        }
    }
}

extension DatasetReference {
    /// The facts of the data set in the form of the contract.
    fileprivate func status() throws -> DatasetStatus {
        guard let first = KubeTime.parse(from), let last = KubeTime.parse(to) else {
            throw ForecastingError.invalidFrame(reason: "its times \(from) and \(to) cannot be written")
        }
        return DatasetStatus(digest: digest, rows: rows, from: first, to: last, series: series)
    }
}

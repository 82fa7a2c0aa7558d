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
        let reading = try await read(context, due)
        let rows = try reading.observed(spec)
        let checks = try DataCheckTask(spec)
        // What is wrong with the rows is told behind the checks, which may object to them.
        let series = try await LongWork.compute { Result { try TrainableSeries(rows, spec) } }
        let found = try await LongWork.compute {
            try checks?.run(TrainableSeries.judged(rows, series, spec), due: due)
        }
        if let objection = found?.objection {
            context.report(.prepare, objection.message, rows: rows.rowCount)
            guard spec.dataChecks?.policy == .train else { return Prepared(checks: found) }
        }
        let ahead = try reading.ahead(of: rows, spec)
        return Prepared(dataset: try await store(series.get(), ahead, &context), checks: found)
    }

    /// The rows, on the grid where the specification asks for that; what is checked is what a model will see.
    private func read(_ context: StepContext, _ due: Date) async throws -> Panel {
        let (spec, window) = (context.spec, try RunWindow(context.request))
        guard let method = spec.resampleMethod else { return try await rows(context, window) }
        let resampling = Resampling(method, to: try spec.frequency())
        let seconds = Int64(due.timeIntervalSince1970)
        let reading = ResampledReading(context: context, window: window, resampling: resampling)
        if let bins = try await reading.bins() { return try await LongWork.compute { try bins.panel(due: seconds) } }
        return try await resampled(try await rows(context, window), resampling, seconds, spec)
    }

    private func rows(_ context: StepContext, _ window: RunWindow?) async throws -> Panel {
        let spec = context.spec
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

    private func resampled(
        _ reading: Panel,
        _ resampling: Resampling,
        _ due: Int64,
        _ spec: ForecastPipelineSpec
    ) async throws -> Panel {
        guard spec.known > 0 else {
            return try await LongWork.compute {
                try reading.map { series throws(ForecastingError) in
                    try resampling.resampled(series.frame, due: due)
                }
            }
        }
        let frequency = try spec.frequency()
        // Rows to come follow the bin that is not over, so its targets are left out, not the bin.
        let notKnown = spec.series.columns.count - spec.known
        return try await LongWork.compute {
            try reading.map { series throws(ForecastingError) in
                let bins = try resampling.resampled(series.frame)
                guard let open = bins.timestamps.last(where: { $0 <= due }),
                    (frequency.instant(1, after: open) ?? .max) > due
                else { return bins }
                return try bins.hiding(first: notKnown, from: open)
            }
        }
    }

    /// Stores the series that can be trained on.
    ///
    /// - Parameter ahead: By series that was read, the rows to come; nil where no column is known ahead.
    private func store(
        _ series: TrainableSeries,
        _ ahead: [TimeSeriesFrame]?,
        _ context: inout StepContext
    ) async throws -> DatasetStatus {
        let spec = context.spec
        let panel = series.panel
        let kept = ahead.map { frames in series.places.map { frames[$0] } }
        if let kept, spec.publish?.forecasts?.isEmpty == false { try spec.requireKnown(kept, behind: panel) }
        let left = series.skipped.isEmpty ? nil : SeriesListStatus(series.skipped)
        report(series, left, context)
        let reference = try await context.keep(panel, ahead: kept, frequency: try spec.frequency())
        var status = try reference.status()
        status.skippedSeries = left
        return status
    }

    private func report(_ series: TrainableSeries, _ left: SeriesListStatus?, _ context: StepContext) {
        if let left {
            context.report(.prepare, "\(left.count) series with too few rows left out: \(left.names)")
        }
        let (rows, cells) = series.missing
        let repair = rows + cells == 0 ? "" : ", \(rows) rows and \(cells) values filled in"
        context.report(.prepare, series.panel.amount + repair, rows: series.panel.rowCount)
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

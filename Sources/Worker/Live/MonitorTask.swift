// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Connectors
import ForecastAPI
import Forecasting
import Foundation
import WorkerRuntime

/// Compares the forecasts that a service issued with what the pipeline's source says came true, and its input columns with
/// those of the training.
struct MonitorTask: Sendable {
    /// A history that ends more steps than this before the request is not looked up: a client may name any time, and the
    /// source would be read from there on.
    static let mostSteps = 1_000_000

    /// Ten years.
    static let longestWindow = 315_360_000
    /// A store that is damaged as a whole does not fill the log.
    private static let mostNotes = 20

    func run(_ context: StepContext) async throws -> MonitorResult {
        guard let request = context.request.monitor else {
            throw WorkerError.invalidSpec(problems: "monitor: must say what is compared, for the task Monitor")
        }
        guard (1...Self.longestWindow).contains(request.windowSeconds) else {
            throw WorkerError.invalidSpec(problems: "monitor.windowSeconds: must be from 1 to \(Self.longestWindow)")
        }
        let stable = try await subject(request.stable, context)
        let canary = try await canary(request, beside: stable, context)
        let forecasts = try await forecasts(request, context)
        let created = Int64(context.request.createdTime.timeIntervalSince1970)
        let frequency = stable.panel.common.frequency
        let earliest = frequency.instant(-Self.mostSteps, after: created) ?? UTCTime.secondsRange.lowerBound
        let ends = forecasts.map(\.end).filter { $0 >= earliest && $0 < created }
        let driftStart = request.drift ? created - Int64(request.windowSeconds) : nil
        let truth = try await truth(from: ends.min(), driftStart, of: stable, due: created, context)
        let comparison = LiveComparison(truth: truth, stable: stable, canary: canary, earliest: earliest)
        let result = try await LongWork.compute {
            var result = comparison.result(forecasts)
            result.drift = driftStart.flatMap { Self.drift(of: truth, from: $0, stable.profiles) }
            return result
        }
        context.report(.monitor, Self.summary(result), rows: truth.rowCount, share: 1)
        return try Self.fitted(result, step: context.request.step)
    }

    // MARK: What is compared

    private func subject(
        _ version: ServingConfiguration.Version,
        _ context: StepContext
    ) async throws -> LiveComparison.Subject {
        // The weights are not needed, and verified all the same: with them, what the manifest says is checked as a whole.
        try await LongWork.finish {
            let artifact = try context.store.load(context.store.address(ofURI: version.uri))
            return LiveComparison.Subject(
                version: version.version,
                panel: try artifact.panelForecaster(),
                profiles: try artifact.profiles()
            )
        }
    }

    private func canary(
        _ request: MonitorRequest,
        beside stable: LiveComparison.Subject,
        _ context: StepContext
    ) async throws -> LiveComparison.Subject? {
        guard let version = request.canary else { return nil }
        let canary = try await subject(version, context)
        guard canary.forecastsSame(as: stable) else {
            context.report(
                .monitor,
                "\(canary.version) is not compared with \(stable.version): they do not forecast the same"
            )
            return nil
        }
        return canary
    }

    private func forecasts(_ request: MonitorRequest, _ context: StepContext) async throws -> [RememberedForecast] {
        let created = Int64(context.request.createdTime.timeIntervalSince1970 * 1_000)
        let kept = created - Int64(request.windowSeconds) * 1_000
        let since = request.since.map { Int64($0.timeIntervalSince1970 * 1_000) } ?? kept
        let wish = RememberedForecasts.Wish(
            versions: Set([request.stable.version, request.canary?.version].compactMap(\.self)),
            since: max(kept, since),
            keptSince: kept
        )
        let folder = try LiveFolder(context.store, namespace: context.request.namespace, service: request.service)
        let found = try await RememberedForecasts.read(in: folder, wish)
        let forecasts = found.forecasts
        let removed = found.removed == 0 ? "" : ", \(found.removed) old files were removed"
        context.report(.monitor, "\(forecasts.count) forecasts are remembered\(removed)")
        for note in found.notes.prefix(Self.mostNotes) { context.report(.monitor, note) }
        if found.notes.count > Self.mostNotes {
            context.report(.monitor, "and \(found.notes.count - Self.mostNotes) more like these")
        }
        return forecasts
    }

    // MARK: What came true

    private func truth(
        from firstEnd: Int64?,
        _ driftStart: Int64?,
        of subject: LiveComparison.Subject,
        due: Int64,
        _ context: StepContext
    ) async throws -> PanelTruth {
        let (panel, forecaster) = (subject.panel, subject.panel.common)
        let warmUp = (forecaster.preprocessor.movingAverage ?? 1) - 1
        // A mean over several rows needs those before the first one.
        let first = firstEnd.flatMap { forecaster.frequency.instant(-warmUp, after: $0) }
        let start = [first, driftStart].compactMap(\.self).min()
        let rows = try await rows(from: start, to: due, forecaster.columns, context)
        return try await LongWork.compute { try PanelTruth(rows, of: panel, due: due) }
    }

    /// The source's rows; none where it has none of these times yet.
    private func rows(
        from start: Int64?,
        to end: Int64,
        _ columns: [String],
        _ context: StepContext
    ) async throws -> SeriesRows {
        let none = try TimeSeriesFrame(timestamps: [], names: columns, columns: columns.map { _ in [] })
        guard let start, start < end else { return SeriesRows(none) }
        let window = RunWindow(start..<end)
        // A query without a place for a window gives all that there is.
        let isLimited = context.spec.source.influxdb == nil || context.spec.source.window != nil
        do {
            let rows = try await SourceReading(context: context, window: isLimited ? window : nil).rows()
            return try window.rows(of: rows, from: "the source").selecting(columns)
        } catch ConnectorError.noData {
            return SeriesRows(none)
        }
    }

    // MARK: What is answered

    /// The columns that have moved furthest, of those that have a profile and values; nil where there are no profiles.
    private static func drift(
        of truth: PanelTruth,
        from start: Int64,
        _ profiles: [TrainingProfile]?
    ) -> [ColumnDrift]? {
        guard let profiles else { return nil }
        var drifts: [String: PooledDrift] = [:]
        for (series, profile) in zip(truth.series, profiles) {
            let frame = series.frame
            let first = frame.timestamps.firstIndex { $0 >= start } ?? frame.rowCount
            for column in profile.columns {
                guard let index = frame.names.firstIndex(of: column.column) else { continue }
                let values = frame.columns[index][first...].filter { !$0.isNaN }
                if !values.isEmpty { drifts[column.column, default: PooledDrift()].add(values, column) }
            }
        }
        let furthest = drifts.map { column, drift in
            ColumnDrift(
                column: column,
                rows: drift.rows,
                psi: Significant.round(drift.populationStabilityIndex),
                ks: Significant.round(drift.kolmogorovSmirnov)
            )
        }
        .sorted { ($0.psi, $0.ks, $1.column) > ($1.psi, $1.ks, $0.column) }
        return Array(furthest.prefix(MonitorResult.maximumDriftColumns))
    }

    /// The result within the bytes of a termination message: of columns and series with long names, those
    /// that moved or erred least are left out.
    static func fitted(_ result: MonitorResult, step: String) throws -> MonitorResult {
        var fitted = result
        var answer = StepResult(step: step)
        while true {
            answer.monitoring = fitted
            guard try answer.encoded().count > StepResult.maximumBytes else { return fitted }
            if fitted.drift?.isEmpty == false {
                fitted.drift?.removeLast()
            } else if fitted.worstSeries?.isEmpty == false {
                fitted.worstSeries?.removeLast()
            } else {
                return fitted
            }
        }
    }

    private static func summary(_ result: MonitorResult) -> String {
        func text(_ errors: LiveErrors) -> String {
            "\(errors.version): MAE \(Significant.text(errors.errors.mae)) over \(errors.errors.values) values"
        }
        let versions = [result.stable].compactMap(\.self).map(text)
        let pair = result.comparison.map { "side by side \(text($0.canary)), \(text($0.stable))" }
        let series = result.series.map { " of \($0) series" } ?? ""
        let counts =
            "\(result.forecasts) forecasts\(series) compared, \(result.pending) values pending, "
            + "\(result.otherSeries) forecasts of other series"
        return (versions + [pair].compactMap(\.self) + [counts]).joined(separator: "; ")
    }
}

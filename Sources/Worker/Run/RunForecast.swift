// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Foundation

/// Makes the forecast of a run beyond its data, in the form of the contract.
struct RunForecast: Sendable {
    let request: StepRequest
    let forecaster: PanelForecaster

    /// The forecast of each series; nil where it needs columns that the source does not hold for these rows, and nobody is to
    /// get it.
    ///
    /// - Parameters:
    ///   - panel: The forecaster's series with its columns in its order.
    ///   - ahead: By series, the rows to come.
    func file(_ panel: Panel, ahead: [TimeSeriesFrame]?) throws -> ForecastFile? {
        let common = forecaster.common
        let rows: [TimeSeriesFrame?] = ahead.map { $0.map(Optional.some) } ?? panel.series.map { _ in nil }
        let parts = Array(zip(forecaster.forecasters, rows))
        let series = try panel.naming(with: parts) { series, part in try forecast(series, by: part.0, ahead: part.1) }
        let made = series.compactMap(\.self)
        guard made.count == series.count else { return nil }
        let (known, targets) = (common.futureColumns, common.targets)
        let past = panel.names.dropFirst(targets.count).dropLast(common.historyShape.future)
        return ForecastFile(
            pipeline: request.pipeline,
            version: request.version,
            frequency: common.frequency.description,
            targets: targets,
            pastCovariates: past.isEmpty ? nil : Array(past),
            futureCovariates: known.isEmpty ? nil : known,
            groupBy: panel.groupBy,
            series: made
        )
    }

    private func forecast(
        _ series: Panel.Series,
        by forecaster: Forecaster,
        ahead: TimeSeriesFrame?
    ) throws -> ForecastFile.Series? {
        let (frame, targets, shape) = (series.frame, forecaster.targets, forecaster.historyShape)
        let window = max(0, frame.rowCount - shape.lookback)..<frame.rowCount
        let last = frame.timestamps.last ?? 0
        var future: [Double] = []
        if shape.future > 0 {
            guard let ahead, (try? request.spec.requireKnown(ahead, behind: last)) != nil else { return nil }
            future = (0..<shape.horizon).flatMap { row in ahead.columns.suffix(shape.future).map { $0[row] } }
        }
        let values = try forecaster.forecast(history: frame.rowMajor(window), future: future, ends: [last])
        let seen = try forecaster.lastHistory(of: frame)
        let times = Self.dates(forecaster.frequency.instants(after: last, count: shape.horizon))
        // As in the history, what the file holds has no gaps.
        let complete = try forecaster.completed(ahead: future, history: frame.rowMajor(window), end: last)
        let known = forecaster.futureColumns
        return ForecastFile.Series(
            key: series.key.values,
            history: .init(times: Self.dates(frame.timestamps[window]), values: Self.columns(seen, frame.names)),
            forecast: .init(times: times, values: Self.columns(values, targets)),
            quantiles: forecaster.intervals.map { $0.forecastFile(values, targets: targets) },
            known: known.isEmpty ? nil : .init(times: times, values: Self.columns(complete, known))
        )
    }

    private static func dates(_ seconds: some Sequence<Int64>) -> [Date] {
        seconds.map { Date(timeIntervalSince1970: Double($0)) }
    }

    /// Columns by name out of rows.
    private static func columns(_ rows: [[Double]], _ names: [String]) -> [String: [Double]] {
        Dictionary(names.enumerated().map { index, name in (name, rows.map { $0[index] }) }) { first, _ in first }
    }

    /// Columns by name out of a table, row by row.
    fileprivate static func columns(_ table: [Double], _ names: [String]) -> [String: [Double]] {
        let columns = names.enumerated().map { index, name in
            (name, stride(from: index, to: table.count, by: names.count).map { table[$0] })
        }
        return Dictionary(columns) { first, _ in first }
    }
}

extension ForecastIntervals {
    /// The quantiles of one forecast, [horizon x targets], in the form of the contract.
    fileprivate func forecastFile(_ forecast: [Double], targets: [String]) -> [ForecastFile.Quantile] {
        quantiles.enumerated().map { position, probability in
            let values = quantile(position, of: forecast)
            return ForecastFile.Quantile(probability: probability, values: RunForecast.columns(values, targets))
        }
    }
}

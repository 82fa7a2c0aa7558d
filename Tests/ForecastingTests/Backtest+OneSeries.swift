// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

@testable import Forecasting

// Data that is not grouped is a panel of one series: what most tests are about.
extension Backtest {
    init(
        candidate: Forecaster,
        incumbent: Forecaster? = nil,
        seasonLength: Int,
        windows: RollingOrigin,
        mode: Mode = .fixed,
        measure: Measure = Measure(metric: .mae, isScaled: false),
        fit: @escaping @Sendable (_ rows: Range<Int>) throws(ForecastingError) -> Forecaster
    ) throws(ForecastingError) {
        try self.init(
            candidate: PanelForecaster(candidate),
            incumbent: incumbent.map { PanelForecaster($0) },
            seasonLength: seasonLength,
            windows: [windows],
            mode: mode,
            measure: measure,
            fit: { rows throws(ForecastingError) in PanelForecaster(try fit(rows[0])) }
        )
    }

    func run(on frame: TimeSeriesFrame, train: Range<Int>) throws(ForecastingError) -> BacktestReport {
        try run(on: Panel(frame), train: [train])
    }

    static func requireSameForecast(
        _ model: Forecaster,
        as candidate: Forecaster,
        _ windows: RollingOrigin
    ) throws(ForecastingError) {
        let missing = try requireSameForecast(PanelForecaster(model), as: PanelForecaster(candidate), [windows])
        precondition(missing.isEmpty)
    }
}

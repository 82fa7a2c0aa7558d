// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

extension Backtest {
    /// Throws unless a model forecasts the same columns, steps and horizon as the candidate, for at least one series that
    /// both know.
    ///
    /// - Parameter windows: By series of the candidate.
    /// - Returns: The candidate's series that the model does not know: it is compared on the others alone.
    /// - Throws: `ForecastingError.incomparable` with the difference.
    package static func requireSameForecast(
        _ model: PanelForecaster,
        as candidate: PanelForecaster,
        _ windows: [RollingOrigin]
    ) throws(ForecastingError) -> [SeriesKey] {
        try requireSameForm(model.common, as: candidate.common)
        guard model.groupBy == candidate.groupBy else {
            throw .incomparable(reason: "it forecasts \(grouping(model)) instead of \(grouping(candidate))")
        }
        var missing: [SeriesKey] = []
        for (key, windows) in zip(candidate.keys, windows) {
            guard let place = model.place(of: key) else {
                missing.append(key)
                continue
            }
            let historyRows = model.forecasters[place].historyRows
            guard historyRows <= windows.first else {
                throw ForecastingError.incomparable(
                    reason:
                        "its history of \(historyRows) rows is more than the \(windows.first) before the first window"
                ).named(key, candidate.groupBy)
            }
        }
        guard missing.count < candidate.keys.count else {
            throw .incomparable(reason: "it knows none of the \(candidate.keys.count) series")
        }
        return missing
    }

    private static func requireSameForm(
        _ model: Forecaster,
        as candidate: Forecaster
    ) throws(ForecastingError) {
        func text(_ names: [String]) -> String { names.joined(separator: ", ") }
        guard model.columns == candidate.columns, model.targets == candidate.targets else {
            throw .incomparable(reason: "it forecasts \(text(model.targets)) instead of \(text(candidate.targets))")
        }
        guard model.frequency == candidate.frequency else {
            throw .incomparable(reason: "its rows are \(model.frequency) apart instead of \(candidate.frequency)")
        }
        guard model.shape.horizon == candidate.shape.horizon else {
            throw .incomparable(
                reason: "it forecasts \(model.shape.horizon) rows instead of \(candidate.shape.horizon)"
            )
        }
        func meaning(_ model: Forecaster) -> String {
            let values = model.preprocessor.resample.map { "the \($0.rawValue) of each step" } ?? "the values"
            return model.preprocessor.movingAverage.map { "\(values), averaged over \($0) rows" } ?? values
        }
        guard meaning(model) == meaning(candidate) else {
            throw .incomparable(reason: "it forecasts \(meaning(model)) instead of \(meaning(candidate))")
        }
    }

    private static func grouping(_ model: PanelForecaster) -> String {
        model.groupBy.isEmpty ? "one series" : "a series for each \(model.groupBy.joined(separator: ", "))"
    }
}

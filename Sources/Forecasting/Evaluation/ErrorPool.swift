// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Errors of several series in one unit, added up.
///
/// Each forecast value weighs the same, whichever series it is of; MASE alone is a mean over the series, as R. Hyndman and
/// A. Koehler propose ("Another look at measures of forecast accuracy", 2006) and the M4 competition did (S. Makridakis,
/// E. Spiliotis, V. Assimakopoulos, "The M4 Competition: 100,000 time series and 61 forecasting methods", 2020).
struct ErrorPool {
    private let horizon: Int
    private let targets: Int
    private var windows = 0
    /// [horizon x targets] summed over targets: absolute errors by step.
    private var absoluteByStep: [Double]
    private var absolute = 0.0
    private var squared = 0.0
    /// By target: squared errors, and squared deviations of the true values from the mean of their own series.
    private var residuals: [Double]
    private var spreads: [Double]
    /// By target: the deviations of the first series. R2 does not change with the unit that all series share, and so
    /// nothing is rounded where there is one.
    private var unit: [Double] = []
    private var relative: Double? = 0
    private var symmetric = 0.0
    private var mases: [Double] = []

    /// An empty pool for forecasts of [horizon x targets].
    init(horizon: Int, targets: Int) {
        self.horizon = horizon
        self.targets = targets
        absoluteByStep = [Double](repeating: 0, count: horizon)
        residuals = [Double](repeating: 0, count: targets)
        spreads = residuals
    }

    /// Adds a series, whose targets' values are divided by `deviations`; `naiveErrors` are in original units.
    mutating func add(_ series: MetricsAccumulator, deviations: [Double], naiveErrors: [Double]) {
        precondition(
            deviations.count >= targets && naiveErrors.count == targets,
            "ErrorPool: \(deviations.count) deviations and \(naiveErrors.count) errors for \(targets) targets"
        )
        if unit.isEmpty { unit = deviations }
        let countByTarget = Double(series.windows * horizon)
        var (absolute, squared) = (0.0, 0.0)
        var (mase, defined) = (0.0, 0.0)
        for target in 0..<targets {
            let deviation = deviations[target]
            let (absoluteOfIt, squaredOfIt) = (series.absoluteError(target), series.squaredError(target))
            absolute += absoluteOfIt / deviation
            squared += squaredOfIt / (deviation * deviation)
            let weight = unit[target] / deviation
            residuals[target] += squaredOfIt * (weight * weight)
            spreads[target] += series.truthDeviations[target] * (weight * weight)
            guard naiveErrors[target] > 0 else { continue }
            mase += absoluteOfIt / countByTarget / naiveErrors[target]
            defined += 1
        }
        if defined > 0 { mases.append(mase / defined) }
        self.absolute += absolute
        self.squared += squared
        for step in 0..<horizon { absoluteByStep[step] += series.absoluteError(step: step, deviations: deviations) }
        relative = relative.flatMap { sum in series.relativeErrors.map { sum + $0 } }
        symmetric += series.symmetricErrors
        windows += series.windows
    }

    /// The metrics of all that was added.
    /// - Precondition: At least one window was added.
    var metrics: ForecastMetrics {
        precondition(windows > 0, "ErrorPool: no window was added")
        let cells = Double(windows * horizon) * Double(targets)
        let mse = squared / cells
        let r2 = zip(residuals, spreads).compactMap { $1 > 0 ? 1 - $0 / $1 : nil }
        return ForecastMetrics(
            mae: absolute / cells,
            mse: mse,
            rmse: mse.squareRoot(),
            r2: Self.mean(r2),
            mase: Self.mean(mases),
            mape: relative.map { 100 * $0 / cells },
            smape: 100 * symmetric / cells
        )
    }

    /// The mean absolute error of each step of the horizon.
    var absoluteErrorByStep: [Double] { absoluteByStep.map { $0 / Double(max(1, windows) * targets) } }

    private static func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}

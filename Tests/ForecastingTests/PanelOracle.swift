// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

@testable import Forecasting

/// The errors of seasonal naive forecasts of a panel, by code that is as plain as it can be: a list of all forecast values.
struct PanelOracle {
    struct Cell {
        let series, window, step, target: Int
        let time: Int64
        let truth, forecast: Double
        var error: Double { abs(forecast - truth) }
    }

    let data: ScoredPanel
    /// The season of MASE.
    let season: Int

    func cells(repeating seasonLength: Int, without missing: Set<Int> = []) -> [Cell] {
        var cells: [Cell] = []
        for (series, windows) in data.windows.enumerated() where !missing.contains(series) {
            let frame = data.panel.series[series].frame
            for window in 0..<windows.count {
                let origin = windows.origin(window)
                for step in 0..<windows.horizon {
                    for target in 0..<data.targets {
                        cells.append(
                            Cell(
                                series: series,
                                window: window,
                                step: step,
                                target: target,
                                time: frame.timestamps[origin],
                                truth: frame.columns[target][origin + step],
                                forecast: frame.columns[target][origin - seasonLength + step % seasonLength]
                            )
                        )
                    }
                }
            }
        }
        return cells
    }

    private func trained(_ series: Int, _ target: Int) -> [Double] {
        Array(data.panel.series[series].frame.columns[target][data.train[series]])
    }

    func deviation(_ series: Int, _ target: Int) -> Double {
        let values = trained(series, target)
        let mean = values.reduce(0, +) / Double(values.count)
        return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
    }

    private func naiveError(_ series: Int, _ target: Int) -> Double {
        let values = trained(series, target)
        let errors = (season..<values.count).map { abs(values[$0] - values[$0 - season]) }
        return errors.reduce(0, +) / Double(errors.count)
    }

    private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

    func metrics(_ cells: [Cell], scaled: Bool) -> ForecastMetrics {
        let spread: [[Double]] = data.panel.series.indices.map { series in
            (0..<data.targets).map { scaled ? deviation(series, $0) : 1 }
        }
        let errors = cells.map { $0.error / spread[$0.series][$0.target] }
        let mse = mean(errors.map { $0 * $0 })
        let mases = Set(cells.map(\.series)).map { series in
            mean(
                (0..<data.targets).map { target in
                    mean(cells.filter { $0.series == series && $0.target == target }.map(\.error))
                        / naiveError(series, target)
                }
            )
        }
        let r2 = (0..<data.targets).map { target -> Double in
            var (residual, total) = (0.0, 0.0)
            for series in data.panel.series.indices {
                let own = cells.filter { $0.series == series && $0.target == target }
                let unit = spread[series][target]
                let center = mean(own.map(\.truth))
                for cell in own {
                    residual += (cell.error / unit) * (cell.error / unit)
                    total += ((cell.truth - center) / unit) * ((cell.truth - center) / unit)
                }
            }
            return 1 - residual / total
        }
        return ForecastMetrics(
            mae: mean(errors),
            mse: mse,
            rmse: mse.squareRoot(),
            r2: mean(r2),
            mase: mean(mases),
            mape: 100 * mean(cells.map { $0.error / abs($0.truth) }),
            smape: 100 * mean(cells.map { 2 * $0.error / (abs($0.truth) + abs($0.forecast)) })
        )
    }

    func maeByStep(_ cells: [Cell]) -> [Double] {
        (0..<ScoredPanel.horizon).map { step in
            mean(cells.filter { $0.step == step }.map { $0.error / deviation($0.series, $0.target) })
        }
    }

    /// By series and window: the mean absolute error.
    private func losses(_ cells: [Cell]) -> [[Int]: Double] {
        Dictionary(grouping: cells) { [$0.series, $0.window] }.mapValues { mean($0.map(\.error)) }
    }

    func windowsWon(_ ours: [Cell], _ theirs: [Cell]) -> Int {
        let (left, right) = (losses(ours), losses(theirs))
        return right.keys.count { left[$0, default: .nan] < right[$0, default: .nan] }
    }

    /// On the mean difference at each time that windows begin, by the series that both know.
    func dieboldMariano(_ ours: [Cell], _ theirs: [Cell]) -> DieboldMariano? {
        let (left, right) = (losses(ours), losses(theirs))
        var byTime: [Int64: [Double]] = [:]
        for (key, loss) in right {
            let frame = data.panel.series[key[0]].frame
            byTime[frame.timestamps[data.windows[key[0]].origin(key[1])], default: []]
                .append(left[key, default: .nan] - loss)
        }
        let times = byTime.keys.sorted()
        let reach = times.map { time in
            times.count { $0 >= time && $0 < time + 3_600 * Int64(ScoredPanel.horizon) }
        }
        return DieboldMariano(differences: times.map { mean(byTime[$0] ?? []) }, horizon: reach.max() ?? 1)
    }
}

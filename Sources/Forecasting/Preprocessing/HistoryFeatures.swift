// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Channels that are made of the targets' past, for models that see more than the targets.
package struct HistoryFeatures: Hashable, Codable, Sendable {
    /// A statistic of the last rows.
    package struct Rolling: Hashable, Codable, Sendable {
        /// The statistics.
        package enum Function: String, Codable, Sendable, CaseIterable {
            case mean = "Mean"
            /// With divisor `window - 1`.
            case std = "Std"
            case min = "Min"
            case max = "Max"
        }

        let function: Function
        /// How many rows it is taken over, the present one included, at least 2.
        let window: Int

        /// A statistic of `window` rows.
        package init(function: Function, window: Int) {
            self.function = function
            self.window = window
        }
    }

    /// By how many rows channels lag behind, each at least 1.
    let lags: [Int]
    /// Statistics of the last rows.
    let rolling: [Rolling]

    /// Lags and statistics, of which each target gets its own channels.
    package init(lags: [Int] = [], rolling: [Rolling] = []) {
        self.lags = lags
        self.rolling = rolling
    }

    /// How many channels each target gets.
    package var countByTarget: Int { lags.count + rolling.count }

    /// How many rows at the beginning have no features.
    var warmUp: Int { max(lags.max() ?? 0, (rolling.map(\.window).max() ?? 1) - 1) }

    /// Throws unless the numbers, which come from a file, can be worked with.
    func validate() throws(ForecastingError) {
        let lengths = 1...WindowShape.largestLength
        guard lags.allSatisfy(lengths.contains), countByTarget <= 1_000,
            rolling.allSatisfy({ lengths.contains($0.window) && $0.window >= 2 })
        else { throw .invalidModel(reason: "lags \(lags) or windows \(rolling.map(\.window)) are out of range") }
    }

    /// A target's channels, for all rows but the first `warmUp`, which must be there.
    func channels(of values: [Double]) -> [ArraySlice<Double>] {
        let warmUp = warmUp
        let lagging = lags.map { values[(warmUp - $0)..<(values.count - $0)] }
        return lagging + rolling.map { $0.results(values).dropFirst(warmUp - $0.window + 1) }
    }
}

extension HistoryFeatures.Rolling {
    /// From the row on that has as many rows before it.
    fileprivate func results(_ values: [Double]) -> [Double] {
        switch function {
        case .mean: TrailingWindow.means(values, window)
        case .std: TrailingWindow.deviations(values, window)
        case .min: TrailingWindow.minima(values, window)
        case .max: TrailingWindow.maxima(values, window)
        }
    }
}

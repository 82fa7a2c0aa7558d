// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Where the quantiles of a forecast lie: at a fixed distance from it for each step, target and quantile.
///
/// A value; made by `ConformalFit`, kept with the model.
package struct ForecastIntervals: Hashable, Sendable {
    /// The name of the tensor that holds the distances.
    static let tensorName = "intervals.offsets"
    /// The name of the tensor that tells of each of several series how many forecasts its distances were measured on.
    static let windowsName = "intervals.windows"

    /// The levels and their quantiles.
    package let levels: IntervalLevels
    /// How many forecasts the distances were measured on.
    package let windows: Int
    /// [horizon x targets x quantiles], row-major, in original units: what is added to a forecast.
    let offsets: [Double]

    /// Distances that were measured.
    init(levels: IntervalLevels, windows: Int, offsets: [Double]) {
        self.levels = levels
        self.windows = windows
        self.offsets = offsets
    }

    /// The probabilities of the quantiles, ascending.
    package var quantiles: [Double] { levels.quantiles }

    /// One quantile of forecasts.
    ///
    /// - Parameters:
    ///   - quantile: Its position in `quantiles`.
    ///   - forecasts: [batch x horizon x targets], row-major, in original units.
    /// - Returns: As many numbers in the same order.
    package func quantile(_ quantile: Int, of forecasts: [Double]) -> [Double] {
        let (cells, width) = (offsets.count / levels.quantiles.count, levels.quantiles.count)
        return forecasts.indices.map { forecasts[$0] + offsets[$0 % cells * width + quantile] }
    }

    /// By level, ascending, whether the interval around a forecast holds a true value.
    ///
    /// - Parameter cell: The step times the number of targets plus the target, both from 0.
    package func holds(_ truth: Double, forecast: Double, cell: Int) -> [Bool] {
        let place = cell * quantiles.count
        return levels.percents.indices.map { level in
            let (lower, upper) = levels.bounds(level)
            return forecast + offsets[place + lower] <= truth && truth <= forecast + offsets[place + upper]
        }
    }

    /// Throws unless the distances fit what a model forecasts.
    func validate(horizon: Int, targets: Int) throws(ForecastingError) {
        guard offsets.count == horizon * targets * levels.quantiles.count, offsets.allSatisfy(\.isFinite) else {
            throw .invalidModel(
                reason: "intervals of \(offsets.count) numbers for \(horizon) steps of \(targets) target(s)"
            )
        }
    }
}

// MARK: In an artifact

extension ForecastIntervals {
    /// The distances as a tensor beside the weights.
    func tensor(of shape: WindowShape) -> NamedTensor {
        NamedTensor(
            name: Self.tensorName,
            shape: [shape.horizon, shape.targets, levels.quantiles.count],
            values: .float64(offsets)
        )
    }

    /// What a manifest and the tensors beside it say.
    /// - Throws: `ForecastingError.invalidModel`.
    init(
        _ stored: ArtifactManifest.Intervals,
        tensors: [NamedTensor],
        shape: WindowShape
    ) throws(ForecastingError) {
        levels = try IntervalLevels(stored.levels)
        windows = stored.windows
        let wanted = [shape.horizon, shape.targets, levels.quantiles.count]
        guard let tensor = tensors.first(where: { $0.name == Self.tensorName }), tensor.shape == wanted,
            case .float64(let values) = tensor.values
        else { throw .invalidModel(reason: "tensor '\(Self.tensorName)' is missing, or not F64 of \(wanted)") }
        offsets = values
    }
}

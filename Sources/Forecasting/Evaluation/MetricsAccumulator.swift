// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Tensor

/// Adds up the errors of forecasts batch by batch; holds a few numbers a step and target, never the forecasts.
///
/// Errors are kept in original units. Those in scaled units follow exactly: a target's error divided by its deviation.
package struct MetricsAccumulator: Sendable {
    private let horizon: Int
    private let targets: Int
    /// The number of windows so far.
    package private(set) var windows = 0
    /// [horizon x targets].
    private var absoluteErrors: [Double]
    /// [horizon x targets].
    private var squaredErrors: [Double]
    /// By target: mean and sum of squared deviations of the true values, merged batch by batch.
    private var truthMeans: [Double]
    private(set) var truthDeviations: [Double]
    /// Sum of |error / true value|; nil once a true value was zero.
    private(set) var relativeErrors: Double? = 0
    /// Sum of 2 |error| / (|true value| + |forecast|).
    private(set) var symmetricErrors = 0.0

    /// By target: a value and a forecast that are together no larger count as zero.
    private let negligible: [Double]

    /// An accumulator for forecasts of [horizon x targets].
    ///
    /// - Parameter negligible: By target, what rounding leaves of a forecast of zero; sMAPE would take it for the largest
    ///   error that there is.
    package init(horizon: Int, targets: Int, negligible: [Double]? = nil) {
        self.horizon = horizon
        self.targets = targets
        self.negligible = negligible ?? [Double](repeating: 0, count: targets)
        absoluteErrors = [Double](repeating: 0, count: horizon * targets)
        squaredErrors = absoluteErrors
        truthMeans = [Double](repeating: 0, count: targets)
        truthDeviations = truthMeans
    }

    /// Adds a batch: forecasts and true values, both [batch x horizon x targets] in original units.
    package mutating func add(forecasts: [Double], truth: [Double], batch: Int) {
        let width = horizon * targets
        precondition(
            forecasts.count == batch * width && truth.count == batch * width,
            "MetricsAccumulator: \(forecasts.count) forecasts and \(truth.count) values for a batch of \(batch) x \(width)"
        )
        guard batch > 0 else { return }
        addTruth(truth, batch: batch)
        addRelative(forecasts, truth)
        var errors = forecasts
        errors.withUnsafeMutableBufferPointer { errors in
            truth.withUnsafeBufferPointer { truth in
                BLAS.add(
                    -1,
                    times: VectorView(truth, count: truth.count),
                    to: MutableVectorView(errors, count: truth.count)
                )
            }
            for cell in 0..<width {
                let column = VectorView(errors, offset: cell, count: batch, stride: width)
                absoluteErrors[cell] += BLAS.absoluteSum(column)
                squaredErrors[cell] += BLAS.dot(column, column)
            }
        }
        windows += batch
    }

    private mutating func addRelative(_ forecasts: [Double], _ truth: [Double]) {
        var relative = 0.0
        var hasZero = false
        forecasts.withUnsafeBufferPointer { forecasts in
            truth.withUnsafeBufferPointer { truth in
                for cell in 0..<truth.count {
                    let error = abs(forecasts[cell] - truth[cell])
                    let size = abs(truth[cell]) + abs(forecasts[cell])
                    if truth[cell] == 0 { hasZero = true } else { relative += error / abs(truth[cell]) }
                    if size > negligible[cell % targets] { symmetricErrors += 2 * error / size }
                }
            }
        }
        relativeErrors = hasZero ? nil : relativeErrors.map { $0 + relative }
    }

    private mutating func addTruth(_ truth: [Double], batch: Int) {
        let added = batch * horizon
        let before = Double(windows * horizon)
        let total = before + Double(added)
        var centred = [Double](repeating: 0, count: added)
        truth.withUnsafeBufferPointer { truth in
            centred.withUnsafeMutableBufferPointer { centred in
                for target in 0..<targets {
                    let column = VectorView(truth, offset: target, count: added, stride: targets)
                    // The first value stands in for the mean: the sums below stay small where values are large.
                    centred.update(repeating: -truth[target])
                    BLAS.add(1, times: column, to: MutableVectorView(centred, count: added))
                    let values = VectorView(centred, count: added)
                    let offset = centred.reduce(0, +) / Double(added)
                    let mean = truth[target] + offset
                    let deviation = max(0, BLAS.dot(values, values) - offset * offset * Double(added))
                    let difference = mean - truthMeans[target]
                    truthMeans[target] += difference * Double(added) / total
                    truthDeviations[target] += deviation + difference * difference * before * Double(added) / total
                }
            }
        }
    }

    /// The metrics in units where a target's values are divided by its number in `deviations` (1: original units).
    ///
    /// - Parameter naiveErrors: By target, the in-sample seasonal naive error in original units, for MASE.
    /// - Precondition: At least one window was added.
    package func metrics(deviations: [Double], naiveErrors: [Double]) -> ForecastMetrics {
        var pool = ErrorPool(horizon: horizon, targets: targets)
        pool.add(self, deviations: deviations, naiveErrors: naiveErrors)
        return pool.metrics
    }

    /// The sum of a target's absolute errors.
    func absoluteError(_ target: Int) -> Double { total(absoluteErrors, target) }

    /// The sum of a target's squared errors.
    func squaredError(_ target: Int) -> Double { total(squaredErrors, target) }

    /// The sum of the absolute errors of a step, each divided by its target's number in `deviations`.
    func absoluteError(step: Int, deviations: [Double]) -> Double {
        (0..<targets).reduce(0) { $0 + absoluteErrors[step * targets + $1] / deviations[$1] }
    }

    private func total(_ cells: [Double], _ target: Int) -> Double {
        stride(from: target, to: cells.count, by: targets).reduce(0) { $0 + cells[$1] }
    }
}

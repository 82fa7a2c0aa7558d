// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Tensor

/// Sums of products, over all windows of stride 1, of what is known of a window's target rows: with each other, with the
/// window, and with the targets. What least squares needs beside `WindowMoments`.
///
/// Step h of window t is row t + lookback + h, of the series and of each channel. As there, a sum one row further follows
/// from the one before by a product that leaves and one that enters.
struct FutureMoments {
    /// [horizon x channels, lookback]: row h * channels + c has the sums of f[c] at step h times each row of the window.
    private(set) var withWindow: Matrix<Double>
    /// [horizon x channels]: f[c] times the target, at step h.
    private(set) var withTarget: [Double]
    /// [horizon x channels x channels]: f[c] times f[d], at step h.
    private(set) var squares: [Double]
    /// [horizon x channels]: the sums of f[c] at step h.
    private(set) var sums: [Double]
    let lookback: Int
    let horizon: Int
    let channels: Int

    /// Moments of no window yet.
    init(channels: Int, lookback: Int, horizon: Int) {
        (self.lookback, self.horizon, self.channels) = (lookback, horizon, channels)
        withWindow = Matrix(rows: horizon * channels, columns: lookback)
        withTarget = [Double](repeating: 0, count: horizon * channels)
        squares = [Double](repeating: 0, count: horizon * channels * channels)
        sums = withTarget
    }

    /// Adds all windows of a series, whose rows are those of the channels.
    mutating func add(_ series: [Double], _ future: [[Double]]) {
        let windows = series.count - lookback - horizon + 1
        precondition(
            windows >= 1 && future.count == channels && future.allSatisfy { $0.count == series.count },
            "FutureMoments: \(series.count) values with \(future.count) channels"
        )
        let ones = [Double](repeating: 1, count: series.count)
        for (channel, values) in future.enumerated() {
            addWindow(series, values, channel, windows)
            for (step, sum) in byStep(series, values, windows).enumerated() {
                withTarget[step * channels + channel] += sum
            }
            for (step, sum) in byStep(ones, values, windows).enumerated() { sums[step * channels + channel] += sum }
            for other in channel..<channels {
                for (step, sum) in byStep(future[other], values, windows).enumerated() {
                    squares[(step * channels + channel) * channels + other] += sum
                    if other > channel { squares[(step * channels + other) * channels + channel] += sum }
                }
            }
        }
    }

    /// By step, the sums of x[t + lookback + h] * f[t + lookback + h] over windows t.
    private func byStep(_ x: [Double], _ f: [Double], _ windows: Int) -> [Double] {
        var sum = x.withUnsafeBufferPointer { x in
            f.withUnsafeBufferPointer { f in
                BLAS.dot(
                    VectorView(x, offset: lookback, count: windows),
                    VectorView(f, offset: lookback, count: windows)
                )
            }
        }
        return (0..<horizon).map { step in
            defer {
                let (leaving, entering) = (lookback + step, lookback + step + windows)
                if entering < x.count { sum += x[entering] * f[entering] - x[leaving] * f[leaving] }
            }
            return sum
        }
    }

    /// Adds the sums of x[t + i] * f[t + lookback + h]; those of (i + 1, h + 1) follow from those of (i, h).
    private mutating func addWindow(_ x: [Double], _ f: [Double], _ channel: Int, _ windows: Int) {
        let (lookback, horizon, channels) = (lookback, horizon, channels)
        withWindow.withMutableView { view in
            let cells = view.buffer
            x.withUnsafeBufferPointer { x in
                f.withUnsafeBufferPointer { f in
                    // Each diagonal begins in the first row of the window or at the first step.
                    for start in (1 - horizon)..<lookback {
                        var (row, step) = (max(0, start), max(0, -start))
                        var sum = BLAS.dot(
                            VectorView(x, offset: row, count: windows),
                            VectorView(f, offset: lookback + step, count: windows)
                        )
                        while true {
                            cells[(step * channels + channel) * lookback + row] += sum
                            guard row + 1 < lookback, step + 1 < horizon else { break }
                            let ahead = lookback + step
                            sum += x[windows + row] * f[windows + ahead] - x[row] * f[ahead]
                            row += 1
                            step += 1
                        }
                    }
                }
            }
        }
    }

    /// The moments of the same windows and targets less each window's last seen value.
    func relativeToLast() -> FutureMoments {
        var result = self
        for row in withTarget.indices {
            let last = withWindow[row, lookback - 1]
            result.withTarget[row] -= last
            for column in 0..<lookback { result.withWindow[row, column] -= last }
        }
        return result
    }

    /// The moments less those of the means, where a window's rows and targets have the given sums.
    func centered(_ base: WindowMoments) -> FutureMoments {
        var result = self
        let count = Double(base.count)
        for step in 0..<horizon {
            for channel in 0..<channels {
                let row = step * channels + channel
                let mean = sums[row] / count
                result.withTarget[row] -= mean * base.sums[lookback + step]
                for column in 0..<lookback { result.withWindow[row, column] -= mean * base.sums[column] }
                for other in 0..<channels {
                    result.squares[row * channels + other] -= mean * sums[step * channels + other]
                }
            }
        }
        return result
    }
}

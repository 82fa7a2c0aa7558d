// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Tensor

/// Sums of products over all windows of stride 1 of some series: what least squares needs, without the windows.
///
/// With n windows of width w, `products[i, j]` = sum over windows t of x[t+i] * x[t+j]. Windows overlap (their matrix is a
/// Hankel matrix), so row i + 1 follows from row i: products[i+1, j+1] = products[i, j] - x[i] x[j] + x[n+i] x[n+j].
/// That takes O(n w + lookback w) operations a series where the matrix product takes O(n w lookback).
struct WindowMoments {
    /// [lookback x (lookback + horizon)]: window rows by window rows and target rows.
    private(set) var products: Matrix<Double>
    /// The sum of x[t+i] over windows, by i in 0..<(lookback + horizon).
    private(set) var sums: [Double]
    /// The number of windows.
    private(set) var count = 0
    /// How many of a window's rows the model sees.
    let lookback: Int

    /// Moments of no window yet.
    init(lookback: Int, horizon: Int) {
        self.lookback = lookback
        products = Matrix(rows: lookback, columns: lookback + horizon)
        sums = [Double](repeating: 0, count: lookback + horizon)
    }

    /// Adds all windows of a series that has at least one.
    mutating func add(_ series: [Double]) {
        let width = sums.count
        let windows = series.count - width + 1
        precondition(windows >= 1, "WindowMoments: \(series.count) values hold no window of \(width)")
        count += windows
        addSums(series, windows)
        let added = Self.products(of: series, windows: windows, lookback: lookback, width: width)
        products.withMutableView { total in
            added.withView { added in
                for row in 0..<lookback { BLAS.add(1, times: added.row(row), to: total.row(row)) }
            }
        }
    }

    private mutating func addSums(_ series: [Double], _ windows: Int) {
        var sum = series[0..<windows].reduce(0, +)
        for index in sums.indices {
            sums[index] += sum
            if index + 1 < sums.count { sum += series[windows + index] - series[index] }
        }
    }

    private static func products(of series: [Double], windows: Int, lookback: Int, width: Int) -> Matrix<Double> {
        var result = Matrix<Double>(rows: lookback, columns: width)
        result.withMutableView { view in
            let cells = view.buffer
            series.withUnsafeBufferPointer { series in
                let first = VectorView(series, count: windows)
                for column in 0..<width {
                    cells[column] = BLAS.dot(first, VectorView(series, offset: column, count: windows))
                }
                for row in 1..<max(1, lookback) {
                    // The elements from the diagonal on; the recurrence moves them one down and one right.
                    let count = width - row
                    let above = VectorView(cells, offset: (row - 1) * width + row - 1, count: count)
                    let target = MutableVectorView(cells, offset: row * width + row, count: count)
                    let left = VectorView(series, offset: row - 1, count: count)
                    let entering = VectorView(series, offset: windows + row - 1, count: count)
                    BLAS.copy(above, to: target)
                    BLAS.add(-series[row - 1], times: left, to: target)
                    BLAS.add(series[windows + row - 1], times: entering, to: target)
                }
            }
            LinearAlgebra.mirrorUpperTriangle(view)
        }
        return result
    }

    /// The moments of the same windows less each window's last seen value x[t + lookback - 1].
    func relativeToLast() -> WindowMoments {
        var result = self
        let width = sums.count
        let lookback = lookback
        let last = lookback - 1
        let ones = [Double](repeating: 1, count: width)
        products.withView { source in
            ones.withUnsafeBufferPointer { ones in
                let lastRow = source.row(last)
                let square = source.buffer[last * width + last]
                result.products.withMutableView { target in
                    for row in 0..<lookback {
                        BLAS.add(-1, times: lastRow, to: target.row(row))
                        let constant = square - source.buffer[row * width + last]
                        BLAS.add(constant, times: VectorView(ones, count: width), to: target.row(row))
                    }
                }
            }
        }
        result.sums = sums.map { $0 - sums[last] }
        return result
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What a column's values come to, bin by bin, while they come in pieces.
struct BinColumn: Sendable {
    /// By bin. That of the last one may change as long as rows come.
    private(set) var values: [Double] = []
    private let method: Resampling.Method
    private var last: Bin

    init(_ method: Resampling.Method) {
        self.method = method
        last = Bin(method)
    }

    /// Adds values, of which those from `starts[0]` on lie in the last bin so far, and those from `starts[1]` on in the next
    /// one; behind these is the number of values.
    mutating func add(_ column: [Double], _ starts: [Int]) {
        let method = method
        var bin = last
        let made = column.withUnsafeBufferPointer { column in
            [Double](long: starts.count - 1) { made in
                for index in made.indices {
                    if index > 0 { bin = Bin(method) }
                    bin.add(column, starts[index]..<starts[index + 1], method)
                    made[index] = bin.value(method)
                }
            }
        }
        last = bin
        if values.isEmpty {
            values = made
        } else {
            values.removeLast()
            values += made
        }
    }
}

/// What the values of one bin come to.
private struct Bin {
    /// The sum, the extreme value or the last one.
    private var reached: Double
    /// How many values are summed up.
    private var count = 0

    init(_ method: Resampling.Method) {
        switch method {
        case .mean, .sum: reached = 0
        case .last, .min, .max: reached = .nan
        }
    }

    func value(_ method: Resampling.Method) -> Double {
        switch method {
        case .mean: count == 0 ? .nan : reached / Double(count)
        case .sum: count == 0 ? .nan : reached
        case .last, .min, .max: reached
        }
    }

    mutating func add(_ values: UnsafeBufferPointer<Double>, _ rows: Range<Int>, _ method: Resampling.Method) {
        switch method {
        case .mean, .sum: sum(values, rows)
        case .last: if let row = rows.last(where: { !values[$0].isNaN }) { reached = values[row] }
        case .min: take(values, rows, <)
        case .max: take(values, rows, >)
        }
    }

    private mutating func sum(_ values: UnsafeBufferPointer<Double>, _ rows: Range<Int>) {
        var (sum, count) = (reached, count)
        for row in rows where !values[row].isNaN {
            sum += values[row]
            count += 1
        }
        (reached, self.count) = (sum, count)
    }

    private mutating func take(
        _ values: UnsafeBufferPointer<Double>,
        _ rows: Range<Int>,
        _ isBetter: (Double, Double) -> Bool
    ) {
        var best = reached
        for row in rows where best.isNaN || isBetter(values[row], best) { best = values[row] }
        reached = best
    }
}

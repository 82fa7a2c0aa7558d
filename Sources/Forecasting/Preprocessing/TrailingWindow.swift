// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Statistics of each run of `length` values in a row, first to last: `values.count - length + 1` of them.
///
/// Runs of 2, 4, 8 ... values are joined from halves, and the asked length from those, so the time is O(n log length).
/// Each result follows from its own values in one order, wherever the values begin: a running sum, which is cheaper, would
/// carry rounding errors from row to row, and serving could not repeat it.
enum TrailingWindow {
    static func means(_ values: [Double], _ length: Int) -> [Double] {
        joined(values, length, +).map { $0 / Double(length) }
    }

    static func minima(_ values: [Double], _ length: Int) -> [Double] { joined(values, length) { min($0, $1) } }

    static func maxima(_ values: [Double], _ length: Int) -> [Double] { joined(values, length) { max($0, $1) } }

    /// With divisor `length - 1`, as pandas has it; `length` is at least 2.
    static func deviations(_ values: [Double], _ length: Int) -> [Double] {
        // Means and sums of squared deviations of two parts are joined as T. F. Chan, G. H. Golub and R. J. LeVeque do,
        // "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances", 1979.
        let runs = joined(values.map { Moments(count: 1, mean: $0, squares: 0) }, length) { left, right in
            let count = left.count + right.count
            let difference = right.mean - left.mean
            let share = right.count / count
            return Moments(
                count: count,
                mean: left.mean + difference * share,
                squares: left.squares + right.squares + difference * difference * left.count * share
            )
        }
        return runs.map { ($0.squares / Double(length - 1)).squareRoot() }
    }

    private struct Moments {
        var count: Double
        var mean: Double
        var squares: Double
    }

    private static func joined<Value>(_ values: [Value], _ length: Int, _ join: (Value, Value) -> Value) -> [Value] {
        precondition(length >= 1, "TrailingWindow: a length of \(length)")
        let count = values.count - length + 1
        guard count > 0 else { return [] }
        // blocks[i] stands for `width` values from i on, result[i] for `covered` of them.
        var (blocks, width) = (values, 1)
        var (result, covered): ([Value], Int) = ([], 0)
        while true {
            if length & width != 0 {
                if covered == 0 {
                    result = Array(blocks[..<count])
                } else {
                    for index in 0..<count { result[index] = join(result[index], blocks[index + covered]) }
                }
                covered += width
            }
            guard covered < length else { return result }
            for index in 0..<(blocks.count - width) { blocks[index] = join(blocks[index], blocks[index + width]) }
            blocks.removeLast(width)
            width *= 2
        }
    }
}

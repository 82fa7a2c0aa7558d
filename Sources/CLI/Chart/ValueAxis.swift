// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A vertical axis with round numbers.
struct ValueAxis: Equatable {
    /// The values at the marks, rising in even steps of 1, 2 or 5 times a power of ten; they enclose the data.
    let marks: [Double]
    private let step: Double

    /// Lays marks around a range of values, about as many as wanted.
    init(_ range: ClosedRange<Double>, marks wanted: Int) {
        let span = max(range.upperBound - range.lowerBound, .leastNormalMagnitude)
        let rough = span / Double(max(1, wanted - 1))
        let power = pow(10, floor(log10(rough)))
        let factor = [1.0, 2, 5, 10].first { $0 * power >= rough * 0.999 } ?? 10
        step = factor * power
        let first = (range.lowerBound / step).rounded(.down)
        let last = (range.upperBound / step).rounded(.up)
        guard step.isNormal, first.isFinite, last - first < 1000 else {
            marks = [range.lowerBound, range.upperBound]
            return
        }
        let step = step
        marks = (0...Int(last - first)).map { (first + Double($0)) * step }
    }

    /// The least marked value.
    var lower: Double { marks.first ?? 0 }
    /// The greatest marked value.
    var upper: Double { marks.last ?? 1 }

    /// Where a value lies between the lowest mark (0) and the highest (1).
    func position(_ value: Double) -> Double {
        upper > lower ? (value - lower) / (upper - lower) : 0.5
    }

    /// The text of a mark, with as many decimals as the step needs and thousands set apart.
    func label(_ value: Double) -> String {
        guard abs(value) < 1e9, step > 1e-6 else { return String(format: "%.3g", value) }
        let decimals = max(0, Int(-floor(log10(step) + 1e-9)))
        let text = String(format: "%.\(decimals)f", value == 0 ? 0 : value)
        let isNegative = text.hasPrefix("-")
        let parts = (isNegative ? text.dropFirst() : Substring(text)).split(separator: ".")
        let grouped = Grouped.text(Int(parts.first ?? "0") ?? 0)
        return (isNegative ? "-" : "") + grouped + (parts.count > 1 ? ".\(parts[1])" : "")
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Shifts and scales columns; fitted on the train rows only, and stored with the model.
package struct Scaler: Hashable, Codable, Sendable {
    /// The ways to scale.
    package enum Kind: String, Codable, Sendable, CaseIterable {
        /// Values as they are.
        case none = "None"
        /// Zero mean and unit population standard deviation (divisor n) over the train rows.
        case standard = "Standard"
        /// The train rows' smallest value becomes 0, their largest 1.
        case minMax = "MinMax"
        /// Zero median and unit distance from the first quartile to the third over the train rows.
        case robust = "Robust"
        /// The train rows' largest absolute value becomes 1; zero stays.
        case maxAbs = "MaxAbs"
    }

    /// The way of scaling.
    package let kind: Kind
    /// What is subtracted, by column.
    package let centers: [Double]
    /// What is divided by after that, by column; never zero.
    package let scales: [Double]

    /// The first schema of manifests knew means and deviations alone.
    private enum CodingKeys: String, CodingKey {
        case kind
        case centers = "means"
        case scales = "deviations"
    }

    /// Fits on a range of rows.
    ///
    /// A constant column gets the scale 1.
    package init(kind: Kind, fitting frame: TimeSeriesFrame, rows: Range<Int>) {
        self.init(kind: kind, fitting: frame.columns.map { $0[rows] })
    }

    /// The numbers of a scaler that was fitted.
    init(kind: Kind, centers: [Double], scales: [Double]) {
        self.kind = kind
        self.centers = centers
        self.scales = scales
    }

    /// Fits on columns that have values, none of them missing.
    init(kind: Kind, fitting columns: [ArraySlice<Double>]) {
        precondition(columns.allSatisfy { !$0.isEmpty }, "Scaler: no rows to fit on")
        self.kind = kind
        let fitted = columns.map { Self.fitted(kind, $0) }
        centers = fitted.map(\.center)
        scales = fitted.map(\.scale)
    }

    private static func fitted(_ kind: Kind, _ values: ArraySlice<Double>) -> (center: Double, scale: Double) {
        switch kind {
        case .none:
            return (0, 1)
        case .standard:
            let count = Double(values.count)
            let mean = sum(values, of: { $0 }) / count
            let deviation = (sum(values, of: { ($0 - mean) * ($0 - mean) }) / count).squareRoot()
            // Below this, the spread is the rounding error of a constant's mean.
            return (mean, deviation > 1e-12 * abs(mean) ? usable(deviation) : 1)
        case .minMax:
            let least = values.reduce(.infinity, min)
            return (least, usable(values.reduce(-.infinity, max) - least))
        case .robust:
            let sorted = SortedValues(values)
            return (sorted.median, usable(sorted.quantile(0.75) - sorted.quantile(0.25)))
        case .maxAbs:
            return (0, usable(values.reduce(0) { max($0, abs($1)) }))
        }
    }

    /// In eight sums side by side, since one would wait for each addition before the next.
    private static func sum(_ values: ArraySlice<Double>, of term: (Double) -> Double) -> Double {
        values.withUnsafeBufferPointer { values in
            var sums = SIMD8<Double>.zero
            let whole = values.count / 8 * 8
            for first in stride(from: 0, to: whole, by: 8) {
                for lane in 0..<8 { sums[lane] += term(values[first + lane]) }
            }
            return values[whole...].reduce(sums.sum()) { $0 + term($1) }
        }
    }

    private static func usable(_ scale: Double) -> Double { scale.isNormal ? scale : 1 }

    /// Decodes and checks the state, since it comes from a file.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        kind = try container.decode(Kind.self, forKey: .kind)
        centers = try container.decode([Double].self, forKey: .centers)
        scales = try container.decode([Double].self, forKey: .scales)
        guard centers.count == scales.count, scales.allSatisfy({ $0 > 0 }) else {
            throw ForecastingError.invalidModel(reason: "the scaler's centers and scales do not fit each other")
        }
    }

    /// One column in scaled units.
    package func scaled(_ values: ArraySlice<Double>, column: Int) -> [Double] {
        let (center, scale) = (centers[column], scales[column])
        return [Double](long: values.count) { result in
            values.withUnsafeBufferPointer { values in
                for index in 0..<values.count { result[index] = (values[index] - center) / scale }
            }
        }
    }
}

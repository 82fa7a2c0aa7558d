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
    }

    /// The way of scaling.
    package let kind: Kind
    /// What is subtracted, by column.
    package let means: [Double]
    /// What is divided by after that, by column; never zero.
    package let deviations: [Double]

    /// Fits on a range of rows. A constant column gets the deviation 1.
    package init(kind: Kind, fitting frame: TimeSeriesFrame, rows: Range<Int>) {
        precondition(!rows.isEmpty, "Scaler: no rows to fit on")
        self.kind = kind
        guard kind == .standard else {
            means = frame.columns.map { _ in 0 }
            deviations = frame.columns.map { _ in 1 }
            return
        }
        let count = Double(rows.count)
        means = frame.columns.map { column in column[rows].reduce(0, +) / count }
        deviations = zip(frame.columns, means).map { column, mean in
            let variance = column[rows].reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
            let deviation = variance.squareRoot()
            // Below this, the spread is the rounding error of a constant's mean.
            return deviation > 1e-12 * abs(mean) && deviation.isNormal ? deviation : 1
        }
    }

    /// Decodes and checks the state, since it comes from a file.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        kind = try container.decode(Kind.self, forKey: .kind)
        means = try container.decode([Double].self, forKey: .means)
        deviations = try container.decode([Double].self, forKey: .deviations)
        guard means.count == deviations.count, deviations.allSatisfy({ $0 > 0 }) else {
            throw ForecastingError.invalidModel(reason: "the scaler's means and deviations do not fit each other")
        }
    }

    /// One column in scaled units.
    package func scaled(_ values: ArraySlice<Double>, column: Int) -> [Double] {
        let (mean, deviation) = (means[column], deviations[column])
        return values.map { ($0 - mean) / deviation }
    }
}

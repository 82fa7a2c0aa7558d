// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// Numbers in ascending order, for quantiles.
struct SortedValues {
    private let values: [Double]

    /// Sorts; there must be some, and none may be NaN.
    init(_ values: some Sequence<Double>) {
        self.values = values.sorted()
        precondition(!self.values.isEmpty, "SortedValues: no values")
    }

    /// The value below which a share of the values lies, with straight lines between neighbours: type 7 of R. J. Hyndman
    /// and Y. Fan, "Sample Quantiles in Statistical Packages", 1996, which numpy has as its default.
    func quantile(_ share: Double) -> Double {
        let position = share * Double(values.count - 1)
        let below = Int(position.rounded(.down))
        let above = min(below + 1, values.count - 1)
        return values[below] + (values[above] - values[below]) * (position - Double(below))
    }

    var median: Double { quantile(0.5) }
}

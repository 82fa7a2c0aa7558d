// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What to do about missing rows and missing values.
package enum MissingPolicy: String, Codable, Sendable, CaseIterable {
    /// Report the first one as an error.
    case fail = "Fail"
    /// Repeat the last value before.
    case forwardFill = "ForwardFill"
    /// Draw a straight line, by steps of the grid, between the values on both sides; repeat the last value at the end,
    /// where there is no other side.
    case interpolate = "Interpolate"
    /// The mean of the column's train rows.
    case mean = "Mean"
    /// The mean of the column's train rows at the same place in the season.
    case seasonal = "Seasonal"

    /// Whether a gap before a column's first value can be filled.
    var fillsFromTheFirstRow: Bool { self == .mean || self == .seasonal }
}

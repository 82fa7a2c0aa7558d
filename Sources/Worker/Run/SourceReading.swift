// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// Reads the source of a request's specification, whatever it is.
struct SourceReading: Sendable {
    let context: StepContext
    /// Which times are read; nil for all.
    let window: RunWindow?

    /// The columns of the series and, where `series.groupBy` names columns, which series each row is of, as the source gives
    /// them.
    func rows() async throws -> SeriesRows {
        if let rows = try await FileReading(context: context, window: window).rows() { return rows }
        return try await DatabaseReading(context: context, window: window).rows()
    }
}

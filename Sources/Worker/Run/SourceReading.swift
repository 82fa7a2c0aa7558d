// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Forecasting

/// Reads the source of a request's specification, whatever it is.
struct SourceReading: Sendable {
    let context: StepContext
    /// Which times are read; nil for all.
    let window: RunWindow?

    /// The columns of the series, as the source gives them.
    func frame() async throws -> TimeSeriesFrame {
        if let frame = try await FileReading(context: context, window: window).frame() { return frame }
        return try await DatabaseReading(context: context, window: window).frame()
    }
}

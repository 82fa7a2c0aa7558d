// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// On which windows of the test part a model is scored. A window is one forecast of `model.horizon` steps.
package struct BacktestSpec: Codable, Sendable, Equatable {
    /// How many windows, 1 to 1000; the last one ends with the last row. By default all that the test part holds.
    package var windows: Int?
    /// Steps from window to window, 1 to 100,000. Default 1.
    package var strideSteps: Int?
    /// Which rows the model has been fitted on when it forecasts a window. Default `Fixed`.
    package var mode: Mode?

    /// Which rows the model has been fitted on when it forecasts a window.
    package enum Mode: String, Codable, Sendable, CaseIterable {
        /// The training rows, for all windows: the very model that is promoted.
        case fixed = "Fixed"
        /// All rows before the window, anew for each window.
        case expanding = "Expanding"
        /// As many rows before the window as there are training rows, anew for each window.
        case sliding = "Sliding"
    }

    /// Makes a backtest.
    package init(windows: Int? = nil, strideSteps: Int? = nil, mode: Mode? = nil) {
        self.windows = windows
        self.strideSteps = strideSteps
        self.mode = mode
    }

    func withDefaults() -> Self {
        BacktestSpec(windows: windows, strideSteps: strideSteps ?? 1, mode: mode ?? .fixed)
    }

    func check(_ check: inout SpecCheck) {
        check.range("spec.backtest.windows", windows, 1...1_000)
        check.range("spec.backtest.strideSteps", strideSteps, 1...100_000)
        if windows == nil, let mode, mode != .fixed {
            let text = "must be set with mode \(mode.rawValue), which fits the model anew for each window"
            check.add("spec.backtest.windows", text)
        }
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What the models of a panel are fitted on. Preprocessing is always that of each series.
package enum PanelScope: String, Codable, Sendable, CaseIterable {
    /// One model on the windows of all series.
    case global = "Global"
    /// A model for each series, on its own windows.
    case local = "Local"
}

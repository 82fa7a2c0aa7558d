// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// What a preprocessor is to do; fitting it on train rows makes a `Preprocessor`.
package struct PreprocessorSettings: Hashable, Sendable {
    /// How rows were brought onto the grid; nil where they lay on it.
    package var resample: Resampling.Method?
    /// What is done about missing values.
    package var missing = MissingPolicy.fail
    /// The season that `MissingPolicy.seasonal` fills by, in rows, at least 1.
    package var seasonLength = 1
    /// Limits for all columns; nil for none.
    package var outliers: OutlierClip.Settings?
    /// The length of the targets' trailing mean, at least 2; nil for none.
    package var movingAverage: Int?
    /// The targets' transform; nil for none.
    package var transform: PowerTransform.Kind?
    /// The targets' differences; nil for none.
    package var difference: Differencing?
    /// Channels of the targets' past; nil for none.
    package var features: HistoryFeatures?
    /// What is known of rows to come; nil for nothing.
    package var future: FutureChannels?
    /// How all channels but those of the calendar are scaled.
    package var scaler: Scaler.Kind

    /// Settings that scale, and do nothing else.
    package init(scaler: Scaler.Kind = .standard) { self.scaler = scaler }

    /// How many rows the steps look back before the first row that they give.
    package var warmUp: Int {
        (movingAverage ?? 1) - 1 + (difference?.warmUp ?? 0) + (features?.warmUp ?? 0)
    }

    /// How many channels a model sees of a history.
    package func channels(columns: Int, targets: Int) -> Int {
        columns + targets * (features?.countByTarget ?? 0) + (future?.addedToWindow ?? 0)
    }
}

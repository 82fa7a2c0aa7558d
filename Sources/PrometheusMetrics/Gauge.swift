// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A number that rises and falls.
///
/// Each change costs one atomic operation.
package final class Gauge: Metric {
    package static let prometheusType = "gauge"
    private let current = AtomicDouble()

    package init() {}

    /// The number as it stands.
    package var value: Double { current.value }

    /// Sets the number.
    package func set(_ value: Double) { current.store(value) }

    /// Adds an amount, which may be negative.
    package func add(_ amount: Double) { current.add(amount) }

    package func samples() -> [MetricSample] { [MetricSample(suffix: "", value: value)] }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A number that only grows.
///
/// Adding costs one atomic operation.
package final class Counter: Metric {
    package static let prometheusType = "counter"
    private let total = AtomicDouble()

    package init() {}

    /// The sum of everything that was added.
    package var value: Double { total.value }

    /// Adds an amount; a negative or undefined one is ignored, for a counter never falls.
    package func increment(by amount: Double = 1) {
        guard amount >= 0 else { return }
        total.add(amount)
    }

    /// Takes over a total that is counted elsewhere, for instance by the kernel.
    func follow(_ total: Double) { self.total.store(total) }

    package func samples() -> [MetricSample] { [MetricSample(suffix: "", value: value)] }
}

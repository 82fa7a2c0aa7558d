// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// One time series, or for a histogram the few that belong together.
package protocol Metric: AnyObject, Sendable {
    /// The word of the `# TYPE` line.
    static var prometheusType: String { get }
    /// The values as they stand, in the order in which they are written.
    func samples() -> [MetricSample]
}

/// One line of the text format, without the name and labels that its metric family knows.
package struct MetricSample: Sendable, Equatable {
    /// What follows the family's name, for instance `_sum`.
    package var suffix: String
    /// The upper bound of a histogram's bucket, nil elsewhere.
    package var bucket: String?
    /// The value.
    package var value: Double

    /// Makes a sample.
    package init(suffix: String, bucket: String? = nil, value: Double) {
        self.suffix = suffix
        self.bucket = bucket
        self.value = value
    }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// One series of an answer.
struct PrometheusSeries: Sendable, Equatable, CustomStringConvertible {
    /// What tells it from other series.
    var labels: [String: String] = [:]
    /// Seconds since 1970-01-01T00:00:00Z.
    var times: [Int64] = []
    /// The values at these times; NaN where there is none.
    var values: [Double] = []

    var description: String {
        let shown = labels.sorted { $0.key < $1.key }.prefix(8).map { "\($0.key)=\"\($0.value)\"" }
        return "{" + shown.joined(separator: ", ") + (labels.count > 8 ? ", …}" : "}")
    }
}

/// What a range query gave.
struct PrometheusAnswer: Sendable, Equatable {
    var series: [PrometheusSeries] = []
    /// What the server says beside it, for instance that a part of its data could not be reached.
    var warnings: [String] = []
}

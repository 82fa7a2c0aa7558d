// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// One point in InfluxDB's line protocol.
package struct LinePoint: Sendable, Equatable {
    /// A field's value.
    package enum Value: Sendable, Equatable {
        /// A floating-point number, which has to be finite.
        case double(Double)
        /// A whole number of 64 bits.
        case integer(Int64)
    }

    /// The measurement, not empty.
    package var measurement: String
    /// Tags by key; one with an empty key or value is left out, as InfluxDB would do.
    package var tags: [String: String]
    /// Fields by key, at least one.
    package var fields: [String: Value]
    /// Seconds since 1970-01-01T00:00:00Z.
    package var time: Int64

    /// Makes a point.
    package init(measurement: String, tags: [String: String], fields: [String: Value], time: Int64) {
        self.measurement = measurement
        self.tags = tags
        self.fields = fields
        self.time = time
    }
}

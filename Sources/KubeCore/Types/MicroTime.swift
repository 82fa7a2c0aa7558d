// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// A time to the microsecond, as leases and events carry it (metav1.MicroTime).
package struct MicroTime: Codable, Sendable, Hashable {
    /// The time.
    package var date: Date

    /// Makes one, rounded to the microsecond so that it is equal to itself once it comes back from the server.
    package init(_ date: Date) {
        self.date = KubeTime.parse(KubeTime.formatMicro(date)) ?? date
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let date = KubeTime.parse(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not an RFC 3339 time")
        }
        self.date = date
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(KubeTime.formatMicro(date))
    }
}

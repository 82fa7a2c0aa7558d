// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// Times as the Kubernetes API writes them: RFC 3339 in UTC, whole seconds, or microseconds where a fraction is there.
package enum KubeTime {
    private static let wholeSeconds = Date.ISO8601FormatStyle()
    private static let fractions = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    /// Formats a time to whole seconds, for instance `2026-11-21T03:00:00Z`.
    package static func format(_ date: Date) -> String { wholeSeconds.format(date) }

    /// Formats a time with six digits of fraction, as leases and events carry it.
    package static func formatMicro(_ date: Date) -> String {
        let seconds = date.timeIntervalSince1970.rounded(.down)
        let micros = min(999_999, Int(((date.timeIntervalSince1970 - seconds) * 1_000_000).rounded(.down)))
        let whole = wholeSeconds.format(Date(timeIntervalSince1970: seconds)).dropLast()
        let digits = String(micros)
        return "\(whole)." + String(repeating: "0", count: 6 - digits.count) + digits + "Z"
    }

    /// Reads a time with or without a fraction; nil when the text is none.
    package static func parse(_ text: String) -> Date? {
        if let date = try? wholeSeconds.parse(text) { return date }
        return try? fractions.parse(text)
    }
}

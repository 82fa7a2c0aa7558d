// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// How timestamps are written.
package enum TimestampFormat: Sendable, Equatable, CustomStringConvertible {
    /// ISO 8601: `2016-07-01`, then `T` or a space and `00:00` with optional seconds, fraction and offset
    /// (`Z`, `+02:00`, `+0200` or `+02`).
    case automatic
    /// Whole seconds since 1970-01-01T00:00:00Z.
    case unixSeconds
    /// Milliseconds since 1970-01-01T00:00:00Z, multiples of 1000.
    case unixMilliseconds
    /// A pattern of the directives that `TimestampPattern` lists.
    case pattern(String)

    /// Reads `Auto`, `UnixSeconds`, `UnixMilliseconds`, or a pattern, which is a text with a `%`.
    ///
    /// Throws `ConnectorError.badSpecification` for anything else and for a pattern that cannot give a date.
    package init(_ text: String) throws(ConnectorError) {
        switch text {
        case "Auto": self = .automatic
        case "UnixSeconds": self = .unixSeconds
        case "UnixMilliseconds": self = .unixMilliseconds
        default:
            guard text.contains("%") else {
                throw .badSpecification(
                    field: "timestampFormat",
                    problem: "'\(text)' is not Auto, UnixSeconds, UnixMilliseconds or a pattern like '%Y-%m-%d %H:%M'"
                )
            }
            _ = try TimestampPattern(text)
            self = .pattern(text)
        }
    }

    package var description: String {
        switch self {
        case .automatic: "Auto (ISO 8601, for instance 2016-07-01 13:00:00)"
        case .unixSeconds: "UnixSeconds"
        case .unixMilliseconds: "UnixMilliseconds"
        case .pattern(let pattern): "'\(pattern)'"
        }
    }
}

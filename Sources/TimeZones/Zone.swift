// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A time zone with its rules. `ZoneDatabase` finds one by its name.
package struct Zone: Sendable, Hashable, CustomStringConvertible {
    /// As it was written: `Europe/Kiev` stays that.
    package let name: String
    let rules: ZoneRules

    /// The zone that needs no database.
    package static let utc = Zone(name: "UTC", rules: .utc)

    package var description: String { name }
}

// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import TimeZones

extension ZoneDatabase {
    /// What this machine has; each file is read once.
    package static let ofThisMachine = ZoneDatabase()
}

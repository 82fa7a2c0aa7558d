// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport

@testable import Scheduling
@testable import TimeZones

extension Schedule {
    /// A schedule in a zone of this machine.
    init(
        crons: [String],
        timeZone: String,
        skippedHour: SkippedHour = .runAfter,
        repeatedHour: RepeatedHour = .first
    ) throws {
        try self.init(
            crons: crons,
            zone: try ZoneDatabase.ofThisMachine.zone(timeZone),
            skippedHour: skippedHour,
            repeatedHour: repeatedHour
        )
    }
}
